"""Fine-tuning jobs on the user's own machines: they wait for nodes, lose them, and go on from a checkpoint."""

from collections.abc import Iterator

import pytest

from mock_server.server import Server
from tests.mock_server.driver import A100, Azure, Json, rows


@pytest.fixture
def azure(maas_server: Server) -> Iterator[Azure]:
    maas_server.set_quota({"gpu": 48})
    connected = Azure(maas_server)
    yield connected
    connected.close()


def nodes(azure: Azure) -> list[tuple[str, str | None]]:
    """Return state and run of each node."""
    shown = azure.post("/computes/gpu/listNodes").json()["nodes"]
    return [(node["nodeState"], node["runId"]) for node in shown]


def failure(azure: Azure, name: str = "job") -> tuple[str, str]:
    """Return code and message of a job's failure."""
    error: Json = azure.http.get(f"/history/v1.0{azure.ws}/runs/{name}/details").json()["error"]["error"]
    return error["code"], error["message"]


def steps(azure: Azure, name: str = "job") -> list[int]:
    """Return the steps of a job's training loss."""
    query = {"metricName": "loss"}
    path = f"/metric/v2.0{azure.ws}/runs/{name}/full"
    return [point["step"] for point in azure.http.post(path, json=query).json()["value"]]


def test_a_job_on_a_cluster_has_its_node_while_it_runs(azure: Azure) -> None:
    azure.cluster()
    assert azure.job(computeId="gpu").status_code == 201
    azure.server.advance(4)
    assert (azure.status(), nodes(azure)) == ("Queued", [("preparing", "job")])
    azure.server.advance(10)
    assert (azure.status(), nodes(azure)) == ("Running", [("running", "job")])
    azure.server.advance(60)
    assert (azure.status(), nodes(azure)) == ("Completed", [("idle", None)])
    azure.server.advance(600)
    assert nodes(azure) == []


def test_a_job_names_its_cluster_by_the_resource_id_too(azure: Azure) -> None:
    azure.cluster()
    assert azure.job(computeId=f"{azure.ws}/computes/gpu").status_code == 201


@pytest.mark.parametrize("name", ["absent", "/subscriptions/s/resourceGroups/r/providers/p/workspaces/w/computes/gpu"])
def test_a_job_on_an_unknown_cluster_is_refused(azure: Azure, name: str) -> None:
    azure.cluster()
    refused = azure.job(computeId=name)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "UserError")
    assert "was not found in workspace ws" in refused.json()["error"]["message"]


def test_a_second_job_waits_for_the_only_node(azure: Azure) -> None:
    azure.cluster()
    azure.job("first", computeId="gpu")
    azure.put("/jobs/second", azure.job_body("train:1", computeId="gpu"))
    azure.server.advance(25)
    assert (azure.status("first"), azure.status("second")) == ("Running", "Queued")
    azure.server.advance(20)
    assert (azure.status("first"), azure.status("second")) == ("Completed", "Running")


def test_canceling_the_first_job_lets_the_second_begin(azure: Azure) -> None:
    azure.cluster()
    azure.job("first", computeId="gpu")
    azure.put("/jobs/second", azure.job_body("train:1", computeId="gpu"))
    azure.server.advance(15)
    azure.post("/jobs/first/cancel")
    azure.server.advance(2)
    assert (azure.status("first"), azure.status("second")) == ("Canceled", "Running")


def test_a_job_without_quota_waits_until_there_is_some(azure: Azure) -> None:
    azure.cluster("other", most=2)
    azure.cluster()
    other = {"properties": {"properties": {"scaleSettings": {"minNodeCount": 2, "maxNodeCount": 2}}}}
    assert azure.http.patch(azure.ws + "/computes/other", json=other).status_code == 200
    azure.job(computeId="gpu")
    azure.server.advance(3600)
    assert azure.status() == "Queued"
    errors = azure.get("/computes/gpu").json()["properties"]["properties"]["errors"]
    assert [one["error"]["code"] for one in errors] == ["ClusterCoreQuotaReached"]
    azure.server.set_quota({"gpu": 96})
    assert azure.status() == "Queued"
    azure.server.advance(3600)
    assert azure.status() == "Completed"


def test_a_job_waits_as_long_as_there_are_no_machines(azure: Azure) -> None:
    azure.server.fault(compute="no_capacity", seconds=3600)
    azure.cluster()
    azure.job(computeId="gpu")
    azure.server.advance(1800)
    inner = azure.get("/computes/gpu").json()["properties"]["properties"]
    assert (azure.status(), inner["currentNodeCount"], inner["targetNodeCount"]) == ("Queued", 0, 1)
    assert [one["error"]["code"] for one in inner["errors"]] == ["AllocationFailed"]
    azure.server.advance(3600)
    assert azure.status() == "Completed"


def test_a_job_on_a_failed_cluster_fails(azure: Azure) -> None:
    azure.server.fault(compute="fail", reason="no luck")
    azure.cluster()
    azure.job(computeId="gpu")
    azure.server.advance(60)
    assert azure.status() == "Failed"
    assert "is in failed state and thus not ready for runs: no luck" in failure(azure)[1]


def test_a_cluster_can_fail_after_it_was_accepted(azure: Azure) -> None:
    azure.server.fault(compute="fail", reason="no luck")
    body = {"computeType": "AmlCompute", "properties": {"vmSize": A100, "scaleSettings": {"maxNodeCount": 1}}}
    made = azure.put("/computes/gpu", {"properties": body})
    azure.server.advance(60)
    shown = azure.follow(made.headers["Azure-AsyncOperation"])
    assert (shown.status_code, shown.json()["status"], shown.json()["error"]["message"]) == (200, "Failed", "no luck")
    assert azure.get("/computes/gpu").json()["properties"]["provisioningState"] == "Failed"


def test_a_rule_refuses_a_cluster_for_its_quota(azure: Azure) -> None:
    azure.server.fault(compute="quota")
    body = {"computeType": "AmlCompute", "properties": {"vmSize": A100, "scaleSettings": {"maxNodeCount": 1}}}
    refused = azure.put("/computes/gpu", {"properties": body})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ClusterMinNodesExceedCoreQuota")


def test_a_running_job_fails_with_its_cluster(azure: Azure) -> None:
    azure.cluster()
    azure.job(computeId="gpu")
    azure.server.advance(15)
    azure.http.delete(azure.ws + "/computes/gpu", params={"underlyingResourceAction": "Delete"})
    azure.server.advance(60)
    assert azure.status() == "Failed"
    assert "The compute target gpu was deleted" in failure(azure)[1]


def test_a_job_loses_its_low_priority_node(azure: Azure) -> None:
    azure.cluster(vmPriority="LowPriority")
    azure.server.fault(job="evicted", step=50)
    azure.job(computeId="gpu")
    azure.server.advance(3600)
    assert azure.status() == "Failed"
    assert failure(azure)[0] == "PreemptionError"
    assert "got pre-empted" in failure(azure)[1]
    assert steps(azure) == [10, 20, 30, 40, 50]


def test_a_job_continues_from_the_last_checkpoint(azure: Azure) -> None:
    azure.cluster(vmPriority="LowPriority")
    azure.server.fault(job="evicted", step=50)
    azure.job(computeId="gpu")
    azure.server.advance(3600)
    body = azure.job_body("train:1", computeId="gpu")
    body["properties"]["fineTuningDetails"]["hyperParameters"]["resume_from_checkpoint"] = "true"
    azure.put("/jobs/again", body)
    azure.server.advance(3600)
    assert azure.status("again") == "Completed"
    assert steps(azure, "again") == [50, 60, 70, 80]


def test_a_job_starts_again_if_no_checkpoint_was_saved(azure: Azure) -> None:
    azure.cluster(vmPriority="LowPriority")
    azure.server.fault(job="evicted", step=30)
    azure.job(computeId="gpu")
    azure.server.advance(3600)
    body = azure.job_body("train:1", computeId="gpu")
    body["properties"]["fineTuningDetails"]["hyperParameters"]["resume_from_checkpoint"] = "true"
    azure.put("/jobs/again", body)
    azure.server.advance(3600)
    assert steps(azure, "again")[0] == 10


def test_a_dedicated_node_is_not_taken_away(azure: Azure) -> None:
    azure.cluster()
    azure.server.fault(job="evicted")
    refused = azure.job(computeId="gpu")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "MockMisuse")


def test_a_job_by_instance_types_uses_the_familys_quota(azure: Azure) -> None:
    resources = {"instanceTypes": [A100, "Standard_E4s_v3"]}
    azure.job(content=rows(), resources=resources)
    azure.put("/jobs/second", azure.job_body("train:1", resources=resources))
    azure.put("/jobs/third", azure.job_body("train:1", resources=resources))
    azure.server.advance(3600)
    ended = [azure.status(name) for name in ("job", "second", "third")]
    assert ended == ["Completed", "Completed", "Failed"]
    assert "Current usage/limit: 48/48. Additional needed: 24" in failure(azure, "third")[1]


def test_an_instance_type_that_does_not_exist_is_refused(azure: Azure) -> None:
    assert azure.job(resources={"instanceTypes": ["Standard_NoSuch"]}).status_code == 400
