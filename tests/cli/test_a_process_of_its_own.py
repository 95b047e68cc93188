"""The command line as a process: exit codes, the two streams, terminals, signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.server import Server, serve
from tests.cli.shell import ANSWER, MODEL, Shell, process
from tests.cli.terminal import on_a_terminal, plain

COLOURS = re.compile(r"\x1b\[(?:\d+;)*(?:3|4|9|10)\d[;\dm]")
"""Escape sequences that set a colour."""


@pytest.fixture
def quick_server(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A real-time server whose jobs take 2.5 seconds, set in the environment."""
    with serve(job_seconds=2.5) as server:
        monkeypatch.setenv("MAAS_ENDPOINT", server.endpoint)
        yield server


def test_data_is_on_stdout_and_the_rest_on_stderr(maas: Shell, train: str) -> None:
    done = process("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-1", "--output", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["name"] == "ft-1"
    assert done.stderr == "next: maas jobs watch ft-1\n"


def test_an_error_is_on_stderr_and_in_the_exit_code(maas: Shell) -> None:
    done = process("jobs", "show", "nobody")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: ")


def test_the_script_is_the_module(maas: Shell) -> None:
    script = Path(sys.executable).with_name("maas")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == process("--version").stdout


@pytest.fixture
def unread() -> Iterator[int]:
    """The write end of a pipe whose read end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize(
    "words",
    [["models"], ["models", "--output", "table"], ["models", "--output", "jsonl"], ["--help"], ["jobs", "--help"]],
)
def test_a_closed_pipe_ends_silently_with_the_code_of_sigpipe(unread: int, words: list[str]) -> None:
    command = [sys.executable, "-m", "maas_client", *words]
    done = subprocess.run(command, stdout=unread, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_unread_error_keeps_its_exit_code(unread: int) -> None:
    command = [sys.executable, "-m", "maas_client", "jobs", "lst"]
    assert subprocess.run(command, stdout=unread, stderr=unread, check=False).returncode == 2


def test_without_any_stdout_a_command_still_ends_well() -> None:
    shell = 'exec "$0" -m maas_client models >&-'
    done = subprocess.run(["sh", "-c", shell, sys.executable], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_gets_a_table_and_no_color_takes_colour_only() -> None:
    code, drawn = on_a_terminal("models")
    assert code == 0
    assert "─" in drawn
    assert "\x1b[1m" in drawn
    code, uncoloured = on_a_terminal("models", NO_COLOR="1")
    assert code == 0
    assert plain(uncoloured) == plain(drawn)
    assert not COLOURS.search(uncoloured)


def test_a_terminal_gets_a_live_view_and_then_the_next_command(maas: Shell, quick_server: Server, train: str) -> None:
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--epochs", "5", "--name", "ft-live")
    code, drawn = on_a_terminal("jobs", "watch", "ft-live")
    shown = plain(drawn)
    assert code == 0
    assert "╭─ ft-live" in shown
    assert "Completed" in shown
    assert "loss" in shown
    assert "next: maas deploy ft-live" in shown


def test_a_terminal_shows_ids_whole(job: str, maas: Shell) -> None:
    data = json.loads(maas.done("jobs", "show", job, "--output", "json"))["training_data"]
    code, drawn = on_a_terminal("jobs", "show", job, COLUMNS="70")
    assert code == 0
    assert data in re.sub(r"\s+", "", plain(drawn))


def test_a_terminal_gets_a_progress_bar(maas: Shell, train: str) -> None:
    code, drawn = on_a_terminal("upload", train)
    assert code == 0
    assert "train.jsonl" in plain(drawn)
    assert "━" in plain(drawn)


def test_a_terminal_gets_a_progress_bar_for_the_upload_of_a_job(maas: Shell, train: str) -> None:
    create = ["jobs", "create", "--model", MODEL, "--name", "ft-1", "--training-data", train]
    code, drawn = on_a_terminal(*create)
    assert code == 0
    assert "━" in plain(drawn)
    code, drawn = on_a_terminal(*create)
    assert code == 0
    assert "━" not in plain(drawn)


def test_a_conversation_lasts_until_ctrl_d(endpoint: str) -> None:
    code, drawn = on_a_terminal("chat", endpoint, prompt=b"> ", keys=b"When do you open?\n\nWhat is 3 + 1?\n\x04")
    assert code == 0
    assert ANSWER in drawn
    assert "It is 4." in drawn
    assert f"chatting with {endpoint}" in drawn


@pytest.mark.parametrize(("key", "code", "deletions"), [(b"n\n", 1, 0), (b"\x04", 1, 0), (b"y\n", 0, 1)])
def test_delete_asks_at_a_terminal(maas: Shell, quick_server: Server, key: bytes, code: int, deletions: int) -> None:
    maas.done("endpoints", "create", "--model", MODEL, "--name", "shop", "--no-wait")
    found, drawn = on_a_terminal("endpoints", "delete", "shop", prompt=b"[y/N]", keys=key)
    assert found == code
    assert f"which serves {MODEL}?" in drawn
    assert [entry["method"] for entry in quick_server.requests()].count("DELETE") == deletions


def test_ctrl_c_exits_with_130_and_the_resume_command(job: str) -> None:
    command = [sys.executable, "-m", "maas_client", "jobs", "watch", job]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().endswith("NotStarted\n")
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=30)
    assert running.returncode == 130
    assert complaint.endswith("resume with: maas jobs watch ft-1\n")
    assert "Traceback" not in complaint


def test_a_mock_server_that_cannot_start_exits_with_a_code() -> None:
    done = process("mock", "--port", "0", "--load", "nowhere.json")
    assert done.returncode == 2
    assert "nowhere.json" in done.stderr


def test_the_mock_server_prints_lines_for_powershell() -> None:
    command = [
        sys.executable,
        "-m",
        "maas_client",
        "mock",
        "--port",
        "0",
        "--shell",
        "powershell",
        "--workspace",
        "it's",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline().rstrip() for _ in range(4)]
        running.terminate()
        running.communicate(timeout=30)
    assert re.fullmatch(r"\$env:MAAS_ENDPOINT = 'http://127\.0\.0\.1:\d+'", lines[0])
    assert lines[3] == "$env:AZUREML_WORKSPACE_NAME = 'it''s'"


def test_the_mock_server_prints_its_environment_variables(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "maas_client", "mock", "--port", "0", "--job-seconds", "2", "--workspace", "shop"]
    command += ["--url-file", str(tmp_path / "url"), "--ca-out", str(tmp_path / "ca.pem"), "--tls"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline().rstrip() for _ in range(6)]
        exported = dict(line.removeprefix("export ").split("=", 1) for line in lines[:5])
        listed = process("jobs", "list", "--output", "json", environment=exported)
        running.terminate()
        running.communicate(timeout=30)
    assert exported["AZUREML_WORKSPACE_NAME"] == "shop"
    assert exported["MAAS_ENDPOINT"] == json.loads((tmp_path / "url").read_text())["endpoint"]
    assert lines[5].startswith("mock_server is listening on https://127.0.0.1:")
    assert (listed.returncode, listed.stdout) == (0, "[]\n")
    assert running.returncode == 0
