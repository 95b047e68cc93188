"""A wait that nothing will end gets an error that says why; a wait that can still end is left alone."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from maas_client import BadRequest, BlockingWire, MaasClient, WaitTimeout
from mock_server.server import Server, serve
from mock_server.state.repeated_polls import RepeatedPolls
from tests.mock_server.driver import Azure, rows
from tests.mock_server.foundry_driver import Foundry
from tests.mock_server.foundry_resource import Resource
from tests.mock_server.pipeline_bodies import pipeline_body

NEVER = "MockWaitNeverEnds"


@pytest.fixture
def impatient() -> Iterator[Server]:
    """Return a server that ends a wait at the second poll in vain."""
    with serve(clock="virtual", end_waits_after=0.0) as server:
        yield server


@pytest.fixture
def azure(impatient: Server) -> Iterator[Azure]:
    """Return an empty workspace of that server."""
    azure = Azure(impatient)
    yield azure
    azure.close()


@pytest.fixture
def app(impatient: Server) -> Iterator[MaasClient]:
    """Return a client that knows nothing of the server's clock, as an app makes one; it skips its own pauses."""
    with client(impatient, BlockingWire(sleep=lambda _: None)) as app:
        yield app


def client(server: Server, wire: BlockingWire) -> MaasClient:
    """Return a client of the workspace."""
    return MaasClient(subscription_id="sub", resource_group="rg", workspace="ws", endpoint=server.endpoint, wire=wire)


def hang(seconds: float, gap: float, cause: Callable[[int], object]) -> list[bool]:
    """Poll for some seconds, at this interval; return which polls would end the wait after 30 seconds."""
    now = 0.0
    polls = RepeatedPolls(30.0, clock=lambda: now)
    ends: list[bool] = []
    while now <= seconds:
        ends.append(polls.is_in_vain("GET /jobs/a", cause(len(ends))))
        now += gap
    return ends


def test_a_wait_on_a_clock_that_stands_still_ends(azure: Azure, app: MaasClient) -> None:
    azure.job()
    with pytest.raises(BadRequest, match=r"virtual clock stood still.*Use the fixture maas_env"):
        app.jobs.wait("job")


def test_a_wait_for_a_deployment_that_never_answers_ends(impatient: Server) -> None:
    impatient.fault(deployment="not_ready")
    with closing(Resource(impatient)) as resource:
        resource.deploy()
        impatient.advance(60)
        chat = {"model": "dep", "messages": [{"role": "user", "content": "Hello"}]}
        first, second = (resource.http.post("/openai/v1/chat/completions", json=chat) for _ in range(2))
    assert (first.status_code, second.json()["error"]["code"]) == (404, NEVER)
    assert "keeps deployment 'dep' from ever answering" in second.json()["error"]["message"]


def test_a_wait_for_a_job_held_without_end_ends(azure: Azure, app: MaasClient) -> None:
    azure.server.fault(job="queue")
    azure.job()
    azure.server.advance_on_poll(60)
    with pytest.raises(BadRequest, match=r"keeps job 'job' from ever ending\. Give the rule"):
        app.jobs.wait("job")


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": "before"}, {"drop": "after"}], ids=str)
def test_a_wait_that_a_rule_fails_without_end_ends(azure: Azure, app: MaasClient, fault: dict[str, object]) -> None:
    azure.job()
    azure.server.fault(operation="jobs.get", count=None, **fault)
    with pytest.raises(BadRequest, match=r"without a limit \(count=None\)"):
        app.jobs.wait("job")


def test_polls_through_a_list_and_the_history_count_too(azure: Azure) -> None:
    azure.job()
    for path in (f"{azure.ws}/jobs", f"/history/v1.0{azure.ws}/runs/job/details"):
        assert [azure.http.get(path).status_code for _ in range(2)] == [200, 400]
        assert azure.http.get(path).json()["error"]["code"] == NEVER


def test_a_pipeline_whose_step_is_held_ends_its_wait(azure: Azure) -> None:
    azure.server.set_quota({"gpu": 24})
    azure.server.fault(operation="jobs.create", job="queue", child="chat_completion_datapreprocess")
    assert azure.put("/jobs/pipe", pipeline_body(azure.asset(rows()))).status_code == 201
    azure.server.advance_on_poll(5)
    found = [azure.get("/jobs/pipe") for _ in range(12)]
    assert (found[0].status_code, found[-1].status_code) == (200, 400)
    assert "keeps job 'pipe' from ever ending" in found[-1].text


def test_an_endpoint_and_an_operation_are_waited_for_too(azure: Azure) -> None:
    made = azure.endpoint()
    assert [azure.follow(made.headers["azure-asyncoperation"]).status_code for _ in range(2)] == [200, 400]
    assert [azure.get("/serverlessEndpoints/ep").status_code for _ in range(2)] == [200, 400]


def test_a_list_with_a_job_that_can_end_is_no_endless_wait(azure: Azure) -> None:
    azure.server.fault(job="queue")
    azure.job()
    assert azure.put("/jobs/other", azure.get("/jobs/job").json()).status_code == 201
    azure.server.advance_on_poll(1)
    assert [azure.get("/jobs").status_code for _ in range(3)] == [200] * 3


def test_a_wait_whose_clock_moves_is_left_alone(azure: Azure) -> None:
    azure.job()
    for _ in range(20):
        assert azure.get("/jobs/job").status_code == 200
        azure.server.advance(1)


def test_a_canceled_job_that_was_held_ends_by_itself(azure: Azure) -> None:
    azure.server.fault(job="pause")
    azure.job()
    azure.server.advance(3600)
    azure.post("/jobs/job/cancel")
    azure.server.advance_on_poll(1)
    assert [azure.get("/jobs/job").status_code for _ in range(3)] == [200] * 3


def test_a_test_may_ask_for_waits_without_a_limit(azure: Azure) -> None:
    azure.job()
    azure.server.end_waits_after(None)
    assert [azure.get("/jobs/job").status_code for _ in range(5)] == [200] * 5
    azure.server.reset()
    azure.job()
    assert [azure.get("/jobs/job").status_code for _ in range(2)] == [200, 400]


def test_a_long_timeout_on_the_virtual_clock_is_left_alone(maas_server: Server) -> None:
    maas_server.fault(job="queue")
    azure = Azure(maas_server)
    azure.job()
    azure.close()
    wire = BlockingWire(sleep=maas_server.advance, now=maas_server.now, clock=maas_server.now)
    with client(maas_server, wire) as maas, pytest.raises(WaitTimeout):
        maas.jobs.wait("job", timeout=4 * 3600)


@pytest.mark.parametrize("gap", [0.01, 2.0, 9.0])
def test_polls_in_vain_are_ended_after_the_limit(gap: float) -> None:
    ends = hang(60, gap, lambda _: "clock")
    assert 30 <= ends.index(True) * gap < 30 + 2 * gap + 0.1


def test_a_client_that_polls_seldom_gets_its_error_later() -> None:
    assert hang(600, 60.0, lambda _: "clock").index(True) == 3


def test_something_that_changed_starts_the_limit_anew() -> None:
    assert not any(hang(600, 2.0, lambda poll: poll // 10))
    assert not any(hang(600, 2.0, lambda poll: None if poll % 10 == 0 else "clock"))


def test_a_look_at_a_job_after_a_long_pause_is_no_wait() -> None:
    now = 0.0
    polls = RepeatedPolls(30.0, clock=lambda: now)
    assert not polls.is_in_vain("GET /jobs/a", "clock")
    now = 3600.0
    assert not any(polls.is_in_vain("GET /jobs/a", "clock") for _ in range(100))


@pytest.mark.parametrize("kind", ["queue", "stall", "pause"])
def test_a_foundry_job_held_without_end_ends_its_wait(impatient: Server, kind: str) -> None:
    foundry = Foundry(impatient)
    impatient.fault(job=kind)
    job = foundry.job()
    impatient.advance(60)
    impatient.advance_on_poll(60)
    for path in (f"/fine_tuning/jobs/{job}", "/fine_tuning/jobs"):
        answers = [foundry.get(path) for _ in range(2)]
        assert [one.status_code for one in answers] == [200, 400]
        assert f"keeps job '{job}' from ever ending" in answers[1].json()["error"]["message"]
    foundry.http.close()


def test_a_paused_foundry_job_ends_its_wait(impatient: Server) -> None:
    foundry = Foundry(impatient)
    job = foundry.job()
    impatient.advance(12)
    assert foundry.post(f"/fine_tuning/jobs/{job}/pause").status_code == 200
    impatient.advance_on_poll(60)
    answers = [foundry.get(f"/fine_tuning/jobs/{job}").status_code for _ in range(2)]
    assert answers == [200, 400]
    assert foundry.post(f"/fine_tuning/jobs/{job}/resume").status_code == 200
    assert [foundry.get(f"/fine_tuning/jobs/{job}").status_code for _ in range(3)] == [200] * 3
    foundry.http.close()


@pytest.mark.parametrize("path", ["/files/{}", "/fine_tuning/jobs/{}"])
def test_a_foundry_wait_moves_a_stepping_clock(impatient: Server, path: str) -> None:
    foundry = Foundry(impatient)
    impatient.advance_on_poll(5)
    name = foundry.job() if "jobs" in path else foundry.file_now()
    statuses = [foundry.get(path.format(name)).json()["status"] for _ in range(12)]
    assert statuses[-1] in ("processed", "succeeded")
    foundry.http.close()
