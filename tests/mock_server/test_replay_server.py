"""The server of a replay: over a socket, with a clock of its own, started from a program or as a command."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mock_server import serve_replay
from mock_server.__main__ import main
from mock_server.replay.reader import CassetteError
from mock_server.replay_server import ReplayServer
from tests.mock_server.cassettes import MINE, VERSION, line, written

STARTED = "Tue, 15 Jul 2025 10:00:00 GMT"
START = 1752573600.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a cassette of a job that is created and polled."""
    created = line("PUT", "/jobs/job-1", 201, {"name": "job-1"}, headers={"date": STARTED})
    polled = line("GET", "/jobs/job-1", 200, {"name": "job-1"}, at=3600.0)
    return written(tmp_path / "job.jsonl", created, polled)


@pytest.fixture
def server(file: Path) -> Iterator[ReplayServer]:
    """Return a server that replays it."""
    with serve_replay(file) as running:
        yield running


@pytest.fixture
def http(server: ReplayServer) -> Iterator[httpx.Client]:
    """Return a client of it."""
    with httpx.Client(base_url=server.endpoint, trust_env=False) as client:
        yield client


def test_requests_over_a_socket_are_answered(server: ReplayServer, http: httpx.Client) -> None:
    made = http.put(f"{MINE}/jobs/mine{VERSION}", json={})
    assert (made.status_code, made.json()) == (201, {"name": "mine"})
    assert server.unmatched() == []
    progress = http.get("/_mock/replay").json()
    assert (progress["answered"], progress["unused"]) == ([0], [1])
    assert [one["n"] for one in http.get("/_mock/requests").json()["requests"]] == [0]


def test_what_fits_nothing_is_a_501_with_the_nearest(server: ReplayServer, http: httpx.Client) -> None:
    refused = http.get(f"{MINE}/computes/gpu{VERSION}")
    error = refused.json()["error"]
    assert refused.status_code == 501
    assert error["code"] == "CassetteHasNoMatch"
    assert error["nearest"][0]["n"] == 1
    assert server.unmatched() == [error["message"]]


def test_the_clock_is_that_of_the_recording(server: ReplayServer, http: httpx.Client) -> None:
    began = server.now()
    assert abs(began - START) < 1
    http.put(f"{MINE}/jobs/mine{VERSION}", json={})
    assert http.post("/_mock/clock", json={"advance": 30}).json()["now"] == pytest.approx(began + 30.1)
    http.get(f"{MINE}/jobs/mine{VERSION}")
    assert server.now() == pytest.approx(began + 3600.1)
    server.advance(10)
    assert http.get("/_mock/clock").json()["now"] == pytest.approx(began + 3610.1)
    server.reset()
    assert server.now() == began
    assert server.progress()["answered"] == []


def test_an_answer_that_was_lost_closes_the_connection(tmp_path: Path) -> None:
    lost = line("PUT", "/jobs/job-1", None, failure="timeout", operation="jobs.create")
    with serve_replay(written(tmp_path / "job.jsonl", lost)) as server, httpx.Client(trust_env=False) as http:
        with pytest.raises(httpx.TransportError):
            http.put(f"{server.endpoint}{MINE}/jobs/mine{VERSION}", json={})
        [entry] = http.get(f"{server.endpoint}/_mock/requests").json()["requests"]
        assert (entry["operation"], entry["status"], server.unmatched()) == ("jobs.create", None, [])


def test_without_dates_the_clock_begins_before_what_was_created(tmp_path: Path) -> None:
    document = {"systemData": {"createdAt": "2025-07-15T10:00:30Z"}, "value": [{"created_at": START + 5}]}
    created = line("PUT", "/jobs/job-1", 201, document, at=9.9)
    with serve_replay(written(tmp_path / "job.jsonl", created)) as server:
        assert abs(server.now() - (START + 20)) < 0.01


@pytest.mark.parametrize("body", [{"mode": "real"}, {"advance": -1}, {"advance": "soon"}, [1]], ids=str)
def test_the_clock_takes_nothing_but_seconds(http: httpx.Client, body: object) -> None:
    refused = http.post("/_mock/clock", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "MockMisuse")


def test_pages_of_other_sites_are_refused(http: httpx.Client) -> None:
    assert http.get(f"{MINE}/jobs/mine{VERSION}", headers={"origin": "https://evil.example"}).status_code == 403
    assert http.get("/_mock/health", headers={"host": "evil.example"}).status_code == 403
    assert http.get("/_mock/health", headers={"host": "a b"}).status_code == 400


def test_an_unknown_route_of_its_own_names_the_known(http: httpx.Client) -> None:
    refused = http.post("/_mock/faults", json={})
    assert refused.status_code == 404
    assert "GET /_mock/replay" in refused.json()["error"]["message"]
    assert http.get("/_mock/health").json()["status"] == "ok"


def test_a_replay_listens_on_this_machine_only(file: Path) -> None:
    with pytest.raises(ValueError, match="a replay listens on this machine only"), serve_replay(file, host="0.0.0.0"):
        pytest.fail("it listens")


def test_a_damaged_file_starts_no_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "job.jsonl"
    file.write_text("{\n", "utf-8")
    with pytest.raises(CassetteError, match="line 1 is damaged"), serve_replay(file):
        pytest.fail("it serves")
    assert main(["--replay", str(file), "--port", "0"]) == 2
    assert "line 1 is damaged: it is not JSON" in capsys.readouterr().err


def test_options_that_mean_nothing_to_a_replay_are_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--replay", str(file), "--state", "folder", "--job-seconds", "5"]) == 2
    assert "so --state, --job-seconds would change nothing: leave it out" in capsys.readouterr().err


def test_the_command_replays_until_it_is_stopped(file: Path, tmp_path: Path) -> None:
    address = tmp_path / "url.json"
    command = [sys.executable, "-m", "mock_server", "--replay", str(file), "--port", "0", "--url-file", str(address)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        endpoint = json.loads(address.read_text("utf-8"))["endpoint"]
        answer = httpx.put(f"{endpoint}{MINE}/jobs/mine{VERSION}", json={}, trust_env=False)
        process.send_signal(signal.SIGTERM)
        rest = process.communicate()[0]
    assert first == f"mock_server is listening on {endpoint}\n"
    assert answer.json() == {"name": "mine"}
    assert f"what was answered: {endpoint}/_mock/replay" in rest
    assert process.returncode == 0
