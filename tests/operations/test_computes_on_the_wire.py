"""The user's own compute: sizes and quota, clusters that come and go, and every way in which one is refused."""

from __future__ import annotations

from typing import Any

import pytest
from support import Clock, collect

from maas_client import (
    BadRequest,
    ClusterFailed,
    ClusterState,
    Conflict,
    InvalidInput,
    NotFound,
    WaitTimeout,
)
from maas_client.client import Resources
from maas_client.computes.quota import quota_of
from mock_server.server import Server

A100, H100 = "Standard_NC24ads_A100_v4", "Standard_ND96isr_H100_v5"
FAMILY = "standardNCADSA100v4Family"


def sent(server: Server, operation: str) -> list[dict[str, Any]]:
    """The journal's entries for one operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


async def test_sizes_have_gpus_and_prices_cheapest_first(maas: Resources) -> None:
    sizes = await maas.computes.sizes()
    assert all(size.gpus for size in sizes)
    prices = [size.hourly_price for size in sizes if size.hourly_price is not None]
    assert prices == sorted(prices)
    a100 = next(size for size in sizes if size.name == A100)
    assert (a100.gpu, a100.gpu_memory_gib, a100.currency) == ("A100 PCIe", 80, "USD")
    assert a100.can_train
    assert a100.low_priority_price is not None


async def test_sizes_without_gpus_are_listed_when_asked_for(maas: Resources) -> None:
    assert "Standard_DS3_v2" in {size.name for size in await maas.computes.sizes(gpus_only=False)}


async def test_gpu_families_have_no_quota_unless_given_some(maas: Resources, maas_server: Server) -> None:
    before = quota_of(await maas.computes.quota(), FAMILY)
    assert before is not None
    assert (before.limit, before.left) == (0, 0)
    maas_server.set_quota({"gpu": 48})
    after = quota_of(await maas.computes.quota(), FAMILY)
    assert after is not None
    assert after.left == 48


async def test_a_cluster_is_created_with_no_nodes(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 48})
    cluster = await maas.computes.create("gpu", size=A100, max_nodes=2, tags={"team": "a"})
    assert cluster.is_ready
    assert (cluster.min_nodes, cluster.max_nodes, cluster.idle_seconds) == (0, 2, 120)
    assert (cluster.current_nodes, cluster.low_priority, cluster.tags) == (0, False, {"team": "a"})
    body = sent(maas_server, "computes.create")[0]["request_body"]
    assert body["properties"]["properties"]["vmPriority"] == "Dedicated"


async def test_low_priority_is_spelled_as_the_service_does(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 48})
    cluster = await maas.computes.create("cheap", size=A100, low_priority=True)
    assert cluster.low_priority
    body = sent(maas_server, "computes.create")[0]["request_body"]
    assert body["properties"]["properties"]["vmPriority"] == "LowPriority"


async def test_the_same_cluster_again_is_returned_as_it_is(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 48})
    first = await maas.computes.create("gpu", size=A100)
    again = await maas.computes.create("gpu", size=A100.upper())
    assert again.created_at == first.created_at
    assert len(sent(maas_server, "computes.create")) == 1


async def test_another_cluster_of_the_name_is_never_replaced(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 96})
    await maas.computes.create("gpu", size=A100)
    with pytest.raises(Conflict, match="max_nodes is 1 there and 3 here"):
        await maas.computes.create("gpu", size=A100, max_nodes=3)
    with pytest.raises(Conflict, match="low_priority is False there and True here"):
        await maas.computes.create("gpu", size=A100, low_priority=True)
    assert len(sent(maas_server, "computes.create")) == 1


async def test_scaling_keeps_everything_else(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 96})
    identity = "SystemAssigned"
    await maas.computes.create(
        "gpu", size=A100, idle_seconds=600, low_priority=True, identity=identity, tags={"a": "b"}
    )
    scaled = await maas.computes.scale("gpu", max_nodes=3)
    assert (scaled.min_nodes, scaled.max_nodes, scaled.idle_seconds) == (0, 3, 600)
    assert (scaled.low_priority, scaled.identity, scaled.tags) == (True, identity, {"a": "b"})
    assert [entry["method"] for entry in sent(maas_server, "computes.scale")] == ["PATCH"]


async def test_nodes_come_with_a_minimum_and_go_without(maas: Resources, maas_server: Server, clock: Clock) -> None:
    maas_server.set_quota({"gpu": 48})
    await maas.computes.create("gpu", size=A100, max_nodes=2, min_nodes=1, idle_seconds=60)
    clock.sleep(600)
    (node,) = await maas.computes.nodes("gpu")
    assert (node.state, node.job) == ("idle", "")
    assert (await maas.computes.get("gpu")).paid_nodes == 1
    await maas.computes.scale("gpu", min_nodes=0)
    clock.sleep(600)
    assert await maas.computes.nodes("gpu") == ()


async def test_clusters_are_listed_until_deleted(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 48})
    await maas.computes.create("gpu-1", size=A100)
    await maas.computes.create("gpu-2", size=A100)
    assert {cluster.name for cluster in await collect(maas.computes.list())} == {"gpu-1", "gpu-2"}
    await maas.computes.delete("gpu-1")
    assert {cluster.name for cluster in await collect(maas.computes.list())} == {"gpu-2"}
    with pytest.raises(NotFound, match="gpu-2"):
        await maas.computes.delete("gpu-1")
    await maas.computes.delete("gpu-1", missing_ok=True)


async def test_a_refused_cluster_is_reported_with_its_reason(maas: Resources, maas_server: Server) -> None:
    with pytest.raises(ClusterFailed, match="vCPU quota of 0") as refused:
        await maas.computes.create("gpu", size=A100)
    assert refused.value.code == "ClusterMinNodesExceedCoreQuota"
    assert refused.value.cluster.state == ClusterState.FAILED
    with pytest.raises(ClusterFailed, match="--replace-failed"):
        await maas.computes.create("gpu", size=A100)
    assert len(sent(maas_server, "computes.create")) == 1


async def test_a_failed_cluster_is_replaced_when_asked(maas: Resources, maas_server: Server) -> None:
    with pytest.raises(ClusterFailed):
        await maas.computes.create("gpu", size=A100)
    maas_server.set_quota({"gpu": 48})
    cluster = await maas.computes.create("gpu", size=A100, max_nodes=2, replace_failed=True)
    assert cluster.is_ready
    assert cluster.max_nodes == 2


async def test_nothing_that_works_is_ever_replaced(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 48})
    await maas.computes.create("gpu", size=A100)
    with pytest.raises(Conflict):
        await maas.computes.create("gpu", size=A100, max_nodes=2, replace_failed=True)
    assert sent(maas_server, "computes.delete") == []


async def test_a_refusal_behind_a_success_is_raised(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 960, "lowpriority": 960})
    with pytest.raises(ClusterFailed, match="not supported for low priority") as refused:
        await maas.computes.create("h100", size=H100, low_priority=True)
    assert refused.value.code == "UnsupportedVMSizeForLowPriority"
    assert refused.value.cluster.state == ClusterState.SUCCEEDED


async def test_an_unknown_size_is_refused_by_the_service(maas: Resources) -> None:
    with pytest.raises(BadRequest, match="VMSize"):
        await maas.computes.create("gpu", size="Standard_NC24rs_v3")


@pytest.mark.parametrize("name", ["ab", "1gpu", "gpu_1", "g" * 25, "gpu.1", ""])
async def test_a_name_that_no_cluster_can_have_is_not_sent(maas: Resources, maas_server: Server, name: str) -> None:
    with pytest.raises(InvalidInput, match="3 to 24"):
        await maas.computes.create(name, size=A100)
    assert maas_server.requests() == []


async def test_more_nodes_at_least_than_at_most_are_not_sent(maas: Resources, maas_server: Server) -> None:
    with pytest.raises(InvalidInput, match="min_nodes=3 is more than max_nodes=2"):
        await maas.computes.create("gpu", size=A100, min_nodes=3, max_nodes=2)
    with pytest.raises(InvalidInput, match="identity"):
        await maas.computes.create("gpu", size=A100, identity="somebody")
    assert maas_server.requests() == []


async def test_a_cluster_that_takes_long_can_be_waited_for(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 48})
    with pytest.raises(WaitTimeout, match=r"computes\.wait\('gpu'\)"):
        await maas.computes.create("gpu", size=A100, timeout=0.5)
    seen: list[str] = []
    cluster = await maas.computes.wait("gpu", on_update=lambda look: seen.append(look.state))
    assert cluster.is_ready
    assert seen[-1] == "Succeeded"


async def test_a_cluster_that_is_going_is_made_again(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 48})
    await maas.computes.create("gpu", size=A100)
    with pytest.raises(WaitTimeout):
        await maas.computes.delete("gpu", timeout=0.5)
    again = await maas.computes.create("gpu", size=A100, max_nodes=2)
    assert (again.is_ready, again.max_nodes) == (True, 2)


async def test_an_operation_that_is_forgotten_is_no_failure(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 48})
    maas_server.fault(operation="operations.compute_status", status=404)
    assert (await maas.computes.create("gpu", size=A100)).is_ready
