"""Pipelines on the user's own machines: their steps wait for nodes, lose them, and go on from a checkpoint."""

import pytest

from mock_server.resources import training_memory
from tests.mock_server.driver import Azure, Json, rows
from tests.mock_server.pipeline_bodies import history, pipeline_body, steps

OWN = dict.fromkeys(("compute_model_import", "compute_preprocess", "compute_finetune"), "gpu")


@pytest.fixture
def data(azure: Azure) -> str:
    """Give the id of an uploaded data set, to a user who may train on two A100s."""
    azure.server.set_quota({"gpu": 48})
    return azure.asset(rows())


def nodes(azure: Azure) -> list[str]:
    """Return the state of each node."""
    return [node["nodeState"] for node in azure.post("/computes/gpu/listNodes").json()["nodes"]]


def failure(azure: Azure, name: str = "pipe") -> tuple[str, str, str]:
    """Return the name of the step that failed, and code and message of its error."""
    last: Json = steps(azure, name)[-1]
    error: Json = last["error"]["error"]
    return last["displayName"], error["code"], error["message"]


def test_the_steps_share_the_node_that_the_first_waits_for(azure: Azure, data: str) -> None:
    azure.cluster()
    assert azure.put("/jobs/pipe", pipeline_body(data, **OWN)).status_code == 201
    azure.server.advance(3)
    assert [run["status"] for run in steps(azure, "pipe")] == ["Queued"]
    assert nodes(azure) == ["preparing"]
    azure.server.advance(10)
    assert nodes(azure) == ["idle"]  # between two steps
    azure.server.advance(1.5)
    assert nodes(azure) == ["running"]
    azure.server.advance(100)
    assert (azure.status("pipe"), nodes(azure)) == ("Completed", ["idle"])
    runs = steps(azure, "pipe")
    assert {run["target"] for run in runs} == {"gpu"}
    azure.server.advance(600)
    assert nodes(azure) == []


def test_two_nodes_are_used_by_the_training_alone(azure: Azure, data: str) -> None:
    azure.cluster(most=2)
    azure.put("/jobs/pipe", pipeline_body(data, num_nodes_finetune="2", **OWN))
    seen: set[int] = set()
    for _ in range(60):
        azure.server.advance(1)
        seen.add(nodes(azure).count("running"))
    assert azure.status("pipe") == "Completed"
    assert seen == {0, 1, 2}


def test_more_nodes_than_the_cluster_may_have_wait_until_it_may(azure: Azure, data: str) -> None:
    azure.cluster()
    azure.put("/jobs/pipe", pipeline_body(data, num_nodes_finetune="2", **OWN))
    azure.server.advance(3600)
    assert (azure.status("pipe"), steps(azure, "pipe")[-1]["status"]) == ("Running", "Queued")
    scale = {"scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT5M"}}
    azure.http.patch(azure.ws + "/computes/gpu", json={"properties": {"properties": scale}}).raise_for_status()
    azure.server.advance(3600)
    assert azure.status("pipe") == "Completed"


def test_an_unknown_cluster_is_refused(azure: Azure, data: str) -> None:
    answer = azure.put("/jobs/pipe", pipeline_body(data, compute_finetune="absent"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UserError")
    assert "Compute absent was not found in workspace ws." in answer.text


def test_a_deleted_cluster_fails_the_step_that_needs_it(azure: Azure, data: str) -> None:
    azure.cluster()
    azure.put("/jobs/pipe", pipeline_body(data, compute_finetune="gpu"))
    azure.server.advance(20)
    azure.http.delete(azure.ws + "/computes/gpu", params={"underlyingResourceAction": "Delete"}).raise_for_status()
    azure.server.advance(600)
    assert azure.status("pipe") == "Failed"
    step, _, message = failure(azure)
    assert step == "chat_completion_finetune"
    assert "gpu was deleted" in message


def test_a_canceled_pipeline_gives_its_nodes_back(azure: Azure, data: str) -> None:
    azure.cluster()
    azure.put("/jobs/pipe", pipeline_body(data, **OWN))
    azure.server.advance(20)
    assert azure.post("/jobs/pipe/cancel").status_code == 202
    azure.server.advance(30)
    assert (azure.status("pipe"), nodes(azure)) == ("Canceled", ["idle"])
    azure.put("/jobs/next", pipeline_body(data, seed="1", **OWN))
    azure.server.advance(120)
    assert azure.status("next") == "Completed"


def test_an_eviction_fails_the_training_and_is_gone_on_from(azure: Azure, data: str) -> None:
    azure.cluster(vmPriority="LowPriority")
    azure.server.fault(operation="jobs.create", job="evicted", step=70)
    azure.put("/jobs/pipe", pipeline_body(data, num_train_epochs="3", **OWN))
    azure.server.advance(3600)
    step, code, message = failure(azure)
    assert (step, code, "pre-empted" in message) == ("chat_completion_finetune", "PreemptionError", True)
    assert history(azure, "/runs/pipe")["error"]["error"]["code"] == "UserError"
    body = pipeline_body(data, num_train_epochs="3", resume_from_checkpoint="true", **OWN)
    azure.put("/jobs/next", body)
    azure.server.advance(3600)
    assert azure.status("next") == "Completed"
    run = steps(azure, "next")[3]["runId"]
    found = azure.http.post(f"/metric/v2.0{azure.ws}/runs/{run}/full", json={"metricName": "loss"}).json()["value"]
    assert [point["step"] for point in found] == [70, 80, 90, 96]


@pytest.mark.parametrize(
    ("change", "step", "message"),
    [
        ({"instance_type_finetune": "Standard_nc24rs_v3"}, "chat_completion_finetune", "'Standard_nc24rs_v3' is not"),
        ({"instance_type_finetune": "Standard_NC96ads_A100_v4"}, "chat_completion_finetune", "limit: 0/48. Additional"),
        ({"instance_type_preprocess": "Standard_X1"}, "chat_completion_datapreprocess", "'Standard_X1' is not"),
        ({"number_of_gpu_to_use_finetuning": "8"}, "chat_completion_finetune", "invalid device ordinal"),
        (
            {"instance_type_finetune": "Standard_NC4as_T4_v3"},
            "chat_completion_finetune",
            "Tried to allocate 56.62 GiB. GPU 0 has a total capacity of 16 GiB",
        ),
    ],
)
def test_machines_that_cannot_be_had_fail_their_step(
    azure: Azure, data: str, change: dict[str, str], step: str, message: str
) -> None:
    assert azure.put("/jobs/pipe", pipeline_body(data, **change)).status_code == 201
    azure.server.advance(3600)
    failed, _, reason = failure(azure)
    assert failed == step
    assert message in reason


@pytest.mark.parametrize(
    ("literals", "gpus", "gib"),
    [
        ({}, 1, 56.62),
        ({"precision": "16"}, 1, 56.62),
        ({"apply_lora": "true"}, 1, 14.16),
        ({"apply_lora": "true", "precision": "16"}, 1, 7.08),
        ({"optim": "adafactor"}, 1, 28.31),
        ({"apply_deepspeed": "true", "deepspeed_stage": "2"}, 4, 24.77),
        ({"apply_deepspeed": "true", "deepspeed_stage": "3"}, 4, 14.16),
        ({"deepspeed_stage": "3"}, 4, 56.62),
    ],
)
def test_the_memory_of_a_training_follows_its_method(literals: dict[str, str], gpus: int, gib: float) -> None:
    assert round(training_memory.gib_for_each_gpu(3.8, literals, gpus), 2) == gib


def test_serverless_training_takes_from_the_familys_quota(azure: Azure, data: str) -> None:
    azure.put("/jobs/pipe", pipeline_body(data, num_nodes_finetune="2"))
    path = "/subscriptions/sub/providers/Microsoft.MachineLearningServices/locations/eastus2/usages"

    def used() -> int:
        found = azure.http.get(path).json()["value"]
        return sum(one["currentValue"] for one in found if "NCADSA100v4" in one["id"] and "sub/" in one["id"])

    before = used()
    azure.server.advance(3600)
    assert before >= 48
    assert used() == 0
