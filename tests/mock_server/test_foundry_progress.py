"""The course of a Foundry job over the wire: events, results file, checkpoints, pause and resume."""

import csv
import io

import pytest

from tests.mock_server.foundry_driver import DATED, Foundry, Json

PUBLISHED = 4560 / 30
"""Seconds of the published run in each second of a job of half a minute."""
THREE_EPOCHS = {"n_epochs": 3, "batch_size": 2}  # 60 steps of 40 rows


def _events(foundry: Foundry, job: str, **query: str) -> list[Json]:
    return list(foundry.get(f"/fine_tuning/jobs/{job}/events", **query).json()["data"])


def _messages(foundry: Foundry, job: str) -> list[str]:
    return [event["message"] for event in _events(foundry, job, limit="100")][::-1]


def test_events_report_the_course_of_a_job(foundry: Foundry) -> None:
    job = foundry.job(hyperparameters=THREE_EPOCHS)
    assert _messages(foundry, job) == ["Job enqueued. Waiting for jobs ahead to complete."]
    foundry.server.advance(40)
    messages = _messages(foundry, job)
    assert messages[1:3] == [
        "Preprocessing running for file training file.",
        "Preprocessing completed for file training file.",
    ]
    assert messages[3:8] == [
        "Job started.",
        "Data Import started.",
        "Finetuning started.",
        "Job queued, waiting for GPUs.",
        "Training started.",
    ]
    steps = [int(message.split()[1].rstrip(":")) for message in messages if message.startswith("Step ")]
    assert steps == [1, 10, 20, 30, 40, 50, 60]
    results = foundry.show(job)["result_files"][0]
    assert messages[-6:] == [
        "Job succeeded.",
        f"Completed results file: {results}",
        "Model safety evaluation running.",
        "Model Evaluation Passed.",
        f"Completed results file: {results}",
        "Training tokens billed: 4000",
    ]


def test_a_job_runs_on_after_it_says_that_it_succeeded(foundry: Foundry) -> None:
    job = foundry.job()
    foundry.server.advance(3100 / PUBLISHED)
    assert "Job succeeded." in _messages(foundry, job)
    assert foundry.status(job) == "running"


def test_events_are_paged_newest_first(foundry: Foundry) -> None:
    job = foundry.job(hyperparameters=THREE_EPOCHS)
    foundry.server.advance(40)
    every = _events(foundry, job, limit="100")
    assert len(_events(foundry, job)) == 20
    first = foundry.get(f"/fine_tuning/jobs/{job}/events", limit="4").json()
    assert (first["data"], first["has_more"]) == (every[:4], True)
    second = foundry.get(f"/fine_tuning/jobs/{job}/events", limit="100", after=every[3]["id"]).json()
    assert (second["data"], second["has_more"]) == (every[4:], False)
    unknown = foundry.get(f"/fine_tuning/jobs/{job}/events", after="ftevent-unknown")
    assert (unknown.status_code, unknown.json()["error"]["param"]) == (400, "after")


def test_events_keep_their_ids_as_more_follow(foundry: Foundry) -> None:
    job = foundry.job()
    foundry.server.advance(10)
    early = _events(foundry, job, limit="100")
    foundry.server.advance(30)
    assert _events(foundry, job, limit="100")[-len(early) :] == early


def test_the_results_file_grows_while_the_job_runs(foundry: Foundry) -> None:
    job = foundry.job(hyperparameters=THREE_EPOCHS)
    foundry.server.advance(1700 / PUBLISHED)
    created = next(message for message in _messages(foundry, job) if message.startswith("Created results file"))
    file = created.rpartition(" ")[2]
    assert "result_files" not in foundry.show(job)
    early = foundry.get(f"/files/{file}/content").text
    shown = foundry.get(f"/files/{file}").json()
    assert (shown["purpose"], shown["bytes"], shown["status"]) == ("fine-tune-results", len(early), "processed")
    assert [one["id"] for one in foundry.get("/files", purpose="fine-tune-results").json()["data"]] == [file]
    foundry.server.advance(30)
    late = foundry.get(f"/files/{file}/content").text
    assert late.startswith(early)
    table = list(csv.DictReader(io.StringIO(late)))
    assert [row["step"] for row in table] == [str(step) for step in range(1, 61)]
    assert float(table[-1]["train_loss"]) < float(table[0]["train_loss"])
    assert table[-1]["full_valid_loss"] == ""
    assert foundry.show(job)["result_files"] == [file]


def test_validation_has_values_at_evaluations_only(foundry: Foundry) -> None:
    job = foundry.job(validation_file=foundry.file(), hyperparameters=THREE_EPOCHS)
    foundry.server.advance(40)
    file = foundry.show(job)["result_files"][0]
    table = list(csv.DictReader(io.StringIO(foundry.get(f"/files/{file}/content").text)))
    assert [row["step"] for row in table if row["full_valid_loss"]] == ["20", "40", "60"]
    assert [row["step"] for row in table if row["valid_loss"]] == ["10", "20", "30", "40", "50", "60"]
    assert "Preprocessing running for file validation file." in _messages(foundry, job)


def test_the_last_three_epochs_are_kept_as_checkpoints(foundry: Foundry) -> None:
    job = foundry.job(hyperparameters={"n_epochs": 5, "batch_size": 4})
    path = f"/fine_tuning/jobs/{job}/checkpoints"
    foundry.server.advance(20)
    assert foundry.get(path).json()["data"] == []
    foundry.server.advance(20)
    found = foundry.get(path).json()["data"]
    model = foundry.show(job)["fine_tuned_model"]
    assert [one["step_number"] for one in found] == [50, 40, 30]
    names = [one["fine_tuned_model_checkpoint"] for one in found]
    assert names == [model, f"{model}:ckpt-step-40", f"{model}:ckpt-step-30"]
    assert all(one["fine_tuning_job_id"] == job and one["metrics"]["train_loss"] for one in found)
    page = foundry.get(path, limit="1", after=found[0]["id"]).json()
    assert (page["data"], page["has_more"]) == ([found[1]], True)


def test_a_checkpoint_is_copied_to_another_account(foundry: Foundry) -> None:
    job = foundry.job()
    foundry.server.advance(40)
    checkpoint = foundry.get(f"/fine_tuning/jobs/{job}/checkpoints").json()["data"][0]
    path = f"/openai/v1/fine_tuning/jobs/{job}/checkpoints/{checkpoint['id']}/copy"
    body = {"destinationResourceId": "/subscriptions/s/accounts/dst", "region": "swedencentral"}
    header = {"aoai-copy-ft-checkpoints": "preview"}
    assert foundry.http.get(path).status_code == 404
    assert foundry.http.post(path, json=body).status_code == 400
    assert foundry.http.post(path, json={"region": "x"}, headers=header).status_code == 400
    copied = foundry.http.post(path, json=body, headers=header).json()
    assert copied["checkpointedModelName"] == checkpoint["fine_tuned_model_checkpoint"]
    assert copied["copiedAccountDetails"][0]["status"] == "InProgress"
    foundry.server.advance(5)
    assert foundry.http.get(path, headers=header).json()["copiedAccountDetails"][0]["status"] == "Completed"


def test_a_paused_job_stands_still_until_it_is_resumed(foundry: Foundry) -> None:
    job = foundry.job()
    path = f"/fine_tuning/jobs/{job}"
    assert foundry.post(f"{path}/pause").json()["error"]["code"] == "unexpectedEntityState"
    foundry.server.advance(10)
    assert foundry.post(f"{path}/resume").status_code == 400
    assert foundry.post(f"{path}/pause").json()["status"] == "pausing"
    foundry.server.advance(1)
    assert foundry.status(job) == "paused"
    checkpoint = foundry.get(f"{path}/checkpoints").json()["data"][0]
    messages = _messages(foundry, job)
    foundry.server.advance(3600)
    assert (foundry.status(job), _messages(foundry, job)) == ("paused", messages)
    assert foundry.post(f"{path}/resume").json()["status"] == "resuming"
    foundry.server.advance(1)
    assert foundry.status(job) == "running"
    foundry.server.advance(25)
    assert foundry.status(job) == "succeeded"
    assert checkpoint in foundry.get(f"{path}/checkpoints").json()["data"]


def test_the_stable_version_knows_no_pause(foundry: Foundry) -> None:
    job = foundry.job()
    foundry.server.advance(10)
    answer = foundry.http.post(f"{DATED}/fine_tuning/jobs/{job}/pause", params={"api-version": "2024-10-21"})
    assert answer.status_code == 404


@pytest.mark.parametrize("base", ["gpt-4.1-mini-2025-04-14", "gpt-4o-2024-08-06"])
def test_a_tuned_model_can_be_tuned_on(foundry: Foundry, base: str) -> None:
    first = foundry.job(model=base)
    foundry.server.advance(40)
    model = foundry.show(first)["fine_tuned_model"]
    second = foundry.job(model=model)
    foundry.server.advance(40)
    done = foundry.show(second)
    assert (done["status"], done["model"]) == ("succeeded", model)
    assert done["fine_tuned_model"] == f"{base}.ft-{second.removeprefix('ftjob-')}"


def test_a_tuned_open_model_cannot_be_tuned_on(foundry: Foundry) -> None:
    first = foundry.job(model="Ministral-3B")
    foundry.server.advance(40)
    assert foundry.create(model=foundry.show(first)["fine_tuned_model"]).status_code == 400
