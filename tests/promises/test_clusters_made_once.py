"""Promise 16, of clusters: whatever is lost on the way, one is made, scaled and deleted, and none is replaced."""

from __future__ import annotations

from typing import Any

import pytest
from support import collect

from maas_client import ClusterFailed
from maas_client.client import Resources
from mock_server.server import Server
from tests.promises.test_made_once import BODILESS, LOST, sent, worked

SIZE = "Standard_NC24ads_A100_v4"


@pytest.fixture(autouse=True)
def quota(maas_server: Server) -> None:
    """Give quota for two machines."""
    maas_server.set_quota({"gpu": 48})


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_reply_makes_exactly_one_cluster(
    maas: Resources, maas_server: Server, lost: dict[str, Any]
) -> None:
    maas_server.fault(operation="computes.create", **lost)
    cluster = await maas.computes.create("gpu", size=SIZE)
    assert [listed.name for listed in await collect(maas.computes.list())] == [cluster.name]
    assert worked(maas_server, "computes.create") == [201]
    assert maas_server.verdict()["verdict"] == "clean"


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_an_error_of_a_gateway_makes_exactly_one_cluster(
    maas: Resources, maas_server: Server, status: int
) -> None:
    maas_server.fault(operation="computes.create", status=status)
    await maas.computes.create("gpu", size=SIZE)
    assert len(await collect(maas.computes.list())) == 1
    assert worked(maas_server, "computes.create") == [201]


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_reply_scales_a_cluster_once(maas: Resources, maas_server: Server, lost: dict[str, Any]) -> None:
    await maas.computes.create("gpu", size=SIZE, low_priority=True)
    maas_server.fault(operation="computes.scale", **lost)
    assert (await maas.computes.scale("gpu", max_nodes=2)).max_nodes == 2
    assert (await maas.computes.get("gpu")).low_priority


@pytest.mark.parametrize("lost", BODILESS)
async def test_a_lost_reply_deletes_a_cluster(maas: Resources, maas_server: Server, lost: dict[str, Any]) -> None:
    await maas.computes.create("gpu", size=SIZE)
    maas_server.fault(operation="computes.delete", **lost)
    await maas.computes.delete("gpu")
    assert await collect(maas.computes.list()) == []


@pytest.mark.parametrize("lost", LOST)
async def test_a_lost_refusal_is_reported_anyway(maas: Resources, maas_server: Server, lost: dict[str, Any]) -> None:
    maas_server.set_quota({"gpu": 0})
    maas_server.fault(operation="computes.create", **lost)
    with pytest.raises(ClusterFailed, match="vCPU quota of 0"):
        await maas.computes.create("gpu", size=SIZE)


async def test_polls_that_fail_end_no_wait_for_a_cluster(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="operations.compute_status", status=503, count=3)
    maas_server.fault(operation="computes.get", status=500, count=1)
    assert (await maas.computes.create("gpu", size=SIZE)).is_ready
    assert len(sent(maas_server, "computes.create")) == 1
