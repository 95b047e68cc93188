"""Curves, alarms and reasons of Foundry's jobs, by the same commands as those of Azure ML's."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence

import pytest

from tests.cli.shell import Shell, chat_row

MODEL = "gpt-4.1-mini-2025-04-14"


@pytest.fixture
def create(foundry: Shell, train: str, validation: str) -> Callable[[str], str]:
    """Create a job of a name."""

    def create_job(name: str) -> str:
        data = ("--training-data", train, "--validation-data", validation)
        foundry.done("jobs", "create", "--model", MODEL, *data, "--name", name)
        return name

    return create_job


def test_metrics_have_the_names_of_azure_ml(foundry: Shell, create: Callable[[str], str]) -> None:
    job = create("ft-1")
    foundry.done("jobs", "watch", job)
    table = list(csv.DictReader(io.StringIO(foundry.done("jobs", "metrics", job, "--output", "csv"))))
    losses = [row for row in table if row["metric"] == "loss"]
    assert [int(row["step"]) for row in losses] == list(range(1, len(losses) + 1))
    assert {"loss", "eval_loss", "mean_token_accuracy", "full_eval_loss"} <= {row["metric"] for row in table}
    svg = foundry.done("jobs", "metrics", job, "--output", "svg")
    assert svg.startswith("<svg")
    assert "eval loss" in svg


def test_losses_are_there_while_a_job_trains(foundry: Shell, create: Callable[[str], str]) -> None:
    job = create("ft-1")
    foundry.server.advance(200)
    assert json.loads(foundry.done("jobs", "show", job, "-o", "json"))["status"] == "running"
    early = json.loads(foundry.done("jobs", "metrics", job, "-o", "json"))["loss"]
    foundry.server.advance(500)
    late = json.loads(foundry.done("jobs", "metrics", job, "-o", "json"))["loss"]
    assert 0 < len(early) < len(late)
    assert [point["value"] for point in early] == [point["value"] for point in late[: len(early)]]


def test_compare_ranks_jobs_by_their_losses(foundry: Shell, create: Callable[[str], str]) -> None:
    names = [create("ft-1"), create("ft-2")]
    foundry.done("jobs", "watch", *names)
    compared = json.loads(foundry.done("jobs", "compare", *names, "-o", "json"))
    assert {name for name in names if name in json.dumps(compared)} == set(names)
    assert "eval" in json.dumps(compared)


def test_an_alarm_stops_a_job(foundry: Shell, create: Callable[[str], str]) -> None:
    foundry.server.fault(operation="foundry.jobs.create", job="nan")
    job = create("ft-1")
    watched = foundry("jobs", "watch", job, "--stop-on-alarm")
    assert watched.exit_code == 5
    assert "not-a-number: loss is nan at step" in watched.stderr
    assert "canceled (--stop-on-alarm)" in watched.stderr
    assert json.loads(foundry.done("jobs", "show", job, "-o", "json"))["status"] == "cancelled"


@pytest.mark.parametrize(
    ("marker", "note"),
    [
        ("MOCK_UNSAFE_DATA", "The content check of the data has refused it before the training."),
        ("MOCK_UNSAFE_MODEL", "the safety evaluation has refused the tuned model"),
    ],
)
def test_a_refused_job_says_that_it_is_not_charged(
    foundry: Shell, write: Callable[[str, Sequence[str]], str], marker: str, note: str
) -> None:
    data = write("unsafe.jsonl", [chat_row(f"{marker} {n}", "Yes.") for n in range(12)])
    foundry.done("jobs", "create", "--model", MODEL, "--training-data", data, "--name", "ft-1")
    watched = foundry("jobs", "watch", "ft-1")
    assert watched.exit_code == 5
    assert note in watched.stderr
    assert "The job is not charged." in watched.stderr
