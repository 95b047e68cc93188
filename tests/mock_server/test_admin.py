"""The server's own routes: time, faults, journal, verdict, state."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from mock_server.server import Server, serve
from tests.mock_server.driver import Azure, operations, rows


def test_the_virtual_clock_stands_still_until_it_is_advanced(azure: Azure) -> None:
    first = azure.http.get("/_mock/clock").json()
    assert (first["mode"], azure.http.get("/_mock/clock").json()["now"]) == ("virtual", first["now"])
    moved = azure.http.post("/_mock/clock", json={"advance": 3600}).json()
    assert moved["now"] == pytest.approx(first["now"] + 3600)


def test_a_workspace_can_have_a_clock_of_its_own(azure: Azure) -> None:
    other = Azure(azure.server, "other")
    azure.job()
    other.job()
    azure.http.post("/_mock/clock", json={"workspace": "other", "advance": 3600})
    assert (azure.status(), other.status()) == ("NotStarted", "Completed")
    other.close()


def test_time_never_goes_back(azure: Azure) -> None:
    for body in ({"advance": -1}, {"advance": "x"}, {"mode": "wild"}, {"speed": 1}):
        answer = azure.http.post("/_mock/clock", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MockMisuse")


def test_a_scaled_clock_runs_at_its_rate() -> None:
    with serve() as server:
        scaled = Azure(server)
        scaled.job()
        scaled.http.post("/_mock/clock", json={"mode": "scaled", "scale": 1e6})
        assert scaled.status() == "Completed"
        scaled.close()


def test_a_fault_replaces_the_response_count_times(azure: Azure) -> None:
    azure.server.fault(operation="jobs.*", status=429, headers={"Retry-After": "7"}, body={"error": {}}, count=2)
    answers = [azure.get("/jobs") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert azure.get("").status_code == 200
    assert [entry["fault"] for entry in azure.server.requests()][:3] == [1, 1, None]


def test_a_fault_can_skip_requests(azure: Azure) -> None:
    azure.server.fault(method="GET", path="/jobs", skip=1, status=500)
    assert [azure.get("/jobs").status_code for _ in range(3)] == [200, 500, 200]


@pytest.mark.parametrize("drop", ["before", "headers", "body"])
def test_a_dropped_connection_is_an_error_and_not_an_answer(azure: Azure, drop: str) -> None:
    azure.server.fault(operation="jobs.list", drop=drop)
    with pytest.raises(httpx.RemoteProtocolError):
        azure.get("/jobs")
    assert azure.get("/jobs").status_code == 200


def test_a_connection_aborted_during_an_upload_is_an_error(azure: Azure) -> None:
    azure.server.fault(operation="jobs.create", drop="before")
    with pytest.raises(httpx.RemoteProtocolError):
        azure.job()
    assert azure.get("/jobs/job").status_code == 404


def test_a_lost_reply_leaves_the_work_done(azure: Azure) -> None:
    data = azure.asset(rows())
    azure.server.fault(operation="jobs.create", drop="after")
    with pytest.raises(httpx.RemoteProtocolError):
        azure.put("/jobs/job", azure.job_body(data))
    assert azure.status() == "NotStarted"
    assert azure.server.requests()[-2]["status"] is None


def test_a_truncated_stream_ends_without_its_mark(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    key = azure.key()
    azure.server.fault(operation="chat.complete", truncate=300)
    with pytest.raises(httpx.RemoteProtocolError):
        azure.chat("Hello", key=key, stream=True)


def test_a_flipped_bit_arrives_flipped(azure: Azure) -> None:
    azure.server.fault(operation="blob.put", flip=1)
    azure.upload(b"abc", "a")
    assert azure.plain.get(azure.blob_url("a")).content == b"acc"


def test_an_invalid_rule_is_rejected_with_a_correction(azure: Azure) -> None:
    for rule in ({"colour": 1}, {"status": 99}, {"path": "("}, {"drop": "maybe"}, {"operation": "x"}, {"body": "x"}):
        answer = azure.http.post("/_mock/faults", json=rule)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MockMisuse")


def test_faults_are_shown_counted_and_cleared(azure: Azure) -> None:
    azure.http.post("/_mock/faults", json={"faults": [{"status": 500, "count": None}, {"delay": 0.0, "status": 418}]})
    azure.get("")
    assert [rule["done"] for rule in azure.http.get("/_mock/faults").json()["faults"]] == [1, 0]
    azure.http.delete("/_mock/faults", params={"id": "1"})
    assert azure.get("").status_code == 418
    azure.server.faults_clear()
    assert azure.http.get("/_mock/health").json()["status"] == "ok"


def test_the_journal_has_every_request_and_no_secret(azure: Azure) -> None:
    azure.upload(b"abc", "a")
    azure.endpoint()
    azure.server.advance(60)
    key = azure.key()
    azure.chat("Hello", key=key)
    azure.post("/serverlessEndpoints/ep/regenerateKeys", {"keyType": "Primary", "keyValue": "k" * 32})
    entries = azure.server.requests()
    put = next(entry for entry in entries if entry["operation"] == "blob.put")
    assert (put["method"], put["status"], put["request_bytes"]) == ("PUT", 201, 3)
    written = json.dumps(entries)
    for secret in (key, "k" * 32, "Bearer token", "sv=2023-11-03&ss=b&srt=sco&sp=rwdlac&sig"):
        assert secret not in written
    assert "sig=REDACTED" in put["url"]
    assert not any(operation.startswith("mock.") for operation in operations(azure.server))


def test_a_clean_client_is_clean_and_an_early_retry_is_guilty(azure: Azure) -> None:
    azure.get("/jobs")
    assert azure.http.get("/_mock/verdict").json()["verdict"] == "clean"
    azure.server.fault(operation="jobs.list", status=429, headers={"Retry-After": "30"})
    azure.get("/jobs")
    azure.get("/jobs")
    charges = azure.http.get("/_mock/verdict").json()["charges"]
    assert [charge["charge"] for charge in charges] == ["retried too early"]
    assert [entry["status"] for entry in charges[0]["requests"]] == [429, 200]


def test_waiting_on_the_virtual_clock_counts_as_waiting(azure: Azure) -> None:
    azure.server.fault(operation="jobs.list", status=429, headers={"Retry-After": "30"})
    azure.get("/jobs")
    azure.server.advance(31)
    azure.get("/jobs")
    assert azure.http.get("/_mock/verdict").json()["verdict"] == "clean"


def test_two_jobs_of_one_body_are_a_double_creation(azure: Azure) -> None:
    body = azure.job_body(azure.asset(rows()))
    azure.put("/jobs/a", body)
    azure.put("/jobs/b", body)
    charges = azure.http.get("/_mock/verdict").json()["charges"]
    assert [charge["charge"] for charge in charges] == ["created twice"]


def test_an_exported_state_can_be_imported_into_an_empty_server(azure: Azure) -> None:
    azure.tuned()
    state = azure.http.get("/_mock/state").json()
    azure.http.post("/_mock/reset")
    assert azure.get("/jobs/job").status_code == 404
    assert azure.http.post("/_mock/state", json=state).status_code == 200
    assert azure.status() == "Completed"
    assert azure.plain.get(azure.blob_url("data/train.jsonl")).content == rows()


def test_a_reset_forgets_everything_but_the_time(azure: Azure) -> None:
    azure.job()
    now = azure.http.get("/_mock/clock").json()["now"]
    azure.server.reset()
    assert (azure.get("/jobs").json()["value"], azure.http.get("/_mock/clock").json()["now"]) == ([], now)


@pytest.mark.parametrize("forget", ["/_mock/reset", "/_mock/requests"])
def test_a_request_begun_before_the_journal_was_cleared_is_lost(azure: Azure, forget: str) -> None:
    azure.server.fault(operation="jobs.list", delay=0.2)
    with ThreadPoolExecutor(1) as pool, closing(Azure(azure.server)) as other:
        slow = pool.submit(other.get, "/jobs")
        for _ in range(1_000):
            if azure.http.get("/_mock/faults").json()["faults"][0]["matched"]:
                break
        azure.http.request("DELETE" if forget == "/_mock/requests" else "POST", forget)
        assert slow.result().status_code == 200
    assert azure.server.requests() == []


def test_a_server_reachable_by_others_requires_its_admin_token() -> None:
    with pytest.raises(ValueError, match="admin_token"), serve(host="0.0.0.0"):
        pass
    with serve(admin_token="secret") as server:
        url = f"{server.endpoint}/_mock/reset"
        assert httpx.post(url, trust_env=False).status_code == 401
        assert httpx.post(url, headers={"X-Mock-Token": "secret"}, trust_env=False).status_code == 200


def test_the_fixture_s_server_is_empty_for_every_test(maas_server: Server) -> None:
    assert maas_server.requests() == []
