"""azure-ai-ml: sizes, usages, and a cluster from its creation to its deletion."""

from typing import Any

import pytest
from azure.ai.ml.entities import AmlCompute, IdentityConfiguration
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.judges.sdk import Microsoft

A100 = "Standard_NC24ads_A100_v4"


def create(microsoft: Microsoft, name: str = "gpu", size: str = A100, **settings: Any) -> Any:  # Any: see sdk.py
    """Create a cluster and wait for it."""
    return microsoft.ml.compute.begin_create_or_update(AmlCompute(name=name, size=size, **settings)).result()


@pytest.fixture
def microsoft_with_quota(microsoft: Microsoft) -> Microsoft:
    """Give the SDK's clients a subscription with quota for two machines."""
    microsoft.server.set_quota({"gpu": 48})
    return microsoft


def test_sizes_are_listed_and_filtered_by_type(microsoft: Microsoft) -> None:
    sizes: Any = microsoft.ml.compute.list_sizes(location="eastus2")
    found = {size.name: size for size in sizes}
    assert (found[A100].gpus, found[A100].family) == (1, "StandardNCADSA100v4Family")
    trains = {size.name for size in microsoft.ml.compute.list_sizes(location="eastus2", compute_type="AmlCompute")}
    assert {A100, "Standard_ND40rs_v2"} < trains < set(found)


def test_usages_have_the_limit_of_each_family(microsoft_with_quota: Microsoft) -> None:
    usages = list(microsoft_with_quota.ml.compute.list_usage(location="eastus2"))
    limits = {str(usage.name["value"]): usage.limit for usage in usages}
    assert limits["Standard NCADSA100v4 Family Cluster Dedicated vCPUs"] == 48
    assert limits["Standard NCADSA100v4 Family Cluster LowPriority vCPUs"] == -1


def test_a_cluster_comes_back_with_what_it_was_given(microsoft_with_quota: Microsoft) -> None:
    given: dict[str, Any] = {
        "min_instances": 0,
        "max_instances": 2,
        "idle_time_before_scale_down": 300,
        "tags": {"a": "b"},
    }
    identity = IdentityConfiguration(type="system_assigned")
    made = create(microsoft_with_quota, tier="dedicated", identity=identity, **given)
    found = microsoft_with_quota.ml.compute.get("gpu")
    for cluster in (made, found):
        assert (cluster.name, cluster.type, cluster.provisioning_state) == ("gpu", "amlcompute", "Succeeded")
        assert (cluster.min_instances, cluster.max_instances, cluster.tier) == (0, 2, "dedicated")
        assert (float(cluster.idle_time_before_scale_down), cluster.tags) == (300.0, {"a": "b"})
        assert (cluster.size, cluster.identity.type) == (A100.upper(), "system_assigned")
    assert [cluster.name for cluster in microsoft_with_quota.ml.compute.list()] == ["gpu"]


def test_the_notebooks_spelling_of_low_priority_is_read(microsoft_with_quota: Microsoft) -> None:
    cluster = create(microsoft_with_quota, tier="LowPriority")
    assert cluster.tier == "low_priority"


def test_an_update_by_the_sdk_resets_the_rest(microsoft_with_quota: Microsoft) -> None:
    create(microsoft_with_quota, min_instances=1, max_instances=2, tags={"a": "b"})
    changed = AmlCompute(name="gpu", size=A100, max_instances=3)
    cluster = microsoft_with_quota.ml.compute.begin_update(changed).result()
    assert (cluster.min_instances, cluster.max_instances, cluster.tags) == (0, 3, None)


def test_nodes_are_listed(microsoft_with_quota: Microsoft) -> None:
    create(microsoft_with_quota, min_instances=1)
    microsoft_with_quota.server.advance(60)
    assert len(list(microsoft_with_quota.ml.compute.list_nodes("gpu"))) == 1


def test_a_cluster_without_quota_is_refused_with_the_numbers(microsoft: Microsoft) -> None:
    with pytest.raises(HttpResponseError) as caught:
        create(microsoft)
    assert caught.value.error is not None
    assert caught.value.error.code == "ClusterMinNodesExceedCoreQuota"
    assert "vCPU quota of 0" in str(caught.value.error.message)
    assert microsoft.ml.compute.get("gpu").provisioning_state == "Failed"


def test_a_size_without_low_priority_looks_well_to_the_sdk(microsoft_with_quota: Microsoft) -> None:
    cluster = create(microsoft_with_quota, size="Standard_ND96isr_H100_v5", tier="low_priority")
    assert cluster.provisioning_state == "Succeeded"


@pytest.mark.parametrize("size", ["Standard_NoSuch_v9", "Standard_NC24rs_v3"])
def test_a_size_that_is_not_to_be_had_is_refused(microsoft_with_quota: Microsoft, size: str) -> None:
    with pytest.raises(HttpResponseError, match=r"Cluster\.Properties\.VMSize"):
        create(microsoft_with_quota, size=size)


@pytest.mark.parametrize("action", ["begin_start", "begin_stop", "begin_restart"])
def test_a_cluster_cannot_be_stopped(microsoft_with_quota: Microsoft, action: str) -> None:
    create(microsoft_with_quota)
    with pytest.raises(HttpResponseError, match="does not support the action"):
        getattr(microsoft_with_quota.ml.compute, action)("gpu")


@pytest.mark.parametrize("action", ["Delete", "Detach"])
def test_a_deleted_cluster_is_gone_when_the_poller_is_done(microsoft_with_quota: Microsoft, action: str) -> None:
    create(microsoft_with_quota)
    microsoft_with_quota.ml.compute.begin_delete("gpu", action=action).result()
    with pytest.raises(ResourceNotFoundError):
        microsoft_with_quota.ml.compute.get("gpu")


def test_a_creation_that_fails_later_raises(microsoft_with_quota: Microsoft) -> None:
    microsoft_with_quota.server.fault(compute="fail", reason="no luck")
    with pytest.raises(HttpResponseError):
        create(microsoft_with_quota)
    assert microsoft_with_quota.ml.compute.get("gpu").provisioning_state == "Failed"
