"""A canceller: calls, streams and uploads of one asynchronous client are canceled at random moments, under load.

Afterwards no connection is in use, a plain call is answered, and so it is in a process that was forked from this one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
import warnings
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from maas_client import AsyncMaasClient
from maas_client.errors import MaasError
from maas_client.wire import AsyncWire, no_tls
from mock_server.server import serve
from tests.attack.figures import Figures
from tests.mock_server.driver import Azure, rows

AT_ONCE = 40
"""Tasks of one round."""

LONGEST_PAUSE = 0.03
"""Seconds between the start of a task and its end at the most."""

PATIENCE = 60.0
"""Seconds in which a plain call is answered and the connections are no longer in use."""


@dataclass(frozen=True)
class Target:
    """A mock server with a job and an endpoint, and a file to upload there."""

    endpoint: str
    file: Path


@contextmanager
def target() -> Generator[Target]:
    """Run a mock server that has something to ask for."""
    with TemporaryDirectory() as folder, serve(clock="virtual") as server:
        with closing(Azure(server)) as azure:
            azure.tuned()
            azure.endpoint()
            server.advance(3600)
        file = Path(folder) / "train.jsonl"
        file.write_bytes(rows(20_000))
        yield Target(server.endpoint, file)


def client_of(place: Target) -> tuple[AsyncMaasClient, AsyncWire]:
    """Make a client, and the wire whose connections are counted."""
    wire = AsyncWire(verify=no_tls())
    maas = AsyncMaasClient(
        subscription_id="sub", resource_group="rg", workspace="ws", endpoint=place.endpoint, wire=wire
    )
    return maas, wire


def calls_of(maas: AsyncMaasClient, place: Target) -> Sequence[tuple[str, Callable[[], Awaitable[object]]]]:
    """Return what may be canceled."""

    async def listing() -> None:
        async for _ in maas.jobs.list():
            pass

    async def stream() -> None:
        async for _ in maas.chat.stream("ep", "Hello"):
            pass

    async def left_stream() -> None:
        async for _ in maas.chat.stream("ep", "Hello"):
            return

    return (
        ("plain calls", lambda: maas.jobs.get("job")),
        ("plain calls", lambda: maas.endpoints.keys("ep")),
        ("listings", listing),
        ("streams", stream),
        ("streams", stream),
        ("streams that were left", left_stream),
        ("uploads", lambda: maas.datasets.upload(place.file, check=False)),
    )


async def _canceled(dice: Random, call: Callable[[], Awaitable[object]], figures: Figures) -> BaseException | None:
    """Begin a call and cancel it after some turns of the loop or some time; return the error that it ended with."""
    task = asyncio.ensure_future(call())
    if dice.random() < 0.5:
        for _ in range(dice.randrange(60)):
            await asyncio.sleep(0)
    else:
        await asyncio.sleep(dice.uniform(0, LONGEST_PAUSE))
    for _ in range(dice.choice([1, 1, 2, 3])):
        task.cancel()
        await asyncio.sleep(0)
    try:
        await task
    except asyncio.CancelledError:
        figures.count("canceled")
        return None
    except Exception as error:  # whatever it is, it is looked at
        figures.count("ended with an error of ours")
        return error
    figures.count("ended before it was canceled")
    return None


async def _round(seed: int, maas: AsyncMaasClient, wire: AsyncWire, place: Target, figures: Figures) -> None:
    dice = Random(seed)
    calls = calls_of(maas, place)
    chosen = [dice.choice(calls) for _ in range(AT_ONCE)]
    for kind, _ in chosen:
        figures.count(kind)
    for error in await asyncio.gather(*(_canceled(Random(dice.random()), call, figures) for _, call in chosen)):
        if error is not None and not isinstance(error, MaasError):
            figures.fail(seed, f"{type(error).__name__}: {error}"[:300])
    with figures.timed("until no connection is in use"):
        end = time.monotonic() + PATIENCE
        while wire.busy and time.monotonic() < end:  # noqa: ASYNC110 -- block bodies travel on threads, which end after their task
            await asyncio.sleep(0.005)
    if wire.busy:
        figures.fail(seed, f"{wire.busy} connections are in use {PATIENCE:g} s after all was canceled")
    await _answered(seed, maas, figures)


async def _answered(seed: int, maas: AsyncMaasClient, figures: Figures) -> None:
    try:
        with figures.timed("plain call afterwards"):
            async with asyncio.timeout(PATIENCE):
                job = await maas.jobs.get("job")
    except Exception as error:  # whatever it is, it is a failure
        figures.fail(seed, f"a plain call failed: {type(error).__name__}: {error}"[:300])
        return
    if job.name != "job":
        figures.fail(seed, f"a plain call got another answer: {job.name!r}")


def forked(seed: int, maas: AsyncMaasClient, figures: Figures) -> None:
    """Make a plain call with the same client in a child and here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that other threads run here is what is tried
        child = os.fork()
    own = Figures("child")
    if child == 0:
        signal.alarm(int(PATIENCE) * 2)
        try:
            asyncio.run(_answered(seed, maas, own))
        finally:
            os._exit(1 if own.failures or not own.longest else 0)
    asyncio.run(_answered(seed, maas, figures))
    figures.count("forks")
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        figures.fail(seed, f"a plain call failed in a forked process (exit code {code})")


def attack(seeds: Sequence[int], figures: Figures) -> None:
    """Do the rounds that the seeds stand for with one client, each on a loop of its own, and fork after each tenth."""
    with target() as place:
        maas, wire = client_of(place)
        for seed in seeds:
            asyncio.run(_round(seed, maas, wire, place, figures))
            if seed % 10 == 0 and hasattr(os, "fork"):
                forked(seed, maas, figures)
        asyncio.run(maas.close())
