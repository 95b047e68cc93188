"""The whole job of Foundry while anything goes wrong at any request: client errors only, one file and one job."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support import Clock
from targets import ALL

from maas_client import MaasError
from maas_client.datasets.resource import AsyncDatasets
from maas_client.jobs.phase import JobPhase
from maas_client.jobs.resource import AsyncJobs
from mock_server.server import Server
from tests.chaos.faults import FAULTS

SEEDS = 200 if ALL else 8
OPERATIONS = [
    *(f"foundry.files.{what}" for what in ("create", "list", "get", "content")),
    *(f"foundry.jobs.{what}" for what in ("create", "list", "get", "events")),
    "foundry.checkpoints.list",
]
STRIKES = 12
TRIES, PAUSE = 20, 90.0
"""How often a call is made again after an error, and the seconds between."""

RULES = [fault for fault in FAULTS.values() if fault.on == next(iter(FAULTS.values())).on]


async def collected(items: AsyncIterator[object]) -> list[object]:
    return [item async for item in items]


async def until_done(clock: Clock, call: Callable[[], Awaitable[Any]]) -> Any:
    """Call again after every client error; any other error ends the test."""
    for _ in range(TRIES):
        try:
            return await call()
        except MaasError:
            clock.sleep(PAUSE)
    raise AssertionError("the faults are over by then")


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_random_faults_leave_one_file_and_one_job(
    jobs: AsyncJobs, files: AsyncDatasets, maas_server: Server, rows: Path, clock: Clock, seed: int
) -> None:
    chance = Random(seed)
    for fault in chance.choices(RULES, k=STRIKES):
        often = chance.randint(1, min(fault.often, 3))
        maas_server.fault(operation=chance.choice(OPERATIONS), skip=chance.randint(0, 3), count=often, **fault.rule)
    data = await until_done(clock, lambda: files.upload(rows))
    job = await until_done(clock, lambda: jobs.create(name="ft-1", model="gpt-4.1-mini", training_data=data))
    job = await until_done(clock, lambda: jobs.wait("ft-1"))
    assert job.phase == JobPhase.DONE
    await until_done(clock, lambda: jobs.metrics("ft-1"))
    await until_done(clock, lambda: jobs.details("ft-1"))
    await until_done(clock, lambda: collected(jobs.events("ft-1")))
    await until_done(clock, lambda: collected(jobs.checkpoints("ft-1")))
    maas_server.faults_clear()
    assert [each.name async for each in jobs.list()] == ["ft-1"]
    assert len([each async for each in files.list()]) == 1
    assert len((await jobs.metrics("ft-1"))["loss"]) > 1
