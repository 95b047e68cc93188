"""Commands that create something wait alike: `--wait`, `--no-wait` and `--timeout` mean the same everywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.test_bad_input_ends_with_its_code import refused

JOB = ("jobs", "create", "--model", MODEL, "--training-data", "train.jsonl", "--name", "ft-2")
BASE = ("endpoints", "create", "--model", MODEL, "--name", "base")
TUNED = ("deploy", "ft-1", "--name", "tuned")
COMMANDS = {"jobs create": JOB, "endpoints create": BASE, "deploy": TUNED}
BEFORE = {"NotStarted", "Inactive", "Unknown", "Creating"}


def state(maas: Shell, words: Sequence[str]) -> str:
    """Return the state of what a command line created."""
    created = json.loads(maas.done(*words, "--output", "json"))
    return str(created.get("status") or created["state"])


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_wait_ends_when_what_was_created_is_ready(maas: Shell, completed: str, words: tuple[str, ...]) -> None:
    assert state(maas, [*words, "--wait"]) in {"Completed", "Online"}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_wait_returns_at_once(maas: Shell, completed: str, words: tuple[str, ...]) -> None:
    began = maas.time
    assert state(maas, [*words, "--no-wait"]) in BEFORE
    assert maas.time == began


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_timeout_ends_the_wait_and_says_how_to_resume(
    maas: Shell, server: Server, completed: str, words: tuple[str, ...]
) -> None:
    server.fault(operation="chat.complete", status=424, count=None)
    began = maas.time
    result = maas(*words, "--wait", "--timeout", "30")
    assert result.exit_code == 124
    assert 20 < maas.time - began < 32
    assert "resume with" in result.stderr


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_timeout_without_a_wait_is_refused(maas: Shell, completed: str, words: tuple[str, ...]) -> None:
    refused(maas(*words, "--no-wait", "--timeout", "30"), 2, "--timeout requires --wait")


def test_no_wait_overrides_the_job_file(maas: Shell, train: str) -> None:
    file = {"model": MODEL, "training_data": train, "name": "ft-3", "wait": True}
    Path("job.json").write_text(json.dumps(file), "utf-8")
    assert state(maas, ["jobs", "create", "-f", "job.json", "--no-wait"]) == "NotStarted"
    assert state(maas, ["jobs", "create", "-f", "job.json"]) == "Completed"


def test_run_waits_by_default(maas: Shell, train: str) -> None:
    Path("job.json").write_text(json.dumps({"model": MODEL, "training_data": train}), "utf-8")
    words = ["run", "-f", "job.json", "--output", "json"]
    assert json.loads(maas.done(*words, "--no-wait"))["endpoint"] is None
    assert json.loads(maas.done(*words, "--wait"))["endpoint"]["state"] == "Online"
    refused(maas(*words, "--no-wait", "--timeout", "30"), 2, "--timeout requires --wait")
