"""How each kind of thing that a verification makes is removed, and seen to be gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..core.errors import Conflict, MaasError, NotFound, NotOffered
from .cleanup import Made

if TYPE_CHECKING:
    from ..resources import Resources

ENDING = 1800.0
"""Seconds that a canceled job may take to end."""


class StillThere(MaasError):
    """Something was removed, as the service said, and is still there."""


def data_asset(maas: Resources, name: str) -> Made:
    """Return a data asset of a workspace: it is archived, for there is no other deletion."""

    async def remove() -> None:
        for found in [one async for one in maas.datasets.list(name)]:
            await maas.datasets.delete(found.name, found.version)
        await _expect_unlisted("data asset", name, maas.datasets.list(name))

    return Made("data asset", name, ("datasets", "delete", name, "--yes"), remove)


def file(maas: Resources, name: str) -> Made:
    """Return a file of a Foundry account."""

    async def remove() -> None:
        await maas.datasets.delete(name)
        await _expect_missing("file", name, maas.datasets.get(name))

    return Made("file", name, ("datasets", "delete", name, "--yes"), remove)


def job(maas: Resources, name: str) -> Made:
    """Return a job: it is canceled unless it has ended, then deleted with its results, or archived."""

    async def remove() -> None:
        found = await maas.jobs.get(name)
        if not found.phase.is_final:
            with suppress(Conflict):  # it has ended meanwhile
                await maas.jobs.cancel(name)
            async for _ in maas.jobs.watch(name, timeout=ENDING):
                pass
            found = await maas.jobs.get(name)
        for results in getattr(found, "result_files", ()):  # of Foundry, where they count towards the account's limit
            with suppress(NotFound):
                await maas.datasets.delete(results)
        try:
            await maas.jobs.delete(name)
        except NotOffered:
            await maas.jobs.archive(name)

    return Made("job", name, ("jobs", "cancel", name), remove)


def model(maas: Resources, name: str) -> Made:
    """Return a registered model: it is archived, for there is no other deletion."""

    async def remove() -> None:
        await maas.models.archive(name)
        await _expect_unlisted("model", name, maas.models.list(name))

    return Made("model", name, ("models", "registered", "archive", name), remove)


def endpoint(maas: Resources, name: str) -> Made:
    """Return an endpoint or deployment."""

    async def remove() -> None:
        await maas.endpoints.delete(name, missing_ok=True)
        await _expect_missing("endpoint", name, maas.endpoints.get(name))

    return Made("endpoint", name, ("endpoints", "delete", name, "--yes"), remove)


def cluster(maas: Resources, name: str) -> Made:
    """Return a cluster."""

    async def remove() -> None:
        await maas.computes.delete(name, missing_ok=True)
        await _expect_missing("cluster", name, maas.computes.get(name))

    return Made("cluster", name, ("computes", "delete", name, "--yes"), remove)


async def _expect_unlisted(kind: str, name: str, listing: AsyncIterator[object]) -> None:
    try:
        async for _ in listing:
            raise StillThere(f"{kind} {name!r} is still listed although it was archived")
    except NotFound:
        return


async def _expect_missing(kind: str, name: str, reading: Awaitable[object]) -> None:
    try:
        await reading
    except NotFound:
        return
    raise StillThere(f"{kind} {name!r} is still there although its deletion was accepted")
