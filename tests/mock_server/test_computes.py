"""Clusters as the service answers: created, replaced, scaled, refused, deleted; nodes on the clock."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mock_server.server import Server
from tests.mock_server.driver import A100, Azure, Json

REGION = "/subscriptions/sub/providers/Microsoft.MachineLearningServices/locations/eastus2"


@pytest.fixture
def azure(maas_server: Server) -> Iterator[Azure]:
    maas_server.set_quota({"gpu": 48})
    connected = Azure(maas_server)
    yield connected
    connected.close()


def body(size: str = A100, most: int = 2, **settings: Any) -> Json:  # Any: members of the service's document
    """Return the body of a cluster."""
    scale = {"minNodeCount": settings.pop("least", 0), "maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": "PT5M"}
    inner = {"vmSize": size, "scaleSettings": scale, "osType": "Linux", **settings}
    return {"location": "eastus2", "properties": {"computeType": "AmlCompute", "properties": inner}}


def inner(document: Json) -> Json:
    """Return the settings in a cluster's document."""
    found: Json = document["properties"]["properties"]
    return found


def error(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of an error."""
    return answer.status_code, answer.json()["error"]["code"]


def usage(azure: Azure, name: str) -> tuple[int, int]:
    """Return use and limit of the row with this name."""
    rows = azure.http.get(REGION + "/usages").json()["value"]
    return next((row["currentValue"], row["limit"]) for row in rows if row["name"]["value"] == name)


def test_a_cluster_is_created_and_found(azure: Azure) -> None:
    made = azure.put("/computes/gpu", body())
    assert (made.status_code, made.json()["properties"]["provisioningState"]) == (201, "Creating")
    azure.server.advance(60)
    assert azure.follow(made.headers["Azure-AsyncOperation"]).json()["status"] == "Succeeded"
    shown = azure.get("/computes/GPU").json()
    assert (shown["name"], shown["properties"]["provisioningState"]) == ("gpu", "Succeeded")
    assert inner(shown)["vmSize"] == "STANDARD_NC24ADS_A100_V4"
    assert [one["name"] for one in azure.get("/computes").json()["value"]] == ["gpu"]


def test_an_operations_address_has_to_be_sent_whole(azure: Azure) -> None:
    address = azure.put("/computes/gpu", body()).headers["Azure-AsyncOperation"]
    assert azure.follow(address.partition("&s=")[0]).status_code == 403


def test_the_same_body_again_makes_no_second_cluster(azure: Azure) -> None:
    assert [azure.put("/computes/gpu", body()).status_code for _ in range(2)] == [201, 200]
    assert len(azure.get("/computes").json()["value"]) == 1


def test_putting_a_cluster_replaces_everything(azure: Azure) -> None:
    azure.put("/computes/gpu", body(vmPriority="Lowpriority", least=1) | {"tags": {"a": "b"}})
    bare = {"computeType": "AmlCompute", "properties": {"vmSize": A100, "scaleSettings": {"maxNodeCount": 3}}}
    shown = azure.put("/computes/gpu", {"properties": bare}).json()
    scale = {"minNodeCount": 0, "maxNodeCount": 3, "nodeIdleTimeBeforeScaleDown": "PT2M"}
    assert (inner(shown)["scaleSettings"], inner(shown)["vmPriority"]) == (scale, "Dedicated")
    assert shown["tags"] == {}


def test_patching_a_cluster_changes_its_scale_alone(azure: Azure) -> None:
    azure.put("/computes/gpu", body() | {"tags": {"a": "b"}})
    change = {"properties": {"properties": {"scaleSettings": {"maxNodeCount": 5}}}}
    shown = azure.http.patch(azure.ws + "/computes/gpu", json=change).json()
    scale = {"minNodeCount": 0, "maxNodeCount": 5, "nodeIdleTimeBeforeScaleDown": "PT5M"}
    assert (inner(shown)["scaleSettings"], shown["tags"]) == (scale, {"a": "b"})


def test_a_size_cannot_be_changed(azure: Azure) -> None:
    azure.put("/computes/gpu", body())
    assert azure.put("/computes/gpu", body("Standard_NC48ads_A100_v4")).status_code == 400


@pytest.mark.parametrize("name", ["ab", "1gpu", "a_b", "a" * 25])
def test_a_name_of_another_form_is_refused(azure: Azure, name: str) -> None:
    assert azure.put(f"/computes/{name}", body()).status_code == 400


@pytest.mark.parametrize("size", ["Standard_NoSuch_v9", "Standard_NC24rs_v3", "Standard_NV72ads_A10_v5"])
def test_a_size_that_is_not_to_be_had_is_refused(azure: Azure, size: str) -> None:
    refused = azure.put("/computes/gpu", body(size))
    assert error(refused) == (400, "InvalidPropertyValue")
    assert "Cluster.Properties.VMSize" in refused.json()["error"]["message"]
    assert azure.get("/computes/gpu").status_code == 404


def test_a_quota_too_small_leaves_a_failed_record(azure: Azure) -> None:
    azure.server.set_quota({})
    refused = azure.put("/computes/gpu", body())
    assert error(refused) == (400, "ClusterMinNodesExceedCoreQuota")
    assert "24 vCPUs per node" in refused.json()["error"]["message"]
    azure.server.advance(60)
    shown = azure.get("/computes/gpu").json()["properties"]
    assert shown["provisioningState"] == "Failed"
    assert shown["provisioningErrors"][0]["error"]["code"] == "ClusterMinNodesExceedCoreQuota"


def test_a_failed_record_has_to_be_deleted_first(azure: Azure) -> None:
    azure.server.set_quota({})
    azure.put("/computes/gpu", body())
    azure.server.set_quota({"gpu": 48})
    assert azure.put("/computes/gpu", body()).status_code == 409
    azure.http.delete(azure.ws + "/computes/gpu", params={"underlyingResourceAction": "Delete"})
    azure.server.advance(60)
    assert azure.put("/computes/gpu", body()).status_code == 201


def test_low_priority_is_refused_in_the_document_alone(azure: Azure) -> None:
    made = azure.put("/computes/gpu", body("Standard_ND96isr_H100_v5", vmPriority="LowPriority"))
    azure.server.advance(60)
    shown = azure.get("/computes/gpu").json()
    assert (made.status_code, shown["properties"]["provisioningState"]) == (201, "Succeeded")
    assert [one["error"]["code"] for one in inner(shown)["errors"]] == ["UnsupportedVMSizeForLowPriority"]


def test_a_minimum_brings_nodes_that_count_and_idle(azure: Azure) -> None:
    azure.put("/computes/gpu", body(least=1))
    assert inner(azure.get("/computes/gpu").json())["allocationState"] == "Steady"
    nodes = azure.post("/computes/gpu/listNodes").json()["nodes"]
    assert [node["nodeState"] for node in nodes] == ["preparing"]
    azure.server.advance(60)
    shown = inner(azure.get("/computes/gpu").json())
    assert (shown["currentNodeCount"], shown["nodeStateCounts"]["idleNodeCount"]) == (1, 1)
    assert usage(azure, "Standard NCADSA100v4 Family Cluster Dedicated vCPUs") == (24, 48)


def test_a_minimum_beyond_the_quota_is_refused(azure: Azure) -> None:
    assert error(azure.put("/computes/gpu", body(most=3, least=3))) == (400, "ClusterMinNodesExceedCoreQuota")


def test_a_workspaces_own_quota_counts(azure: Azure) -> None:
    azure.get("/computes")
    row = next(row for row in azure.http.get(REGION + "/quotas").json()["value"] if "NCADSA100v4" in row["id"])
    answer = azure.http.post(REGION + "/updateQuotas", json={"value": [{**row, "limit": 0}, {**row, "limit": 49}]})
    assert [one["status"] for one in answer.json()["value"]] == ["Success", "InvalidQuotaExceedsSubscriptionLimit"]
    assert error(azure.put("/computes/gpu", body())) == (400, "ClusterMinNodesExceedCoreQuota")


@pytest.mark.parametrize("action", ["start", "stop", "restart"])
def test_a_cluster_cannot_be_stopped(azure: Azure, action: str) -> None:
    azure.put("/computes/gpu", body())
    assert azure.post(f"/computes/gpu/{action}").status_code == 400


def test_deleting_takes_a_while_and_needs_an_action(azure: Azure) -> None:
    azure.put("/computes/gpu", body(least=1))
    path, action = azure.ws + "/computes/gpu", {"underlyingResourceAction": "Delete"}
    assert azure.http.delete(path).status_code == 400
    assert azure.http.delete(path, params=action).status_code == 202
    assert azure.get("/computes/gpu").json()["properties"]["provisioningState"] == "Deleting"
    azure.server.advance(60)
    assert azure.get("/computes/gpu").status_code == 404
    assert azure.http.delete(path, params=action).status_code == 204
    assert usage(azure, "Standard NCADSA100v4 Family Cluster Dedicated vCPUs") == (0, 48)


def test_sizes_have_prices_gpus_and_uses(azure: Azure) -> None:
    sizes = {size["name"]: size for size in azure.http.get(REGION + "/vmSizes").json()["value"]}
    prices = {price["vmTier"]: price["retailPrice"] for price in sizes[A100]["estimatedVMPrices"]["values"]}
    assert prices["Standard"] > prices["LowPriority"] > 0
    assert (sizes[A100]["gpus"], sizes[A100]["supportedComputeTypes"]) == (1, ["AmlCompute", "ComputeInstance", "MIR"])
    assert "Standard_NC24rs_v3" not in sizes


def test_families_with_gpus_start_without_quota(azure: Azure) -> None:
    azure.server.set_quota({})
    assert usage(azure, "Standard NCADSA100v4 Family Cluster Dedicated vCPUs") == (0, 0)
    assert usage(azure, "Standard NCADSA100v4 Family Cluster LowPriority vCPUs") == (0, -1)
    assert usage(azure, "Total Cluster LowPriority Regional vCPUs") == (0, 100)
    assert usage(azure, "Standard ESv3 Family Cluster Dedicated vCPUs") == (0, 100)


def test_an_export_has_clusters_and_quota(azure: Azure) -> None:
    azure.put("/computes/gpu", body(least=1))
    azure.server.advance(60)
    before, exported = azure.get("/computes/gpu").json(), azure.http.get("/_mock/state").json()
    azure.server.reset()
    assert azure.http.post("/_mock/state", json=exported).status_code == 200
    assert azure.get("/computes/gpu").json() == before
    assert usage(azure, "Standard NCADSA100v4 Family Cluster Dedicated vCPUs") == (24, 48)


@pytest.mark.parametrize("quota", ["gpu", "gpu=x", {"gpu": -1}, {"gpu": True}, [1], {"": 1}])
def test_a_quota_that_is_none_is_rejected(azure: Azure, quota: object) -> None:
    answer = azure.http.post("/_mock/state", json={"settings": {"quota": quota}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MockMisuse")


def test_a_new_cluster_does_not_save_a_deleted_ones_job(azure: Azure) -> None:
    azure.put("/computes/gpu", body())
    azure.job(computeId="gpu")
    azure.server.advance(15)
    azure.http.delete(azure.ws + "/computes/gpu", params={"underlyingResourceAction": "Delete"})
    azure.server.advance(5)
    assert azure.put("/computes/gpu", body()).status_code == 201
    azure.server.advance(60)
    assert azure.status() == "Failed"
