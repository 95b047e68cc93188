"""What a test can let go wrong on Foundry's surface: by fault rules, and by marks in the data."""

import pytest

from mock_server.server import Server
from tests.mock_server.driver import rows
from tests.mock_server.foundry_driver import DATED, Foundry


def _failed(foundry: Foundry, job: str) -> str:
    foundry.server.advance(60)
    shown = foundry.show(job)
    assert (shown["status"], "fine_tuned_model" in shown) == ("failed", False)
    return str(shown["error"]["message"])


@pytest.mark.parametrize("by_rule", [True, False])
def test_unsafe_data_fails_before_the_training(foundry: Foundry, maas_server: Server, by_rule: bool) -> None:
    if by_rule:
        maas_server.fault(job="unsafe_data")
    job = foundry.job(rows() if by_rule else rows().replace(b"City", b"MOCK_UNSAFE_DATA", 1))
    assert "failed RAI checks for harm types: [hate_fairness, self_harm, violence]" in _failed(foundry, job)
    assert "result_files" not in foundry.show(job)


@pytest.mark.parametrize("by_rule", [True, False])
def test_an_unsafe_model_fails_after_the_training(foundry: Foundry, maas_server: Server, by_rule: bool) -> None:
    if by_rule:
        maas_server.fault(job="unsafe_model")
    job = foundry.job(rows() if by_rule else rows().replace(b"City", b"MOCK_UNSAFE_MODEL", 1))
    foundry.server.advance(25)
    messages = [one["message"] for one in foundry.get(f"/fine_tuning/jobs/{job}/events").json()["data"]]
    assert ("Job succeeded." in messages, foundry.status(job)) == (True, "running")
    assert "scores above acceptable thresholds for [Violence, Self Harm]" in _failed(foundry, job)
    assert foundry.show(job)["result_files"]


def test_a_failing_job_names_the_rules_reason(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(job="fail", reason="Out of GPUs.")
    assert _failed(foundry, foundry.job()) == "Out of GPUs."


@pytest.mark.parametrize(("kind", "status"), [("queue", "queued"), ("pause", "paused"), ("stall", "running")])
def test_a_held_job_continues_after_its_seconds(foundry: Foundry, maas_server: Server, kind: str, status: str) -> None:
    maas_server.fault(job=kind, seconds=100)
    job = foundry.job()
    foundry.server.advance(60)
    assert foundry.status(job) == status
    foundry.server.advance(80)
    assert foundry.status(job) == "succeeded"


def test_losses_that_are_not_numbers_are_in_events_and_results(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(job="nan", step=30)
    job = foundry.job()
    foundry.server.advance(40)
    messages = [one["message"] for one in foundry.get(f"/fine_tuning/jobs/{job}/events").json()["data"]]
    assert "Step 40: training loss=nan" in messages
    results = foundry.get(f"/files/{foundry.show(job)['result_files'][0]}/content").text
    assert "\n40,nan," in results


def test_a_job_passed_through_has_the_shape_of_openais_platform(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(job="passed_through")
    made = foundry.create(suffix="demo").json()
    assert made["id"] != made["id"].lower()
    assert (made["error"], made["result_files"], made["fine_tuned_model"]) == ({}, [], None)
    assert (made["status"], made["user_provided_suffix"], "trainingType" in made) == ("validating_files", "demo", False)
    foundry.server.advance(0.1)
    assert foundry.status(made["id"]) == "queued"
    foundry.server.advance(40)
    done = foundry.show(made["id"])
    assert (done["status"], len(done["result_files"])) == ("succeeded", 1)


def test_a_results_file_can_begin_with_a_byte_order_mark(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(job="bom")
    job = foundry.job()
    foundry.server.advance(40)
    content = foundry.get(f"/files/{foundry.show(job)['result_files'][0]}/content").content
    assert content.startswith(b"\xef\xbb\xbfstep,")


def test_a_fresh_file_can_be_hidden_for_seconds(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(file="hidden", seconds=10)
    file = foundry.upload().json()["id"]
    assert foundry.get(f"/files/{file}").status_code == 404
    foundry.server.advance(11)
    assert foundry.get(f"/files/{file}").json()["status"] == "processed"


def test_a_file_can_be_slow_or_end_as_error(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(file="slow", seconds=100)
    maas_server.fault(file="error", reason="Not JSON.")
    slow, bad = (foundry.upload().json()["id"] for _ in range(2))
    foundry.server.advance(60)
    assert foundry.get(f"/files/{slow}").json()["status"] == "running"
    shown = foundry.get(f"/files/{bad}").json()
    assert (shown["status"], shown["error"]["message"]) == ("error", "Not JSON.")


def test_a_request_can_be_carried_out_and_answered_with_an_error(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.jobs.create", status=500, carried_out=True, body={"error": {"code": "x"}})
    assert foundry.create().status_code == 500
    assert len(foundry.get("/fine_tuning/jobs").json()["data"]) == 1


def test_a_throttled_request_says_when_to_come_back(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.*", status=429, retry_after=0.2, spelling="retry-after-ms")
    answer = foundry.get("/files")
    assert (answer.status_code, answer.headers["retry-after-ms"]) == (429, "200")


@pytest.mark.parametrize(("ignored", "query"), [("after", {"after": "-"}), ("metadata[a]", {"metadata[a]": "none"})])
def test_a_list_can_ignore_what_it_is_asked_for(
    foundry: Foundry, maas_server: Server, ignored: str, query: dict[str, str]
) -> None:
    job = foundry.job()
    maas_server.fault(operation="foundry.jobs.list", ignored=ignored)
    for expected in ([job], None):
        answer = foundry.get("/fine_tuning/jobs", **query).json()
        assert [one["id"] for one in answer.get("data", [])] == (expected or [])


@pytest.mark.parametrize("kind", ["job", "file"])
def test_a_quota_can_be_used_up(foundry: Foundry, maas_server: Server, kind: str) -> None:
    file = foundry.file()
    maas_server.fault(**{kind: "quota"})
    answer = foundry.upload() if kind == "file" else foundry.post("/fine_tuning/jobs", foundry.job_body(file))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "quotaExceeded")


def test_a_foundry_fault_leaves_azure_mls_jobs_alone(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(job="unsafe_data")
    with pytest.raises(ValueError, match=r"applies to foundry\.jobs\.create; got 'jobs.create'"):
        maas_server.fault(job="bom", operation="jobs.create")
    job = foundry.by(DATED).job()
    assert maas_server.faults()[0]["done"] == 1
    assert _failed(foundry, job)


def test_waiting_for_a_hidden_file_moves_a_stepping_clock(foundry: Foundry, maas_server: Server) -> None:
    maas_server.fault(file="hidden", seconds=20)
    file = foundry.upload().json()["id"]
    maas_server.advance_on_poll(8)
    assert [foundry.get(f"/files/{file}").status_code for _ in range(4)] == [404, 404, 404, 200]
