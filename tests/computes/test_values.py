"""Sizes, quotas, clusters and nodes as values: what the service says, and what only the table knows."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client.computes.cluster import Cluster, ClusterNode, ClusterState, is_cluster
from maas_client.computes.compute_size import ComputeSize
from maas_client.computes.quota import quota_of, quotas_in, total_of

TODAY = date(2026, 8, 1)
ANYTHING = st.sampled_from(
    ["null", "true", "-1", "7", "1.5", '""', '"x"', "[]", '["x"]', "[{}]", "{}", '{"nodes": null}']
).map(json.loads)
"""What a document may have where something else is expected."""


def size_document(**changes: Any) -> dict[str, Any]:
    prices = [
        {"retailPrice": 3.67, "osType": "Linux", "vmTier": "Standard"},
        {"retailPrice": 5.5, "osType": "Windows", "vmTier": "Standard"},
        {"retailPrice": 0.73, "osType": "Linux", "vmTier": "LowPriority"},
        {"retailPrice": 0.5, "osType": "Linux", "vmTier": "Spot"},
    ]
    return {
        "name": "Standard_NC24ads_A100_v4",
        "family": "StandardNCADSA100v4Family",
        "vCPUs": 24,
        "gpus": 1,
        "memoryGB": 220.0,
        "lowPriorityCapable": True,
        "estimatedVMPrices": {"billingCurrency": "USD", "unitOfMeasure": "OneHour", "values": prices},
        "supportedComputeTypes": ["AmlCompute", "ComputeInstance", "MIR"],
        **changes,
    }


def test_a_price_beyond_all_measure_is_none() -> None:
    prices = [{"retailPrice": 10**400, "osType": "Linux", "vmTier": "Standard"}]
    size = ComputeSize.of(size_document(memoryGB=float("inf"), estimatedVMPrices={"values": prices}), TODAY)
    assert (size.hourly_price, size.memory_gib) == (None, 0.0)


def test_a_number_of_nodes_beyond_all_measure_is_none() -> None:
    assert Cluster.read({"properties": {"properties": {"currentNodeCount": 10**400}}}).paid_nodes == 0


def usage(kind: str, name: str, used: int, limit: int, *, place: str = "") -> dict[str, Any]:
    return {
        "id": f"/subscriptions/s{place}/usages/{name.replace(' ', '_')}",
        "type": f"Microsoft.MachineLearningServices/{kind}/usages",
        "currentValue": used,
        "limit": limit,
        "unit": "Count",
        "name": {"value": name, "localizedValue": name},
    }


USAGES = [
    usage("totalCores", "Clusters", 7, 100),
    usage("dedicatedCores", "Total Cluster Dedicated Regional vCPUs", 30, 300),
    usage("vmFamily", "Standard NCADSA100v4 Family Cluster Dedicated vCPUs", 24, 48),
    usage("vmFamily", "Standard DSv2 Family Cluster Dedicated vCPUs", 6, 24),
    usage("workspaces", "Standard NCADSA100v4 Family Cluster Dedicated vCPUs", 24, 48, place="/workspaces/w"),
    usage("workspace/computes", "Standard NCADSA100v4 Family Cluster Dedicated vCPUs", 0, 48),
    usage("lowPriorityCores", "Total Cluster LowPriority Regional vCPUs", 10, 100),
    usage("vmFamily", "Standard NCADSA100v4 Family Cluster LowPriority vCPUs", 10, -1),
]


def test_a_size_has_its_prices_for_linux() -> None:
    size = ComputeSize.of(size_document(), TODAY)
    assert (size.hourly_price, size.low_priority_price, size.currency) == (3.67, 0.73, "USD")
    assert size.price() == 3.67
    assert size.price(low_priority=True) == 0.73


def test_a_size_knows_its_gpus_from_the_table() -> None:
    size = ComputeSize.of(size_document(name="STANDARD_NC96ADS_A100_V4", gpus=4), TODAY)
    assert (size.gpus, size.gpu, size.gpu_memory_gib) == (4, "A100 PCIe", 80)
    assert not size.endpoint_reserve


def test_a_size_that_no_table_has_keeps_what_is_known() -> None:
    size = ComputeSize.of({"name": "Standard_NC1_X", "gpus": 2}, TODAY)
    assert (size.gpus, size.gpu, size.gpu_memory_gib, size.hourly_price) == (2, "", None, None)
    assert (size.can_train, size.can_serve) == (None, None)
    assert size.endpoint_reserve


def test_a_size_says_whether_it_trains_or_only_serves() -> None:
    only_serving = ComputeSize.of(size_document(supportedComputeTypes=["MIR"]), TODAY)
    assert (only_serving.can_train, only_serving.can_serve) == (False, True)
    unknown = ComputeSize.of(size_document(supportedComputeTypes=None), TODAY)
    assert (unknown.can_train, unknown.can_serve) == (None, None)


@pytest.mark.parametrize(("today", "retired"), [(date(2025, 9, 29), False), (date(2025, 9, 30), True)])
def test_a_size_retires_on_its_day(today: date, retired: bool) -> None:
    size = ComputeSize.of(size_document(name="Standard_NC24rs_v3"), today)
    assert size.retired == date(2025, 9, 30)
    assert size.is_retired is retired


def test_prices_of_another_unit_are_no_hourly_prices() -> None:
    monthly = size_document()
    monthly["estimatedVMPrices"]["unitOfMeasure"] = "OneMonth"
    assert ComputeSize.of(monthly, TODAY).hourly_price is None


@given(st.dictionaries(st.sampled_from([*size_document()]), ANYTHING))
def test_any_document_of_a_size_can_be_read(changes: dict[str, Any]) -> None:
    size = ComputeSize.of(size_document(**changes), TODAY)
    assert isinstance(size.to_dict(), dict)


def test_quotas_are_those_of_the_region_and_not_its_parts() -> None:
    quotas = quotas_in(USAGES)
    assert len(quotas) == 6
    family = quota_of(quotas, "StandardNCADSA100v4Family")
    assert family is not None
    assert (family.used, family.limit, family.left, family.low_priority) == (24, 48, 24, False)
    assert family.family == "Standard NCADSA100v4 Family"
    assert family.has_gpus
    assert total_of(quotas) == quotas[1]


def test_low_priority_has_one_quota_for_all_families() -> None:
    quotas = quotas_in(USAGES)
    shared = quota_of(quotas, "StandardNCADSA100v4Family", low_priority=True)
    assert shared is not None
    assert (shared.family, shared.limit, shared.left) == ("", 100, 90)


def test_a_limit_of_minus_one_is_not_unlimited() -> None:
    of_family = quotas_in(USAGES)[-1]
    assert of_family.low_priority
    assert (of_family.limit, of_family.left) == (None, None)
    assert "no limit of its own" in str(of_family)


def test_a_family_without_a_row_has_no_quota() -> None:
    assert quota_of(quotas_in(USAGES), "standardNCSv3Family") is None
    assert quota_of((), "standardNCSv3Family", low_priority=True) is None


def cluster_document(**changes: Any) -> dict[str, Any]:
    inner: dict[str, Any] = {
        "vmSize": "STANDARD_NC24ADS_A100_V4",
        "vmPriority": "Lowpriority",
        "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT300S"},
        "allocationState": "Steady",
        "currentNodeCount": 1,
        "targetNodeCount": 1,
        "nodeStateCounts": {"idleNodeCount": 0, "runningNodeCount": 1, "preemptedNodeCount": 0},
        "errors": [],
        **changes.pop("inner", {}),
    }
    properties: dict[str, Any] = {
        "computeType": "AmlCompute",
        "provisioningState": "Succeeded",
        "properties": inner,
        **changes,
    }
    return {"name": "gpu", "location": "eastus2", "properties": properties}


def test_a_cluster_is_read_by_value() -> None:
    cluster = Cluster.read(cluster_document())
    assert cluster.low_priority
    assert cluster.idle_seconds == 300
    assert cluster.nodes == {"idle": 0, "running": 1, "preempted": 0}
    assert (cluster.busy_nodes, cluster.paid_nodes) == (1, 1)
    assert cluster.is_ready
    assert str(cluster) == "cluster gpu: Succeeded"


REFUSED = [{"error": {"code": "UnsupportedVMSizeForLowPriority", "message": "not in low priority"}}]


def test_a_refusal_behind_a_success_makes_a_failed_cluster() -> None:
    cluster = Cluster.read(cluster_document(inner={"errors": REFUSED, "currentNodeCount": 0}))
    assert cluster.state == ClusterState.SUCCEEDED
    assert cluster.is_failed
    assert not cluster.is_ready
    assert [str(each) for each in cluster.errors] == ["UnsupportedVMSizeForLowPriority: not in low priority"]


def test_a_lack_of_machines_is_no_refusal() -> None:
    lacking = [{"error": {"code": "OutOfCapacity", "message": "no machines"}}]
    cluster = Cluster.read(cluster_document(inner={"errors": lacking, "currentNodeCount": 0}))
    assert cluster.errors
    assert not cluster.is_failed


def test_errors_of_provisioning_are_reported_once() -> None:
    cluster = Cluster.read(
        cluster_document(provisioningState="Failed", provisioningErrors=REFUSED, inner={"errors": REFUSED})
    )
    assert len(cluster.errors) == 1
    assert cluster.to_dict()["errors"] == [{"code": REFUSED[0]["error"]["code"], "message": "not in low priority"}]
    assert cluster.is_failed


def test_a_compute_instance_is_no_cluster() -> None:
    assert is_cluster(cluster_document())
    assert not is_cluster(cluster_document(computeType="ComputeInstance"))


def test_a_node_names_its_job() -> None:
    node = ClusterNode.read({"nodeId": "tvm-1", "nodeState": "running", "runId": "ft-1", "port": 50000})
    assert (node.id, node.state, node.job) == ("tvm-1", "running", "ft-1")


@given(st.dictionaries(st.sampled_from([*cluster_document()["properties"]]), ANYTHING))
def test_any_document_of_a_cluster_can_be_read(changes: dict[str, Any]) -> None:
    cluster = Cluster.read({"name": "c", "properties": {**cluster_document()["properties"], **changes}})
    assert isinstance(cluster.to_dict(), dict)
