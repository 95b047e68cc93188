"""Time: it advances when a client waits, and each workspace has its own."""

import httpx
import pytest

from mock_server.server import Server, serve
from tests.mock_server.driver import Azure, Json

HOURS = 8 * 3600.0


def step(azure: Azure, seconds: float, **more: object) -> Json:
    """Advance the clock by `seconds` with each poll."""
    body = {"mode": "virtual", "step_on_poll": seconds, **more}
    shown: Json = azure.http.post("/_mock/clock", json=body).json()
    return shown


def polls_until_it_ends(azure: Azure) -> int:
    """Poll a job as fast as possible; returns how often it had not ended."""
    statuses = iter(lambda: azure.status(), "Completed")
    return len(list(statuses))


def test_eight_hours_of_training_pass_while_a_client_polls() -> None:
    with serve(clock="virtual", step_on_poll=600, job_seconds=HOURS) as server:
        azure = Azure(server)
        azure.job()
        began = azure.http.get("/_mock/clock").json()["now"]
        assert polls_until_it_ends(azure) == HOURS / 600
        assert azure.http.get("/_mock/clock").json()["now"] == pytest.approx(began + HOURS)
        azure.close()


def test_polling_an_ended_job_does_not_advance_the_clock(azure: Azure) -> None:
    azure.tuned()
    before = step(azure, 600)["now"]
    assert [azure.status() for _ in range(3)] == ["Completed"] * 3
    assert azure.http.get("/_mock/clock").json()["now"] == before


def test_an_operation_ends_after_its_retry_after_without_sleep(azure: Azure) -> None:
    step(azure, 0.5)
    made = azure.endpoint()
    polls = [azure.follow(made.headers["azure-asyncoperation"]) for _ in range(4)]
    assert [poll.json()["status"] for poll in polls] == ["InProgress"] * 3 + ["Succeeded"]
    assert [poll.headers.get("retry-after-ms") for poll in polls] == ["1"] * 3 + [None]
    assert "retry-after" not in polls[0].headers
    gone = azure.http.delete(f"{azure.ws}/serverlessEndpoints/ep")
    assert [azure.follow(gone.headers["location"]).status_code for _ in range(3)] == [202, 202, 204]
    assert azure.server.verdict()["verdict"] == "clean"


def test_a_list_of_jobs_and_a_run_s_history_are_polls_too(azure: Azure) -> None:
    azure.job()
    before = step(azure, 5)["now"]
    assert azure.get("/jobs").status_code == 200
    assert azure.http.get(f"/history/v1.0{azure.ws}/runs/job/details").status_code == 200
    assert azure.http.get("/_mock/clock").json()["now"] == before + 10


def test_a_step_in_one_workspace_does_not_affect_another(azure: Azure) -> None:
    other = Azure(azure.server, "other")
    azure.job()
    other.job()
    step(azure, 600, workspace="other")
    assert polls_until_it_ends(other) == 1
    assert azure.status() == "NotStarted"
    assert azure.http.get("/_mock/clock", params={"workspace": "ws"}).json()["step_on_poll"] == 0
    other.close()


def test_faults_journal_and_verdict_are_separate_per_workspace(azure: Azure) -> None:
    other = Azure(azure.server, "other")
    azure.server.fault(workspace="other", operation="jobs.list", status=429, retry_after=9, count=None)
    assert [azure.get("/jobs").status_code, other.get("/jobs").status_code, other.get("/jobs").status_code] == [
        200,
        429,
        429,
    ]
    verdicts = [azure.http.get("/_mock/verdict", params={"workspace": name}).json() for name in ("ws", "other")]
    assert [one["verdict"] for one in verdicts] == ["clean", "guilty"]
    azure.http.delete("/_mock/faults", params={"workspace": "other"})
    assert other.get("/jobs").status_code == 200
    found = azure.http.get("/_mock/requests", params={"workspace": "OTHER"}).json()["requests"]
    assert [entry["status"] for entry in found] == [429, 429, 200]
    other.close()


def test_only_a_virtual_clock_steps(azure: Azure) -> None:
    with serve() as server:
        answer = httpx.post(f"{server.endpoint}/_mock/clock", json={"step_on_poll": 5}, trust_env=False)
        assert (answer.status_code, "add mode 'virtual'" in answer.json()["error"]["message"]) == (400, True)
    with pytest.raises(ValueError, match="virtual"), serve(step_on_poll=5):
        pass
    for wrong in (-1, "x", None):
        assert azure.http.post("/_mock/clock", json={"step_on_poll": wrong}).status_code == 400


def test_a_reset_ends_the_stepping(maas_server: Server) -> None:
    azure = Azure(maas_server)
    step(azure, 600)
    maas_server.reset()
    azure.job()
    assert [azure.status() for _ in range(3)] == ["NotStarted"] * 3
    azure.close()
