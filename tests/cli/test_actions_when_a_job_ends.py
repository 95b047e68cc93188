"""`maas jobs watch --exec` and `--notify`: once for each job that ends."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.test_bad_input_ends_with_its_code import refused

KEEP = """
import json, os, sys
names = ("MAAS_JOB_NAME", "MAAS_JOB_STATUS", "MAAS_JOB_OUTPUT_MODEL")
with open("ended.jsonl", "a") as file:
    environment = [os.environ[name] for name in names]
    json.dump({"stdin": json.load(sys.stdin), "environment": environment, "words": sys.argv[1:]}, file)
    file.write("\\n")
print("kept")
sys.exit(int(os.environ.get("CODE", "0")))
"""


@pytest.fixture
def command(maas: Shell) -> str:
    """A command that keeps what it is given."""
    Path("keep it.py").write_text(KEEP, "utf-8")
    return shlex.join([sys.executable, "keep it.py", "a b", "$MAAS_JOB_NAME;exit"])


def kept() -> list[dict[str, Any]]:
    """What the command was given, in order."""
    return [json.loads(line) for line in Path("ended.jsonl").read_text("utf-8").splitlines()]


class Receiver:
    """A server that keeps what is posted to it."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.posts.append((self.path, headers, json.loads(body)))
                self.send_response(receiver.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name in the base class
                """Log nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/SECRET-PATH"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A running receiver."""
    found = Receiver()
    thread = Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture
def several(maas: Shell, server: Server, train: str) -> list[str]:
    """Three jobs, the second of which fails."""
    server.fault(operation="jobs.create", job="fail", reason="no rows", skip=1)
    names = ["ft-a", "ft-b", "ft-c"]
    for name in names:
        maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", name)
    return names


def test_a_command_runs_once_for_each_job_that_ends(maas: Shell, several: list[str], command: str) -> None:
    result = maas("jobs", "watch", *several, "--exec", command)
    assert result.exit_code == 5
    found = {each["stdin"]["name"]: each for each in kept()}
    assert sorted(found) == several
    assert len(kept()) == 3
    assert found["ft-a"]["environment"] == ["ft-a", "Completed", "ft-a-model:1"]
    assert found["ft-b"]["environment"] == ["ft-b", "Failed", ""]
    assert "no rows" in found["ft-b"]["stdin"]["error"]
    assert "ft-a: kept" in result.stderr
    assert "kept" not in result.stdout


def test_no_shell_reads_the_command(maas: Shell, job: str, command: str) -> None:
    assert maas("jobs", "watch", job, "--exec", command).exit_code == 0
    (found,) = kept()
    assert found["words"] == ["a b", "$MAAS_JOB_NAME;exit"]


def test_a_failed_command_is_exit_code_1_if_all_else_went_well(
    maas: Shell, several: list[str], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODE", "3")
    result = maas("jobs", "watch", "ft-a", "--exec", command)
    assert result.exit_code == 1
    assert "warning: ft-a: --exec ended with exit code 3" in result.stderr
    assert maas("jobs", "watch", "ft-b", "--exec", command).exit_code == 5


@pytest.mark.parametrize("wrong", ["no-such-program-anywhere", "'"])
def test_a_command_that_cannot_be_run_is_a_failed_one(maas: Shell, job: str, wrong: str) -> None:
    result = maas("jobs", "watch", job, "--exec", wrong)
    assert result.exit_code == 1
    assert "warning: ft-1: --exec could not be run: " in result.stderr
    assert "[Errno" not in result.stderr


def test_a_document_is_posted_for_each_job(maas: Shell, several: list[str], receiver: Receiver) -> None:
    assert maas("jobs", "watch", *several, "--notify", receiver.url).exit_code == 5
    assert sorted(body["name"] for _, _, body in receiver.posts) == several
    path, headers, body = receiver.posts[-1]
    assert path == "/hook/SECRET-PATH"
    assert headers["content-type"] == "application/json"
    assert "authorization" not in headers
    assert body["event"] == "job_ended"
    assert {body["text"].partition(" (")[0] for _, _, body in receiver.posts} == {
        "job ft-a: Completed",
        "job ft-b: Failed",
        "job ft-c: Completed",
    }


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_refused_notification_is_a_warning(maas: Shell, job: str, receiver: Receiver, status: int) -> None:
    receiver.status = status
    result = maas("jobs", "watch", job, "--notify", receiver.url)
    assert result.exit_code == 0
    assert f"was not notified: it answered with {status}" in result.stderr
    assert "SECRET-PATH" not in result.output
    assert len(receiver.posts) == 1


def test_a_receiver_that_is_not_there_is_a_warning(maas: Shell, job: str, receiver: Receiver) -> None:
    url = receiver.url.replace(f":{receiver.server.server_port}", ":9")
    result = maas("jobs", "watch", job, "--notify", url)
    assert result.exit_code == 0
    assert "warning: ft-1: http://127.0.0.1:9/*** was not notified: " in result.stderr
    assert "SECRET-PATH" not in result.output


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/SECRET",
        "https://u:SECRET@example.org/",
        "ftp://127.0.0.1/SECRET",
        "SECRET",
        "https://",
        "https://[::1/SECRET",
        "https://example.org:0x/SECRET",
    ],
)
def test_another_url_is_refused_and_not_repeated(maas: Shell, server: Server, url: str) -> None:
    result = maas("jobs", "watch", "ft-1", "--notify", url)
    refused(result, 2, "--notify", "must")
    assert "SECRET" not in result.output
    assert server.requests() == []


def test_the_resume_command_hides_the_url(maas: Shell, job: str, receiver: Receiver) -> None:
    maas.interrupt_at = 100.0
    result = maas("jobs", "watch", job, "--notify", receiver.url, "--exec", "true")
    assert result.exit_code == 130
    assert "--exec true --notify 'http://127.0.0.1" in result.stderr
    assert "SECRET-PATH" not in result.output
    assert receiver.posts == []
