"""The whole job on own compute while anything goes wrong at any request: client errors only, and one of each thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support import Clock, collect
from targets import ALL

from maas_client import MaasError, OnlineEndpoint
from maas_client.client import Resources
from maas_client.jobs.phase import JobPhase
from mock_server.server import Server
from tests.chaos.faults import FAULTS

SEEDS = 40 if ALL else 6
STRIKES = 16
TRIES, PAUSE = 20, 90.0
"""How often a call is made again after an error, and the seconds between."""

SIZE, MODEL = "Standard_NC24ads_A100_v4", "Phi-3-mini-4k-instruct"
OPERATIONS = [
    *("vm_sizes.list", "usages.list", "workspaces.get"),
    *(f"computes.{what}" for what in ("create", "get", "list", "scale", "delete", "list_nodes")),
    *("operations.status", "operations.result", "operations.compute_status"),
    *("registry.get_component", "registry.list_component_versions", "registry.list_versions"),
    *("jobs.create", "jobs.get", "jobs.list", "history.children", "history.details"),
    *("models.create", "models.get", "models.get_container", "models.list_versions"),
    *(f"online_endpoints.{what}" for what in ("put", "get", "list", "list_keys", "delete")),
    *(f"online_deployments.{what}" for what in ("put", "get", "list", "scale", "logs", "delete")),
    *("scoring.chat", "scoring.score", "monitor.online_endpoint", "monitor.online_deployment"),
]
EVERYWHERE = next(iter(FAULTS.values())).on
RULES = [fault for fault in FAULTS.values() if fault.on == EVERYWHERE]


async def until_done(clock: Clock, call: Callable[[], Awaitable[Any]]) -> Any:
    """Call again after every client error; any other error ends the test."""
    last = None
    for _ in range(TRIES):
        try:
            return await call()
        except MaasError as error:
            last = error
            clock.sleep(PAUSE)
    raise AssertionError("the faults are over by then") from last


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_random_faults_leave_one_of_each_and_no_costs(
    maas: Resources, maas_server: Server, rows: Path, clock: Clock, seed: int
) -> None:
    maas_server.set_quota({"gpu": 1000})
    chance = Random(seed)
    for fault in chance.choices(RULES, k=STRIKES):
        often = chance.randint(1, min(fault.often, 3))
        maas_server.fault(operation=chance.choice(OPERATIONS), skip=chance.randint(0, 3), count=often, **fault.rule)
    again = partial(until_done, clock)
    await again(maas.computes.sizes)
    await again(maas.computes.quota)
    await again(lambda: maas.computes.create("gpus", size=SIZE, max_nodes=2, replace_failed=True))
    await again(
        lambda: maas.jobs.create_pipeline(
            name="pipe-1", model=MODEL, training_data=rows, compute="gpus", inputs={"apply_lora": True}
        )
    )
    job = await again(lambda: maas.jobs.wait("pipe-1"))
    assert job.phase == JobPhase.DONE
    await again(lambda: collect(maas.jobs.children("pipe-1")))
    model = await again(lambda: maas.models.register("shop", job="pipe-1"))
    endpoint = await again(
        lambda: maas.endpoints.create(
            model=model.reference, name="own", instance_type=SIZE, instance_count=1, replace_failed=True
        )
    )
    assert isinstance(endpoint, OnlineEndpoint)
    await again(lambda: maas.endpoints.scale("own", instance_count=2))
    await again(lambda: maas.endpoints.logs("own"))
    await again(lambda: maas.chat.complete("own", "question 7"))
    await again(maas.costs.running)
    maas_server.faults_clear()
    assert [cluster.name async for cluster in maas.computes.list()] == ["gpus"]
    assert [job.name for job in await collect(maas.jobs.list(kind="pipeline"))] == ["pipe-1"]
    assert [version.reference for version in await collect(maas.models.list("shop"))] == ["shop:1"]
    [own] = await collect(maas.endpoints.list())
    assert isinstance(own, OnlineEndpoint)
    assert [(each.name, each.instance_count) for each in own.deployments] == [("main", 2)]
    for operation in ("computes.delete", "online_endpoints.delete", "operations.status"):
        fault = chance.choice(RULES)
        maas_server.fault(operation=operation, count=min(fault.often, 2), **fault.rule)
    await again(lambda: maas.endpoints.delete("own", missing_ok=True))
    await again(lambda: maas.computes.delete("gpus", missing_ok=True))
    maas_server.faults_clear()
    assert await maas.costs.running() == []
