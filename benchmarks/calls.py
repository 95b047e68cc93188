"""One `jobs.get` against bare httpx on the same route of the mock server, blocking and on an event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from benchmarks import workspace
from benchmarks.harness import Plan, Row, interleave, interleave_async
from benchmarks.processes import Running
from maas_client import AsyncMaasClient

# Behind the client's import on purpose: its wire decides how httpx is imported.
import httpx  # isort: skip

NAME = "bench-0"
CALLS_PER_ROUND = 40


def rows(plan: Plan, running: Running) -> Iterator[Row]:
    """Measure calls over connections that are open already."""
    plan = replace(plan, rounds=plan.rounds * CALLS_PER_ROUND)
    (ours, peer), rounds = _blocking(plan, running)
    yield Row(what="jobs.get", ours=ours, peer=peer, peer_is="httpx.Client.get(…).json()", target=1.6, rounds=rounds)
    (ours, peer), rounds = asyncio.run(_on_a_loop(plan, running))
    yield Row(what="await jobs.get", ours=ours, peer=peer, peer_is="httpx.AsyncClient.get(…).json()", rounds=rounds)


def _blocking(plan: Plan, running: Running) -> tuple[list[float], int]:
    with workspace.client(running) as maas, httpx.Client(headers={"Authorization": "Bearer local"}) as bare:
        url = _url(maas.settings.endpoint + maas.settings.resource_path)

        def theirs() -> Any:
            return bare.get(url).raise_for_status().json()

        _warm_up(lambda: maas.jobs.get(NAME), theirs)
        return interleave(plan, lambda: _milliseconds(lambda: maas.jobs.get(NAME)), lambda: _milliseconds(theirs))


async def _on_a_loop(plan: Plan, running: Running) -> tuple[list[float], int]:
    async with (
        AsyncMaasClient(
            subscription_id=workspace.SUBSCRIPTION,
            resource_group=workspace.GROUP,
            workspace=workspace.WORKSPACE,
            endpoint=running.endpoint,
        ) as maas,
        httpx.AsyncClient(headers={"Authorization": "Bearer local"}) as bare,
    ):
        url = _url(maas.settings.endpoint + maas.settings.resource_path)

        async def ours() -> float:
            began = time.perf_counter()
            await maas.jobs.get(NAME)
            return (time.perf_counter() - began) * 1000

        async def theirs() -> float:
            began = time.perf_counter()
            (await bare.get(url)).raise_for_status().json()
            return (time.perf_counter() - began) * 1000

        await interleave_async(replace(plan, rounds=20), ours, theirs)
        return await interleave_async(plan, ours, theirs)


def _url(workspace_url: str) -> str:
    return f"{workspace_url}/jobs/{NAME}?api-version=2024-10-01-preview"


def _warm_up(*calls: Callable[[], object]) -> None:
    for _ in range(20):
        for call in calls:
            call()


def _milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
