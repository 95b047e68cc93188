"""Faults: their effects on a client, and that they are reproducible."""

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from mock_server.core.scope import Scope
from mock_server.server import Server, serve
from tests.mock_server.driver import Azure, events


@pytest.fixture
def chatty(azure: Azure) -> Azure:
    """Return a workspace with an endpoint that is ready."""
    azure.endpoint()
    azure.server.advance(60)
    return azure


def test_latency_is_real_time(azure: Azure) -> None:
    azure.server.fault(operation="jobs.list", delay=0.05)
    began = time.perf_counter()
    assert azure.get("/jobs").status_code == 200
    assert time.perf_counter() - began >= 0.05


@pytest.mark.parametrize(
    ("spelling", "name", "value"),
    [
        ("seconds", "retry-after", "7.5"),
        ("retry-after-ms", "retry-after-ms", "7500"),
        ("x-ms-retry-after-ms", "x-ms-retry-after-ms", "7500"),
    ],
)
def test_a_429_has_retry_after_in_the_given_format(azure: Azure, spelling: str, name: str, value: str) -> None:
    azure.server.fault(operation="jobs.list", status=429, retry_after=7.5, spelling=spelling)
    assert azure.get("/jobs").headers[name] == value


def test_a_retry_after_can_be_a_date(azure: Azure) -> None:
    azure.server.fault(operation="jobs.list", status=503, retry_after=100, spelling="date")
    headers = azure.get("/jobs").headers
    dates = [parsedate_to_datetime(headers[name]) for name in ("date", "retry-after")]
    assert (dates[1] - dates[0]).total_seconds() == 100


def test_a_response_has_one_date_which_is_now(azure: Azure) -> None:
    before = int(time.time())
    (date,) = azure.get("/jobs").headers.get_list("date")
    assert before <= parsedate_to_datetime(date).timestamp() <= time.time()


def test_a_retry_after_can_be_added_to_a_real_response(azure: Azure) -> None:
    azure.server.fault(operation="jobs.get", retry_after=3)
    answer = azure.get("/jobs/nothing")
    assert (answer.status_code, answer.headers["retry-after"]) == (404, "3")


@pytest.mark.parametrize("path", ["/jobs", "/serverlessEndpoints"])
def test_an_expired_token_is_rejected_and_a_new_one_accepted(azure: Azure, path: str) -> None:
    azure.server.fault(path=path, expired=True)
    refused = azure.get(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "ExpiredAuthenticationToken")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert azure.get(path).status_code == 200


def test_an_html_page_comes_as_html(azure: Azure) -> None:
    azure.server.fault(operation="jobs.list", status=502, body="<html><h1>Bad Gateway</h1></html>")
    answer = azure.get("/jobs")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")


def test_half_a_json_body_ends_normally(azure: Azure) -> None:
    whole = azure.get("").content
    azure.server.fault(operation="workspaces.get", shorten="half")
    half = azure.get("")
    assert (half.status_code, half.content) == (200, whole[: len(whole) // 2])
    assert half.headers["content-length"] == str(len(half.content))


def test_a_shortened_stream_ends_without_its_end_marker(chatty: Azure) -> None:
    whole = list(events(chatty.chat("Hello", stream=True)))
    chatty.server.fault(operation="chat.complete", shorten=600)
    cut = chatty.chat("Hello", stream=True)
    assert (cut.status_code, len(cut.content), b"[DONE]" in cut.content) == (200, 600, False)
    assert chatty.server.requests()[-1]["response_bytes"] == 600
    assert len(whole) > 3


def test_a_limit_above_the_body_s_size_shortens_nothing(azure: Azure) -> None:
    azure.server.fault(operation="workspaces.get", shorten=1_000_000)
    assert azure.get("").json()["name"] == "ws"


def test_a_next_link_and_a_location_can_be_foreign(azure: Azure) -> None:
    azure.server.fault(operation="jobs.list", next_link="https://evil.example/next")
    azure.server.fault(operation="workspaces.get", headers={"Location": "https://evil.example/poll"})
    listed = azure.get("/jobs").json()
    assert listed == {"value": [], "nextLink": "https://evil.example/next"}
    assert azure.get("").headers["location"] == "https://evil.example/poll"


def test_a_flipped_bit_in_a_block_is_found_by_its_md5(azure: Azure) -> None:
    url = azure.blob_url("a")
    azure.server.fault(operation="blob.put_block", flip=2)
    headers = {"Content-MD5": "kAFQmDzST7DWlj99KOF/cg=="}  # of abc
    answers = [azure.plain.put(f"{url}&comp=block&blockid=YQ==", content=b"abc", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 201]
    assert answers[0].headers["x-ms-error-code"] == "Md5Mismatch"


def test_a_job_fails_with_the_given_reason(azure: Azure) -> None:
    azure.server.fault(job="fail", reason="The GPU caught fire.")
    azure.job()
    azure.server.advance(3600)
    assert azure.status() == "Failed"
    details = azure.http.get(f"/history/v1.0{azure.ws}/runs/job/details").json()
    assert details["error"]["error"]["message"] == "The GPU caught fire."


@pytest.mark.parametrize(
    ("kind", "status", "at"), [("stall", "NotResponding", 16), ("pause", "Paused", 16), ("queue", "Queued", 7)]
)
def test_a_job_is_held_and_then_continues(azure: Azure, kind: str, status: str, at: float) -> None:
    azure.server.fault(job=kind, seconds=7200)
    azure.job()
    azure.server.advance(at)
    assert azure.status() == status
    azure.server.advance(7100)
    assert azure.status() == status
    azure.server.advance(130)
    assert azure.status() == "Completed"
    assert azure.get("/models/tuned/versions/1").status_code == 200


def test_a_held_job_logs_no_metrics(azure: Azure) -> None:
    azure.server.fault(job="stall", seconds=7200)
    azure.job()
    full = f"/metric/v2.0{azure.ws}/runs/job/full"
    counts: list[int] = []
    for seconds in (16, 7000, 3600):
        azure.server.advance(seconds)
        counts.append(len(azure.http.post(full, json={"metricName": "loss"}).json()["value"]))
    assert counts[0] == counts[1] < counts[2]


@pytest.mark.parametrize(("loss", "read"), [("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf")])
@pytest.mark.parametrize("quoted", [False, True])
def test_losses_become_nan_as_literals_or_as_text(azure: Azure, loss: str, read: str, quoted: bool) -> None:
    azure.server.fault(job="nan", loss=loss, step=20, quoted=quoted)
    azure.job()
    azure.server.advance(3600)
    answer = azure.http.post(f"/metric/v2.0{azure.ws}/runs/job/full", json={"metricName": "loss"})
    assert (f'{{"loss":"{loss}"}}' in answer.text, f'{{"loss":{loss}}}' in answer.text) == (quoted, not quoted)
    values = {row["step"]: row["data"]["loss"] for row in answer.json()["value"]}
    assert all((str(float(value)) == read) == (step >= 20) for step, value in values.items())
    assert min(values) < 20 <= max(values)
    query = {"run_id": "job", "metric_key": "loss"}
    found = azure.http.get(f"/mlflow/v2.0{azure.ws}/api/2.0/mlflow/metrics/get-history", params=query).json()["metrics"]
    assert found[-1]["value"] == loss  # protobuf writes it as text
    assert azure.status() == "Completed"


def test_nan_losses_are_left_out_of_the_page_s_curve(azure: Azure) -> None:
    azure.server.fault(job="nan")
    azure.job()
    azure.server.advance(3600)
    guid = Scope("sub", "rg", "ws").guid
    shown = azure.http.get("/_mock/ui/curve", params={"guid": guid, "job": "job"})
    assert "NaN" not in shown.text
    assert shown.json()["loss"]


def test_a_job_stalled_without_end_can_only_be_canceled(azure: Azure) -> None:
    azure.server.fault(job="stall")
    azure.job()
    azure.server.advance(1e8)
    assert azure.status() == "NotResponding"
    assert azure.post("/jobs/job/cancel").status_code == 202
    azure.server.advance(60)
    assert azure.status() == "Canceled"


def test_a_rule_applies_only_to_the_creation_that_matches(azure: Azure) -> None:
    azure.server.fault(job="fail", path="/jobs/second")
    data = azure.job().request  # the first job
    azure.http.put(f"{azure.ws}/jobs/second", content=data.content)
    azure.server.advance(3600)
    assert [azure.status(name) for name in ("job", "second")] == ["Completed", "Failed"]


def test_an_endpoint_s_creation_fails_with_the_given_reason(azure: Azure) -> None:
    azure.server.fault(endpoint="fail", reason="No capacity in eastus2.")
    made = azure.endpoint()
    assert made.status_code == 201
    assert azure.follow(made.headers["azure-asyncoperation"]).json()["status"] == "InProgress"
    azure.server.advance(60)
    ended = azure.follow(made.headers["azure-asyncoperation"]).json()
    assert (ended["status"], ended["error"]["message"]) == ("Failed", "No capacity in eastus2.")
    shown = azure.get("/serverlessEndpoints/ep").json()["properties"]
    assert (shown["provisioningState"], shown["endpointState"]) == ("Failed", "CreationFailed")
    assert shown["inferenceEndpoint"] is None
    assert "No capacity" in azure.chat("Hello").json()["error"]["message"]


def test_an_unready_endpoint_rejects_a_number_of_chats(azure: Azure) -> None:
    azure.server.fault(endpoint="unready", calls=2)
    azure.endpoint()
    azure.server.advance(60)
    assert azure.get("/serverlessEndpoints/ep").json()["properties"]["provisioningState"] == "Succeeded"
    key = azure.key()
    assert [azure.chat("Hello", key=key).status_code for _ in range(3)] == [424, 424, 200]


def test_an_unready_endpoint_rejects_chats_for_some_seconds(azure: Azure) -> None:
    azure.server.fault(endpoint="unready", seconds=300, code=503)
    azure.endpoint()
    azure.server.advance(60)
    assert azure.chat("Hello").status_code == 503
    azure.server.advance(300)
    assert azure.chat("Hello").status_code == 200


def statuses_under_rule(server: Server) -> list[int]:
    """Return the statuses of thirty requests under a rule with probability one half."""
    azure = Azure(server)
    server.fault(operation="jobs.list", status=500, count=None, probability=0.5)
    found = [azure.get("/jobs").status_code for _ in range(30)]
    azure.close()
    return found


def test_the_same_seed_applies_to_the_same_requests() -> None:
    runs: list[list[int]] = []
    for seed in (1, 1, 2):
        with serve(seed=seed) as server:
            runs.append(statuses_under_rule(server))
    assert runs[0] == runs[1]
    assert runs[1] != runs[2]
    assert {200, 500} == set(runs[0])


def test_probabilities_of_two_rules_are_independent() -> None:
    with serve(seed=1) as server:
        alone = statuses_under_rule(server)
        server.faults_clear()
        azure = Azure(server)
        rule = {"operation": "jobs.list", "status": 500, "count": None, "probability": 0.5}
        server.fault(**rule)
        server.fault(operation="workspaces.get", status=503, count=None, probability=0.5)
        mixed: list[int] = []
        for _ in range(30):
            mixed.append(azure.get("/jobs").status_code)
            azure.get("")
        assert mixed == alone
        azure.close()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"colour": 1, "status": 500}, "has no field 'colour': use one of body, calls"),
        ({"cuont": 1, "status": 500}, "did you mean 'count'?"),
        ({"operation": "job.get", "status": 500}, "got 'job.get': did you mean 'jobs.get'"),
        ({"operation": "get_job", "status": 500}, "did you mean 'jobs.get'"),
        ({"operation": "Jobs.Get", "status": 500}, "did you mean 'jobs.get'"),
        ({"operation": "upload", "status": 500}, "use one of access.permissions, "),
        ({"operation": "job.*", "status": 500}, "'operation' matches none; got 'job.*'"),
        ({"operation": "mock.reset", "status": 500}, "'operation' matches none"),
        (
            {"operation": "jobs.get", "job": "fail"},
            "'job' applies to jobs.create and foundry.jobs.create",
        ),
        ({"operation": "jobs.*", "endpoint": "fail"}, "'endpoint' applies to endpoints.create"),
        ({"method": "GTE", "status": 500}, "'method' must be an HTTP method; got 'GTE'"),
        ({"status": 99}, "'status' must be a status from 200 to 599; got '99'"),
        ({"drop": "maybe"}, "must be one of ('before', 'after', 'headers', 'body'); got 'maybe'"),
        ({"path": "(a+)+$", "status": 500}, "'path' must be a regular expression"),
        ({"path": "(a|a)*b", "status": 500}, "'path' must be a regular expression"),
        ({"path": "(.{1,99}){9,}x", "status": 500}, "'path' must be a regular expression"),
        ({"path": r"(.)\1", "status": 500}, "'path' must be a regular expression"),
        ({"path": ".*a.*b", "status": 500}, "'path' must be a regular expression"),
        ({"path": "(?=.*a)b", "status": 500}, "'path' must be a regular expression"),
        ({"path": "a" * 201, "status": 500}, "'path' must be a regular expression"),
        ({"path": "(", "status": 500}, "'path' must be a regular expression"),
        ({"operation": "jobs.get"}, "must have an effect; got ['operation']: add one of"),
        ({"spelling": "date", "status": 429}, "add retry_after"),
        ({"body": {}, "delay": 1}, "add status"),
        ({"reason": "x", "status": 500}, "add job or endpoint"),
        (
            {"status": 500, "job": "fail"},
            "remove expired, job, endpoint, file, deployment, compute, chat, scoring and next_link",
        ),
    ],
)
def test_an_invalid_rule_is_rejected_with_what_to_change(azure: Azure, rule: dict[str, object], words: str) -> None:
    answer = azure.http.post("/_mock/faults", json=rule)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MockMisuse")
    assert words in answer.json()["error"]["message"]


def test_a_client_can_tell_a_shortened_from_a_cut_response(chatty: Azure) -> None:
    key = chatty.key()
    chatty.server.fault(operation="chat.complete", drop="body")
    with pytest.raises(httpx.RemoteProtocolError):
        chatty.chat("Hello", key=key)
    chatty.server.fault(operation="chat.complete", shorten="half")
    assert chatty.chat("Hello", key=key).status_code == 200
