"""Jobs of Foundry from the shell: their events, checkpoints, pauses and deletion."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.shell import MODEL, Shell


@pytest.fixture
def make(foundry: Shell, train: str) -> Callable[[str], str]:
    """Create a job."""

    def made(name: str) -> str:
        words = ["--training-data", train, "--name", name, "--hyperparameter", "n_epochs=4"]
        foundry.done("jobs", "create", "--model", "gpt-4.1-mini", *words)
        return name

    return made


def test_events_are_printed_oldest_first(foundry: Shell, make: Callable[[str], str]) -> None:
    make("ft-1")
    foundry.done("jobs", "watch", "ft-1")
    lines = foundry.done("jobs", "events", "ft-1").splitlines()
    assert lines[0].endswith("Job enqueued. Waiting for jobs ahead to complete.")
    assert "Training tokens billed: " in lines[-1]
    assert foundry.done("jobs", "events", "ft-1", "--tail", "2").splitlines() == lines[-2:]
    newest = json.loads(foundry.done("jobs", "events", "ft-1", "--tail", "1", "--output", "json"))
    assert newest[0]["message"] in lines[-1]
    assert foundry.done("jobs", "events", "ft-1", "--since", "2030-01-01").splitlines() == []


def test_events_are_followed_to_the_end(foundry: Shell, make: Callable[[str], str]) -> None:
    followed = foundry.done("jobs", "events", make("ft-1"), "--follow").splitlines()
    assert followed == foundry.done("jobs", "events", "ft-1").splitlines()
    assert foundry.done("jobs", "events", "ft-1", "--follow", "--tail", "1").splitlines() == followed[-1:]


def test_a_watched_job_prints_its_events_where_there_is_no_log(foundry: Shell, make: Callable[[str], str]) -> None:
    watched = foundry.done("jobs", "watch", make("ft-1"), "--follow").splitlines()
    events = foundry.done("jobs", "events", "ft-1").splitlines()
    assert [line for line in watched if "Job succeeded." in line] == [
        f"ft-1 | {line}" for line in events if "Job succeeded." in line
    ]


def test_a_watched_job_prints_its_safety_evaluation(foundry: Shell, make: Callable[[str], str]) -> None:
    watched = [line.split("  ")[2] for line in foundry.done("jobs", "watch", make("ft-1")).splitlines()]
    assert watched[watched.index("safety evaluation") - 1] == "training"
    assert watched[-1] == "succeeded"


def test_stages_are_documents_of_their_own_in_jsonl(foundry: Shell, make: Callable[[str], str]) -> None:
    lines = foundry.done("jobs", "watch", make("ft-1"), "--output", "jsonl").splitlines()
    assert {"name": "ft-1", "stage": "safety evaluation"} in [json.loads(line) for line in lines]


def test_checkpoints_are_listed_from_the_last_step_on(foundry: Shell, make: Callable[[str], str]) -> None:
    foundry.done("jobs", "watch", make("ft-1"))
    found = json.loads(foundry.done("jobs", "checkpoints", "ft-1", "--output", "json"))
    assert len(found) == 3
    assert all(each["id"].startswith("ftchkpt-") for each in found)
    steps = [each["step"] for each in found]
    assert steps == sorted(steps, reverse=True)
    assert found[0]["metrics"]["loss"] > 0
    assert foundry.done("jobs", "checkpoints", "ft-1", "--quiet").splitlines() == [each["id"] for each in found]


def test_a_job_is_paused_and_resumed(foundry: Shell, make: Callable[[str], str]) -> None:
    make("ft-1")
    while "Step 10:" not in foundry.done("jobs", "events", "ft-1"):
        foundry.server.advance(1)
    assert "paus" in foundry.done("jobs", "pause", "ft-1")
    foundry.server.advance(60)
    assert "paused" in foundry.done("jobs", "show", "ft-1")
    assert foundry.done("jobs", "resume", "ft-1")
    assert foundry("jobs", "watch", "ft-1").exit_code == 0


def test_an_ended_job_is_deleted(foundry: Shell, make: Callable[[str], str]) -> None:
    make("ft-1")
    refused = foundry("jobs", "delete", "ft-1", "--yes")
    assert "http" not in refused.stderr
    assert (refused.exit_code, "cancel it first" in refused.stderr) == (1, True)
    foundry.done("jobs", "cancel", "ft-1")
    assert "job ft-1 deleted" in foundry("jobs", "delete", "ft-1", "--yes").stderr
    assert foundry("jobs", "show", "ft-1").exit_code == 3


def test_the_statuses_of_foundry_select_jobs(foundry: Shell, make: Callable[[str], str]) -> None:
    make("ft-1")
    make("ft-2")
    foundry.done("jobs", "cancel", "ft-2")
    assert foundry.done("jobs", "list", "--quiet", "--status", "cancelled").split() == ["ft-2"]
    assert foundry.done("jobs", "list", "--quiet", "--status", "active").split() == ["ft-1"]


def test_the_error_about_a_log_names_the_events(foundry: Shell, make: Callable[[str], str]) -> None:
    make("ft-1")
    result = foundry("jobs", "logs", "ft-1")
    assert result.exit_code == 2
    assert "`maas jobs events ft-1` shows what the service has recorded" in result.stderr


def test_what_foundry_alone_has_is_not_offered_by_a_workspace(maas: Shell, train: str) -> None:
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-1")
    for words in (["events", "ft-1"], ["checkpoints", "ft-1"], ["pause", "ft-1"], ["delete", "ft-1", "--yes"]):
        result = maas("jobs", *words)
        assert result.exit_code == 2, words
        assert "is not offered by Azure Machine Learning; Azure AI Foundry offers it" in result.stderr


def test_a_sweep_of_foundry_finishes_and_is_resumed(foundry: Shell, train: str) -> None:
    swept = {"model": "gpt-4.1-mini", "training_data": train, "hyperparameters": {"n_epochs": [1, 2]}}
    Path("sweep.yaml").write_text(json.dumps(swept), "utf-8")
    first = foundry.done("sweep", "-f", "sweep.yaml", "--output", "json")
    assert len(foundry.done("jobs", "list", "--quiet").split()) == 2
    assert json.loads(foundry.done("sweep", "-f", "sweep.yaml", "--output", "json")) == json.loads(first)
    assert len(foundry.done("jobs", "list", "--quiet").split()) == 2
