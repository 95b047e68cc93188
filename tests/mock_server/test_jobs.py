"""Jobs over the wire: their states, their results and rejections."""

import json

import pytest

from tests.mock_server.driver import MODEL, Azure, Json, row, rows


def test_a_job_goes_through_its_states_as_the_clock_moves(azure: Azure) -> None:
    assert azure.job().status_code == 201
    seen: list[str] = []
    for _ in range(31):
        seen.append(azure.status())
        azure.server.advance(1)
    assert list(dict.fromkeys(seen)) == ["NotStarted", "Preparing", "Queued", "Running", "Finalizing", "Completed"]


def test_a_completed_job_registers_its_model(azure: Azure) -> None:
    model = azure.tuned()
    assert model.endswith("/models/tuned/versions/1")
    found = azure.get("/models/tuned/versions/1").json()
    assert found["properties"]["jobName"] == "job"
    assert [one["name"] for one in azure.get("/models/tuned/versions").json()["value"]] == ["1"]


def test_the_same_output_name_gives_the_next_version(azure: Azure) -> None:
    azure.tuned()
    azure.job("second")
    azure.server.advance(3600)
    output = azure.get("/jobs/second").json()["properties"]["outputs"]["registered_model"]
    assert output["assetVersion"] == "2"


def test_metrics_appear_while_a_job_runs_and_losses_fall(azure: Azure) -> None:
    azure.job()
    azure.server.advance(15)
    full = f"/metric/v2.0{azure.ws}/runs/job/full"
    early = azure.http.post(full, json={"metricName": "loss"}).json()["value"]
    azure.server.advance(3600)
    late = azure.http.post(full, json={"metricName": "loss"}).json()["value"]
    assert 0 < len(early) < len(late)
    assert late[: len(early)] == early
    assert late[-1]["data"]["loss"] < late[0]["data"]["loss"]
    names = azure.http.post(f"/metric/v2.0{azure.ws}/runs/job/list", json={}).json()["value"]
    assert {"loss", "eval_loss", "learning_rate", "grad_norm", "epoch"} <= {one["metricKey"]["name"] for one in names}


def test_mlflow_reads_the_same_curve(azure: Azure) -> None:
    azure.tuned()
    query = {"run_id": "job", "metric_key": "loss"}
    found = azure.http.get(f"/mlflow/v2.0{azure.ws}/api/2.0/mlflow/metrics/get-history", params=query).json()["metrics"]
    full = azure.http.post(f"/metric/v2.0{azure.ws}/runs/job/full", json={"metricName": "loss"}).json()["value"]
    assert [one["value"] for one in found] == [one["data"]["loss"] for one in full]


def test_the_log_is_served_at_a_signed_address(azure: Azure) -> None:
    azure.tuned()
    details = azure.http.get(f"/history/v1.0{azure.ws}/runs/job/details").json()
    url = details["logFiles"]["user_logs/std_log.txt"]
    assert "The activity completed successfully. Finalizing run..." in azure.plain.get(url).text
    assert azure.plain.get(url.replace("sig=", "sig=x")).status_code == 403


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (rows(9), "preprocessing is 9. At least 10 samples"),
        (b"", "Found no examples after data preprocessing"),
        (json.dumps({"messages": [{"role": "user", "content": "a"}] * 2}).encode(), "No assistant tokens found"),
        (b"\xff\xfe{}", "'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_unusable_data_fails_the_job_with_the_reason(azure: Azure, content: bytes, words: str) -> None:
    assert azure.job(content=content).status_code == 201
    azure.server.advance(3600)
    assert azure.status() == "Failed"
    details = azure.http.get(f"/history/v1.0{azure.ws}/runs/job/details").json()
    assert words in details["error"]["error"]["message"]
    assert details["error"]["error"]["code"] == "UserError"
    assert azure.get("/models/tuned/versions/1").status_code == 404


def test_skipped_lines_are_reported_in_one_warning(azure: Azure) -> None:
    azure.job(content=rows(12) + b"\nnot json\n{}\n")
    azure.server.advance(3600)
    warnings = azure.http.get(f"/history/v1.0{azure.ws}/runs/job/details").json()["warnings"]
    assert warnings[0]["message"].startswith("Total 3 json lines skipped in your dataset")


def test_a_missing_blob_and_a_wrong_suffix_fail_the_job(azure: Azure) -> None:
    azure.upload(rows(), "data/train.csv")
    for name, path in (("a", "nowhere.jsonl"), ("b", "data/train.csv")):
        body = azure.job_body(f"azureml://datastores/workspaceblobstore/paths/{path}")
        assert azure.put(f"/jobs/{name}", body).status_code == 201
    azure.server.advance(3600)
    assert [azure.status("a"), azure.status("b")] == ["Failed", "Failed"]


def test_only_a_known_hyperparameter_can_fail_the_job(azure: Azure) -> None:
    data = azure.asset(rows())
    for name, asked in (("bad", {"num_train_epochs": "many"}), ("odd", {"colour": "blue"})):
        body = azure.job_body(data)
        body["properties"]["fineTuningDetails"]["hyperParameters"] = asked
        assert azure.put(f"/jobs/{name}", body).status_code == 201
    azure.server.advance(3600)
    assert [azure.status("bad"), azure.status("odd")] == ["Failed", "Completed"]


def test_a_canceled_job_stops_and_registers_nothing(azure: Azure) -> None:
    azure.job()
    azure.server.advance(10)
    answer = azure.post("/jobs/job/cancel")
    assert (answer.status_code, azure.status()) == (202, "CancelRequested")
    assert azure.follow(answer.headers["location"]).status_code == 202
    azure.server.advance(5)
    assert azure.follow(answer.headers["location"]).status_code == 204
    azure.server.advance(3600)
    assert azure.status() == "Canceled"
    assert azure.get("/models/tuned/versions/1").status_code == 404


def test_a_job_that_has_ended_cannot_be_canceled(azure: Azure) -> None:
    azure.tuned()
    assert azure.post("/jobs/job/cancel").json()["error"]["code"] == "UserError"


def test_the_same_put_again_updates_and_another_body_conflicts(azure: Azure) -> None:
    azure.job()
    body = azure.job_body(f"{azure.ws}/data/train/versions/1", tags={"a": "b"})
    again = azure.put("/jobs/job", body)
    assert (again.status_code, again.json()["properties"]["tags"]) == (200, {"a": "b"})
    body["properties"]["fineTuningDetails"]["hyperParameters"] = {"num_train_epochs": "9"}
    assert azure.put("/jobs/job", body).status_code == 409
    azure.server.advance(3600)
    assert azure.status() == "Completed"


def test_updating_a_job_keeps_its_pending_registration(azure: Azure) -> None:
    azure.job()
    azure.http.patch(f"/history/v1.0{azure.ws}/experiments/Default/runs/job", json={"displayName": "new"})
    azure.server.advance(3600)
    assert azure.get("/models/tuned/versions/1").status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"jobType": "Command"}, "jobType must be FineTuning"),
        ({"fineTuningDetails": None}, "fineTuningDetails is required"),
        ({"outputs": {}}, "outputs is required"),
        ({"tags": "a"}, "tags must be an object"),
    ],
)
def test_a_body_without_what_a_job_needs_is_a_user_error(azure: Azure, change: Json, words: str) -> None:
    answer = azure.job(**change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UserError")
    assert words in answer.json()["error"]["message"]


def test_unknown_models_and_assets_are_rejected_on_submission(azure: Azure) -> None:
    body = azure.job_body(azure.asset(rows()))
    body["properties"]["fineTuningDetails"]["model"]["uri"] = MODEL.replace("mini", "maxi")
    assert "was not found" in azure.put("/jobs/job", body).json()["error"]["message"]
    body = azure.job_body(f"{azure.ws}/data/other/versions/7")
    answer = azure.put("/jobs/job", body)
    assert answer.json()["error"]["message"] == "other:7 (dataContainerName:version) not found."


def test_lists_come_in_pages_with_absolute_links(azure: Azure) -> None:
    data = azure.asset(rows())
    for n in range(105):
        azure.put(f"/jobs/job{n}", azure.job_body(data, tags={"odd": str(n % 2)}))
    first = azure.get("/jobs", listViewType="All", tag="odd=1").json()
    assert (len(first["value"]), first["nextLink"]) == (52, None)
    first = azure.get("/jobs").json()
    assert len(first["value"]) == 100
    second = azure.follow(first["nextLink"]).json()
    assert [one["name"] for one in second["value"]] == [f"job{n}" for n in range(4, -1, -1)]


def test_archiving_hides_a_job_from_the_list(azure: Azure) -> None:
    azure.job()
    run = f"/history/v1.0{azure.ws}/experiments/Default/runs/job"
    azure.http.patch(run, json={"hidden": True})
    assert azure.get("/jobs").json()["value"] == []
    assert [one["name"] for one in azure.get("/jobs", listViewType="ArchivedOnly").json()["value"]] == ["job"]
    azure.http.patch(run, json={"hidden": False})
    assert len(azure.get("/jobs").json()["value"]) == 1


def test_a_deleted_job_is_gone(azure: Azure) -> None:
    azure.job()
    assert azure.http.delete(f"{azure.ws}/jobs/job").status_code == 409
    azure.server.advance(3600)
    assert azure.http.delete(f"{azure.ws}/jobs/job").status_code == 202
    answer = azure.get("/jobs/job")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Run job was not found.")


def test_text_completion_learns_from_pairs_of_columns(azure: Azure) -> None:
    content = "".join(json.dumps({"prompt": f"p{n}", "completion": f"c{n}"}) + "\n" for n in range(12)).encode()
    body = azure.job_body(azure.asset(content))
    body["properties"]["fineTuningDetails"]["taskType"] = "TextCompletion"
    azure.put("/jobs/job", body)
    azure.server.advance(3600)
    assert azure.status() == "Completed"


def test_the_same_job_gives_the_same_curve_under_any_name(azure: Azure) -> None:
    data = azure.asset("".join(json.dumps(row(f"q{n}", f"a{n}")) + "\n" for n in range(30)).encode())
    curves: list[object] = []
    for name in ("one", "two"):
        azure.put(f"/jobs/{name}", azure.job_body(data))
        azure.server.advance(3600)
        full = azure.http.post(f"/metric/v2.0{azure.ws}/runs/{name}/full", json={"metricName": "loss"}).json()
        curves.append([one["data"] for one in full["value"]])
    assert curves[0] == curves[1]
