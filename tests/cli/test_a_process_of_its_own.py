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


@pytest.fixture
def quick_server(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server in real time whose jobs take two and a half seconds, in the environment of the test."""
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


def test_a_reader_that_leaves_early_is_no_error_worth_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "maas_client", "models"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_terminal_gets_a_table_and_no_color_plain_lines() -> None:
    code, drawn = on_a_terminal("models")
    assert code == 0
    assert "─" in drawn
    assert "\x1b[1m" in drawn
    code, drawn = on_a_terminal("models", NO_COLOR="1")
    assert drawn.replace("\r\n", "\n") == process("models").stdout


def test_a_terminal_gets_a_live_view_of_a_job_and_then_what_to_do(
    maas: Shell, quick_server: Server, train: str
) -> None:
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


def test_a_conversation_lasts_until_ctrl_d(endpoint: str) -> None:
    code, drawn = on_a_terminal("chat", endpoint, prompt=b"> ", keys=b"When do you open?\n\nWhat is 3 + 1?\n\x04")
    assert code == 0
    assert ANSWER in drawn
    assert "It is 4." in drawn
    assert f"talking to {endpoint}" in drawn


@pytest.mark.parametrize(("key", "code", "deletions"), [(b"n\n", 1, 0), (b"y\n", 0, 1)])
def test_delete_asks_at_a_terminal(maas: Shell, quick_server: Server, key: bytes, code: int, deletions: int) -> None:
    maas.done("endpoints", "create", "--model", MODEL, "--name", "shop")
    found, drawn = on_a_terminal("endpoints", "delete", "shop", prompt=b"[y/N]", keys=key)
    assert found == code
    assert f"which serves {MODEL}?" in drawn
    assert [entry["method"] for entry in quick_server.requests()].count("DELETE") == deletions


def test_ctrl_c_in_a_process_ends_with_130_and_the_way_to_resume(job: str) -> None:
    command = [sys.executable, "-m", "maas_client", "jobs", "watch", job]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().endswith("NotStarted\n")
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=30)
    assert running.returncode == 130
    assert complaint.endswith("resume with: maas jobs watch ft-1\n")
    assert "Traceback" not in complaint


def test_the_mock_server_prints_lines_that_point_a_shell_at_it(tmp_path: Path) -> None:
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
    assert lines[5].startswith("mock_server listens on https://127.0.0.1:")
    assert (listed.returncode, listed.stdout) == (0, "[]\n")
    assert running.returncode == 0
