"""Pipeline jobs: their creation, their steps in run history, their ends, and what they leave."""

import httpx
import pytest

from tests.mock_server.driver import Azure, rows
from tests.mock_server.pipeline_bodies import children, history, pipeline_body, steps

NAMES = [
    "ft_nlp_common_validation",
    "chat_completion_model_import",
    "chat_completion_datapreprocess",
    "chat_completion_finetune",
    "ft_nlp_model_converter",
]


@pytest.fixture
def data(azure: Azure) -> str:
    """Give the id of an uploaded data set, to a user who may train on GPUs."""
    azure.server.set_quota({"gpu": 48})
    return azure.asset(rows())


def test_a_pipeline_is_echoed_and_completes(azure: Azure, data: str) -> None:
    body = pipeline_body(data, num_train_epochs="3")
    made = azure.put("/jobs/pipe", body)
    assert made.status_code == 201, made.text
    shown = made.json()["properties"]
    assert (shown["status"], shown["jobs"]) == ("NotStarted", body["properties"]["jobs"])
    azure.server.advance(3600)
    done = azure.get("/jobs/pipe").json()["properties"]
    assert done["status"] == "Completed"
    assert done["outputs"]["trained_model"]["uri"].endswith("/paths/azureml/pipe/trained_model/")
    assert azure.put("/jobs/pipe", body).status_code == 200
    assert azure.put("/jobs/pipe", pipeline_body(data)).status_code == 409


def test_its_steps_appear_one_after_the_other(azure: Azure, data: str) -> None:
    azure.put("/jobs/pipe", pipeline_body(data))
    assert children(azure, "pipe") == []
    seen: list[int] = []
    while azure.status("pipe") != "Completed" and len(seen) < 60:
        azure.server.advance(1)
        runs = steps(azure, "pipe")
        assert [run["displayName"] for run in runs] == NAMES[: len(runs)]
        assert all(run["status"] == "Completed" for run in runs[:-1])
        seen.append(len(runs))
    assert sorted(set(seen)) == [0, 1, 2, 3, 4, 5]
    node = children(azure, "pipe")[0]
    assert (node["parentRunId"], node["status"], node["runType"]) == ("pipe", "Completed", "azureml.StepRun")
    run = steps(azure, "pipe")[3]
    assert (run["parentRunId"], run["rootRunId"]) == (node["runId"], "pipe")
    assert run["properties"]["azureml.moduleName"] == "chat_completion_finetune"
    assert azure.get(f"/jobs/{run['runId']}").json()["properties"] is None


def test_the_training_step_has_log_and_metrics(azure: Azure, data: str) -> None:
    azure.put("/jobs/pipe", pipeline_body(data))
    azure.server.advance(3600)
    run = steps(azure, "pipe")[3]["runId"]
    log = history(azure, f"/runs/{run}/details")["logFiles"]["user_logs/std_log.txt"]
    assert "Training on 32 rows" in httpx.get(log, trust_env=False).text
    metrics = azure.http.post(f"/metric/v2.0{azure.ws}/runs/{run}/full", json={"metricName": "loss"}).json()
    assert [point["step"] for point in metrics["value"]] == [10, 20, 30, 32]
    assert azure.http.post(f"/metric/v2.0{azure.ws}/runs/pipe/list", json={}).json()["value"] == []


def test_any_number_of_epochs_has_a_curve_of_bounded_length(azure: Azure, data: str) -> None:
    azure.put("/jobs/pipe", pipeline_body(data, max_steps="1000000000"))
    azure.server.advance(3600)
    run = steps(azure, "pipe")[3]["runId"]
    for metric in ("loss", "eval_loss"):
        answer = azure.http.post(f"/metric/v2.0{azure.ws}/runs/{run}/full", json={"metricName": metric})
        assert 1_000 <= len(answer.json()["value"]) <= 2_002


@pytest.mark.parametrize(
    ("wrong", "step", "reason"),
    [
        ({"optim": "sgd"}, 3, "argument --optim: invalid choice: 'sgd'"),
        ({"apply_lora": "True"}, 3, "argument --apply_lora: invalid choice: 'True'"),
        ({"learning_rate": "fast"}, 3, "argument --learning_rate: invalid float value: 'fast'"),
        ({"batch_size": "0"}, 2, "argument --batch_size: 0 is less than 1"),
        ({"huggingface_id": "microsoft/phi-4"}, 1, "Exactly one of mlflow_model_path"),
    ],
)
def test_a_wrong_literal_fails_the_step_that_reads_it(
    azure: Azure, data: str, wrong: dict[str, str], step: int, reason: str
) -> None:
    assert azure.put("/jobs/pipe", pipeline_body(data, **wrong)).status_code == 201
    azure.server.advance(3600)
    assert azure.status("pipe") == "Failed"
    error = history(azure, "/runs/pipe/details")["error"]["error"]
    assert f"Failed nodes: /node/{NAMES[step]}." in error["message"]
    assert reason not in error["message"]
    runs = steps(azure, "pipe")
    assert [run["status"] for run in runs] == ["Completed"] * step + ["Failed"]
    assert reason in runs[-1]["error"]["error"]["message"]


def test_data_that_cannot_be_trained_on_fails_preprocessing(azure: Azure, data: str) -> None:
    assert data
    azure.put("/jobs/pipe", pipeline_body(azure.asset(rows(3), "few", "few/train.jsonl")))
    azure.server.advance(3600)
    last = steps(azure, "pipe")[-1]
    assert (last["displayName"], last["status"]) == ("chat_completion_datapreprocess", "Failed")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"component": "azureml://registries/azureml/components/absent/versions/1"},
            "Component absent:1 was not found",
        ),
        ({"model": "azureml://registries/azureml/models/absent/versions/1"}, "Model azureml"),
        ({"optimizer": "adam"}, "optimizer is not an input of the component chat_completion_pipeline:0.0.82"),
    ],
)
def test_what_cannot_run_is_refused(azure: Azure, data: str, change: dict[str, str], message: str) -> None:
    answer = azure.put("/jobs/pipe", pipeline_body(data, **change))
    assert answer.status_code in (400, 404)
    assert message in answer.json()["error"]["message"]


def test_a_canceled_pipeline_cancels_its_step(azure: Azure, data: str) -> None:
    azure.put("/jobs/pipe", pipeline_body(data))
    azure.server.advance(15)
    assert azure.post("/jobs/pipe/cancel").status_code == 202
    azure.server.advance(3600)
    assert azure.status("pipe") == "Canceled"
    assert {run["status"] for run in children(azure, "pipe")} == {"Canceled"}
    assert steps(azure, "pipe")[-1]["status"] == "Canceled"
    child = azure.post(f"/jobs/{steps(azure, 'pipe')[0]['runId']}/cancel")
    assert (child.status_code, "cancel the pipeline" in child.text) == (400, True)


def test_the_user_token_of_a_pipeline_is_not_in_the_journal(azure: Azure, data: str) -> None:
    headers = {"x-azureml-token": "very-secret"}
    azure.http.put(azure.ws + "/jobs/pipe", json=pipeline_body(data), headers=headers)
    assert "very-secret" not in str(azure.server.requests())


def test_a_fault_fails_the_step_that_it_names(azure: Azure, data: str) -> None:
    azure.server.fault(operation="jobs.create", job="fail", child="ft_nlp_model_converter", reason="disk full")
    azure.put("/jobs/pipe", pipeline_body(data))
    azure.server.advance(3600)
    assert steps(azure, "pipe")[-1]["error"]["error"]["message"] == "disk full"
    assert [run["status"] for run in steps(azure, "pipe")] == ["Completed"] * 4 + ["Failed"]


def test_a_deleted_pipeline_takes_its_runs_along(azure: Azure, data: str) -> None:
    azure.put("/jobs/pipe", pipeline_body(data))
    azure.server.advance(3600)
    run = steps(azure, "pipe")[0]["runId"]
    assert azure.http.delete(f"{azure.ws}/jobs/pipe").status_code == 202
    assert azure.http.get(f"/history/v1.0{azure.ws}/runs/{run}").status_code == 404


def test_a_pipelines_output_is_registered_as_a_model(azure: Azure, data: str) -> None:
    azure.put("/jobs/pipe", pipeline_body(data))
    body = {"properties": {"modelUri": "azureml://jobs/pipe/outputs/trained_model", "modelType": "mlflow_model"}}
    early = azure.put("/models/own/versions/1", body)
    assert (early.status_code, "it has no output 'trained_model' yet" in early.text) == (400, True)
    azure.server.advance(3600)
    made = azure.put("/models/own/versions/1", body)
    assert made.status_code == 201, made.text
    assert made.json()["properties"]["jobName"] == "pipe"
    other = {"properties": {**body["properties"], "modelUri": "azureml://jobs/pipe/outputs/absent"}}
    assert "has no output 'absent' that is a model" in azure.put("/models/own/versions/2", other).text
    model = f"azureml://locations/eastus2/workspaces/{_guid(azure)}/models/own/versions/1"
    assert azure.put("/jobs/next", pipeline_body(data, model=model)).status_code == 201


def _guid(azure: Azure) -> str:
    url = azure.blob_url("x", "")
    return url.partition("azureml-blobstore-")[2].partition("/")[0]
