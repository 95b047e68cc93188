"""Foundry's jobs over the wire: creation, states, refusals, list, cancel, delete."""

import json

import pytest

from tests.mock_server.driver import row
from tests.mock_server.foundry_driver import DATED, MODEL, PROJECT, PROJECT_DATED, V1, Foundry, Json

DPO = "".join(
    json.dumps(
        {
            "input": {"messages": [{"role": "user", "content": f"q{n}"}]},
            "preferred_output": [{"role": "assistant", "content": "yes"}],
            "non_preferred_output": [{"role": "assistant", "content": "no"}],
        }
    )
    + "\n"
    for n in range(10)
).encode()


@pytest.mark.parametrize(("base", "status"), [(V1, 200), (PROJECT, 200), (PROJECT_DATED, 201), (DATED, 201)])
def test_a_job_is_created_on_every_base(foundry: Foundry, base: str, status: int) -> None:
    made = foundry.by(base).create(metadata={"run": "r1"}, suffix="demo", seed=7)
    assert made.status_code == status
    shown = made.json()
    assert shown["id"].startswith("ftjob-")
    assert (shown["object"], shown["status"], shown["seed"]) == ("fine_tuning.job", "pending", 7)
    assert (shown["trainingType"], shown["metadata"], shown["suffix"]) == ("globalStandard", {"run": "r1"}, "demo")
    absent = {"error", "fine_tuned_model", "finished_at", "result_files", "trained_tokens", "method", "integrations"}
    assert not absent & shown.keys()


def test_a_job_succeeds_with_its_model(foundry: Foundry) -> None:
    job = foundry.job(suffix="demo")
    seen: list[str] = []
    for _ in range(31):
        seen.append(foundry.status(job))
        foundry.server.advance(1)
    assert list(dict.fromkeys(seen)) == ["pending", "running", "succeeded"]
    done = foundry.show(job)
    assert done["fine_tuned_model"] == f"{MODEL}.ft-{job.removeprefix('ftjob-')}-demo"
    assert done["finished_at"] - done["created_at"] in (29, 30, 31)
    assert done["trained_tokens"] > 0
    assert "error" not in done


def test_the_service_says_which_format_an_open_model_has(foundry: Foundry) -> None:
    job = foundry.job(model="ministral-3b", metadata={"run": "r"})
    foundry.server.advance(40)
    done = foundry.show(job)
    assert (done["model"], done["hyperparameters"]["n_epochs"]) == ("Ministral-3B", -1)
    assert done["metadata"]["run"] == "r"
    assert done["metadata"]["deployment_options"][0]["format"] == "Mistral AI"


@pytest.mark.parametrize(
    ("changes", "words", "param"),
    [
        ({"model": "nope"}, "The specified base model does not support fine-tuning.", "model"),
        ({"model": "Phi-4"}, "The specified base model does not support fine-tuning.", "model"),
        (
            {"model": "Ministral-3B", "trainingType": None},
            "The specified base model Ministral-3B does not support fine-tuning with Standard TrainingType.",
            "model",
        ),
        ({"model": "gpt-oss-20b", "trainingType": "Developer"}, "with DeveloperTier TrainingType", "model"),
        (
            {"model": "gpt-5.4-mini-2026-03-17"},
            "Finetuning with gpt-5.4-mini-2026-03-17 requires the reinforcement method of finetuning.",
            "method",
        ),
        ({"method": {"type": "dpo"}, "hyperparameters": {"n_epochs": 1}}, "Move hyperparameters", "hyperparameters"),
        ({"training_file": "file-none"}, "was not found", "training_file"),
        ({"training_file": None}, "training_file is required", "training_file"),
        ({"suffix": "a.b"}, "suffix must be", "suffix"),
        ({"seed": -1}, "seed must be", "seed"),
        ({"metadata": {"a": 5}}, "metadata must be", "metadata"),
        ({"hyperparameters": {"n_epochs": 0}}, "n_epochs must be", "n_epochs"),
        ({"trainingType": "odd"}, "Invalid trainingType", "trainingType"),
        (
            {"model": "o4-mini-2025-04-16", "method": {"type": "reinforcement", "reinforcement": {}}},
            "validation_file is required",
            "validation_file",
        ),
    ],
)
def test_an_invalid_job_is_refused(foundry: Foundry, changes: Json, words: str, param: str) -> None:
    answer = foundry.create(**changes)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "invalidPayload", param)
    assert words in error["message"]
    assert foundry.get("/fine_tuning/jobs").json()["data"] == []


def test_a_file_that_is_not_processed_is_refused(foundry: Foundry) -> None:
    file = foundry.upload().json()["id"]
    answer = foundry.post("/fine_tuning/jobs", foundry.job_body(file))
    assert (answer.status_code, "File status is not 'ready'" in answer.text) == (400, True)


def test_a_dated_refusal_names_its_target(foundry: Foundry) -> None:
    answer = foundry.by(DATED).create(model="nope")
    assert answer.json()["error"]["target"] == "model"


def test_the_stable_version_refuses_newer_methods(foundry: Foundry) -> None:
    body = foundry.job_body(foundry.file(DPO), method={"type": "dpo"})
    stable = foundry.http.post(f"{DATED}/fine_tuning/jobs", params={"api-version": "2024-10-21"}, json=body)
    assert stable.status_code == 400
    assert foundry.post("/fine_tuning/jobs", body).json()["method"]["dpo"]["hyperparameters"]["beta"] == 0.1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not json\n" * 12, "line 1: it is not JSON"),
        (json.dumps(row("a", "b")).encode(), "it has 1 examples; at least 10 are needed"),
        (b"\xff\xfe" * 50, "it is not UTF-8"),
        (DPO, "messages must be a list"),
    ],
)
def test_bad_data_is_processed_and_fails_the_job(foundry: Foundry, content: bytes, words: str) -> None:
    file = foundry.file(content)
    assert foundry.get(f"/files/{file}").json()["status"] == "processed"
    job = foundry.job(content)
    foundry.server.advance(40)
    failed = foundry.show(job)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "jsonlValidationFailed")
    assert words in failed["error"]["message"]
    assert "fine_tuned_model" not in failed


def test_jobs_are_listed_newest_first_and_by_metadata(foundry: Foundry) -> None:
    made = [foundry.job(metadata={"run": f"r{n}"}) for n in range(3)]
    page = foundry.get("/fine_tuning/jobs", limit="2").json()
    assert ([one["id"] for one in page["data"]], page["has_more"]) == (made[:0:-1], True)
    rest = foundry.get("/fine_tuning/jobs", limit="2", after=made[1]).json()
    assert [one["id"] for one in rest["data"]] == [made[0]]
    found = foundry.get("/fine_tuning/jobs", **{"metadata[run]": "r1"}).json()
    assert [one["id"] for one in found["data"]] == [made[1]]


def test_a_cancelled_job_stays_cancelled(foundry: Foundry) -> None:
    job = foundry.job()
    foundry.server.advance(10)
    cancelled = foundry.post(f"/fine_tuning/jobs/{job}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    foundry.server.advance(60)
    assert foundry.status(job) == "cancelled"
    again = foundry.post(f"/fine_tuning/jobs/{job}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (400, "unexpectedEntityState")


def test_only_the_dated_base_of_the_account_deletes_jobs(foundry: Foundry) -> None:
    job = foundry.job()
    assert foundry.delete(f"/fine_tuning/jobs/{job}").status_code == 404
    dated = foundry.by(DATED)
    assert dated.delete(f"/fine_tuning/jobs/{job}").status_code == 409
    foundry.server.advance(40)
    assert dated.delete(f"/fine_tuning/jobs/{job}").status_code == 204
    assert foundry.get(f"/fine_tuning/jobs/{job}").status_code == 404


def test_three_jobs_run_and_the_others_wait(foundry: Foundry) -> None:
    jobs = [foundry.job() for _ in range(5)]
    foundry.server.advance(5)
    assert [foundry.status(job) for job in jobs] == ["running"] * 3 + ["pending"] * 2
    foundry.post(f"/fine_tuning/jobs/{jobs[0]}/cancel")
    foundry.server.advance(5)
    assert [foundry.status(job) for job in jobs] == ["cancelled", *["running"] * 3, "pending"]
    foundry.server.advance(80)
    assert [foundry.status(job) for job in jobs] == ["cancelled", *["succeeded"] * 4]


def test_the_model_router_learns_from_labels(foundry: Foundry) -> None:
    rows = (json.dumps({"messages": [{"role": "user", "content": f"q{n}"}], "labels": {"a": 1}}) for n in range(10))
    job = foundry.job("\n".join(rows).encode(), model="model-router", trainingType="1")
    foundry.server.advance(40)
    assert foundry.status(job) == "succeeded"


def test_a_paused_job_leaves_its_place_to_the_next(foundry: Foundry) -> None:
    jobs = [foundry.job() for _ in range(4)]
    foundry.server.advance(8)
    assert foundry.status(jobs[3]) == "pending"
    foundry.post(f"/fine_tuning/jobs/{jobs[0]}/pause")
    foundry.server.advance(2)
    assert [foundry.status(job) for job in jobs] == ["paused", *["running"] * 3]
    foundry.post(f"/fine_tuning/jobs/{jobs[0]}/resume")
    foundry.server.advance(60)
    assert [foundry.status(job) for job in jobs] == ["succeeded"] * 4


def test_five_jobs_of_the_developer_tier_run_beside_the_others(foundry: Foundry) -> None:
    developer = [foundry.job(trainingType="Developer") for _ in range(6)]
    other = foundry.job()
    foundry.server.advance(3)
    assert [foundry.status(job) for job in developer] == [*["running"] * 5, "pending"]
    assert foundry.status(other) == "running"


def test_the_twenty_fourth_job_finds_the_queue_full(foundry: Foundry) -> None:
    body = foundry.job_body(foundry.file())
    answers = [foundry.post("/fine_tuning/jobs", body).status_code for _ in range(24)]
    assert answers == [200] * 23 + [400]


def test_finished_jobs_count_until_they_are_deleted(foundry: Foundry) -> None:
    body = foundry.job_body(foundry.file())
    for _ in range(5):
        for _ in range(20):
            assert foundry.post("/fine_tuning/jobs", body).status_code == 200
        foundry.server.advance(300)
    refused = foundry.post("/fine_tuning/jobs", body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "quotaExceeded")
    oldest = foundry.get("/fine_tuning/jobs", limit="100").json()["data"][-1]["id"]
    assert foundry.by(DATED).delete(f"/fine_tuning/jobs/{oldest}").status_code == 204
    assert foundry.post("/fine_tuning/jobs", body).status_code == 200
