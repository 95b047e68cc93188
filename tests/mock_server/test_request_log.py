"""The line per request: what it says, and what it must never say."""

import io
import re

import httpx
import pytest

from mock_server.http.request_log import LONGEST_PATH, line
from mock_server.server import serve
from tests.mock_server.driver import Azure

TIME = r"\d\d:\d\d:\d\d"


def test_a_line_names_method_status_time_operation_and_path() -> None:
    found = line("PUT", "/a/jobs/ft-1", 201, 0.0124, "jobs.create", None)
    assert re.fullmatch(rf"{TIME} PUT        201    12 ms  jobs\.create  /a/jobs/ft-1", found)


def test_a_line_names_the_fault_and_what_was_dropped() -> None:
    assert "dropped     0 ms  jobs.get (fault 3)" in line("GET", "/", None, 0, "jobs.get", 3)
    assert "404     0 ms  unknown operation" in line("GET", "/", 404, 0, "", None)


@pytest.mark.parametrize("path", ["/a\nb", "/\x1b[2J", "/caf\u00e9", "/\u202e", "/" + "x" * 10_000])
def test_a_path_is_one_short_line_of_ascii(path: str) -> None:
    found = line("GET", path, 200, 0, "jobs.get", None)
    assert re.fullmatch(r"[ -~]*…?", found)
    assert len(found) <= LONGEST_PATH + 60


def test_each_request_is_logged_once_and_without_secrets() -> None:
    log = io.StringIO()
    with serve(clock="virtual", request_log=log) as server:
        azure = Azure(server)
        server.fault(operation="jobs.get", drop="after")
        azure.job("ft-1")
        with pytest.raises(httpx.RemoteProtocolError):
            azure.get("/jobs/ft-1")
        azure.http.get("/_mock/requests", params={"operation": "in-the-query"})
        azure.get("/jobs/ft-1")
        assert azure.plain.get(azure.blob_url("data/train.jsonl")).status_code == 200
        azure.http.get("/_mock/clock")
        azure.close()
        requests = server.requests()
    lines = log.getvalue().splitlines()
    assert len(lines) == len(requests) + 2
    assert [each for each in lines if " jobs.create  /subscriptions/" in each and " 201 " in each]
    assert [each for each in lines if " dropped " in each and "jobs.get (fault 1)" in each]
    assert " mock.clock  /_mock/clock" in lines[-1]
    assert not re.search(r"[?]|Bearer|in-the-query", log.getvalue())


def test_health_checks_and_the_page_are_not_logged() -> None:
    log = io.StringIO()
    with serve(request_log=log) as server:
        for path in ("/_mock/health", "/_mock/ui", "/_mock/ui/files/style.css"):
            assert httpx.get(f"{server.endpoint}{path}", trust_env=False).status_code == 200
    assert log.getvalue() == ""


def test_a_closed_log_fails_no_request() -> None:
    log = io.StringIO()
    log.close()
    with serve(request_log=log) as server:
        assert httpx.get(f"{server.endpoint}/_mock/clock", trust_env=False).status_code == 200
