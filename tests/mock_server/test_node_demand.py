"""Runs reserve a cluster's nodes: they wait for machines, for each other and for quota."""

from collections.abc import Iterator

import pytest

from mock_server.core.scope import Scope
from mock_server.resources import computes, node_demand, vm_quota, vm_sizes
from mock_server.resources.node_schedule import Scale
from mock_server.state.world import Options, World, open_world

SCOPE = Scope("sub", "rg", "ws")
PREPARE = 100.0 * computes.NODE_SHARE


@pytest.fixture
def world() -> Iterator[World]:
    """Return a world with a cluster of two machines of 24 cores, and quota for both."""
    opened = open_world(Options(clock="virtual", job_seconds=100.0, quota="gpu=48"))
    opened.remember(SCOPE)
    now = opened.now("ws")
    document = {
        "name": "gpu",
        "properties": {"vmSize": "Standard_NC24ads_A100_v4", "vmPriority": "Dedicated"},
        "created": now,
        "modified": now,
        "ready": now,
    }
    computes.save(opened, SCOPE.guid, "gpu", computes.with_scale(document, Scale(now, 0, 2, 60.0)))
    yield opened
    opened.close()


def reserve(world: World, run: str, nodes: int = 1, seconds: float | None = None) -> float | None:
    """Reserve nodes from now on, and return after how many seconds they are ready."""
    now = world.now("ws")
    ready = node_demand.reserve(world, SCOPE.guid, "gpu", run=run, nodes=nodes, at=now, seconds=seconds)
    return None if ready is None else ready - now


def test_a_run_gets_nodes_once_they_are_prepared(world: World) -> None:
    assert reserve(world, "job") == PREPARE


def test_a_run_waits_for_one_that_ends(world: World) -> None:
    reserve(world, "first", 2, 30.0)
    assert reserve(world, "second", 2) == PREPARE + 30.0


def test_a_run_waits_without_prospect_for_one_without_end(world: World) -> None:
    now = world.now("ws")
    reserve(world, "first", 2)
    assert reserve(world, "second") is None
    node_demand.release(world, SCOPE.guid, "gpu", run="first", at=now + 70.0)
    assert node_demand.ready_at(world, SCOPE.guid, "gpu", run="second", now=now) == now + 70.0


def test_a_run_on_no_cluster_has_no_prospect(world: World) -> None:
    now = world.now("ws")
    assert node_demand.reserve(world, SCOPE.guid, "other", run="job", nodes=1, at=now) is None


def test_a_quota_holds_a_run_up_until_it_is_raised(world: World) -> None:
    size = vm_sizes.SIZES[0]
    vm_quota.occupy(world, SCOPE, "endpoint", family=size.family, cores=48)
    assert reserve(world, "job") is None
    world.clocks.move(advance=500.0)
    now = world.now("ws")
    vm_quota.vacate(world, SCOPE, "endpoint", at=now)
    assert node_demand.ready_at(world, SCOPE.guid, "gpu", run="job", now=now) == now + PREPARE


def test_nodes_that_wait_count_against_the_quota(world: World) -> None:
    reserve(world, "job", 2)
    assert vm_quota.left(world, SCOPE, vm_sizes.SIZES[0]) == 0
