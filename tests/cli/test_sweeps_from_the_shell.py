"""`maas sweep`: create, interrupt, resume, limit the cost, and rank."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.test_bad_input_ends_with_its_code import refused

Write = Callable[[str, Sequence[str]], str]


def made(server: Server) -> list[str]:
    """The names of the created jobs, in order."""
    asked = [entry for entry in server.requests() if entry["operation"] == "jobs.create"]
    return [entry["url"].partition("/jobs/")[2].partition("?")[0] for entry in asked]


@pytest.fixture
def file(write: Write, train: str, validation: str) -> str:
    """A sweep of four jobs."""
    lines = [f"model: {MODEL}", f"training_data: {train}", f"validation_data: {validation}", "name: shop"]
    return write("sweep.yaml", [*lines, "hyperparameters: {num_train_epochs: [1, 2], learning_rate: [1e-3, 1e-5]}"])


@pytest.fixture
def prices(write: Write) -> str:
    """Prices at which each job costs something."""
    return write("prices.toml", [f'[models."{MODEL}"]', "training_per_million_tokens = 1000", 'currency = "EUR"'])


def test_a_sweep_is_a_table_with_the_best_job_first(maas: Shell, server: Server, file: str) -> None:
    result = maas("sweep", "-f", file)
    assert result.exit_code == 0, result.output
    titles, *lines = [line.split() for line in result.stdout.splitlines()]
    names = ["NAME", "STATUS", "EVAL_LOSS", "NUM_TRAIN_EPOCHS", "LEARNING_RATE", "LOSS", "COST", "OUTPUT_MODEL"]
    assert titles == names
    losses = [float(line[2]) for line in lines]
    assert losses == sorted(losses)
    assert sorted(line[0] for line in lines) == sorted(made(server))
    assert {line[1] for line in lines} == {"Completed"}
    assert lines[0][4] == "0.001"
    assert result.stderr.endswith(f"next: maas deploy {lines[0][0]}\n")
    assert f"{lines[0][0]}  Running" in result.stderr


def test_a_sweep_in_json_has_every_combination_best_first(maas: Shell, file: str) -> None:
    found = json.loads(maas.done("sweep", "-f", file, "--output", "json"))
    assert len(found) == 4
    assert found[0].keys() == {"name", "status", "hyperparameters", "eval_loss", "loss", "cost", "output_model"}
    assert [each["eval_loss"] for each in found] == sorted(each["eval_loss"] for each in found)
    assert found[0]["output_model"] == f"{found[0]['name']}-model:1"
    lines = maas.done("sweep", "-f", file, "--output", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == found


@pytest.mark.parametrize("words", [["sweep"], ["jobs", "create", "--sweep", "--tag", "team=a b"]])
def test_ctrl_c_prints_the_resume_command_and_keeps_the_jobs(
    maas: Shell, server: Server, file: str, words: list[str]
) -> None:
    maas.interrupt_at = 400.0
    result = maas(*words, "-f", file, "--set", "hyperparameters.learning_rate=[1e-3, 1e-5]", "--workspace", "work")
    assert result.exit_code == 130
    assert "interrupted; the jobs keep running" in result.stderr
    before = made(server)
    assert len(before) == 2
    maas.interrupt_at = float("inf")
    command, *again = shlex.split(result.stderr.rpartition("resume with: ")[2])
    assert command == "maas"
    found = json.loads(maas.done(*again, "--output", "json"))
    assert len(made(server)) == len(set(made(server))) == 4
    assert made(server)[:2] == before
    assert {each["status"] for each in found} == {"Completed"}


def test_jobs_create_runs_the_sweep_of_a_file_with_sweep_true(maas: Shell, server: Server, file: str) -> None:
    found = json.loads(maas.done("jobs", "create", "-f", file, "--set", "sweep=true", "--output", "json"))
    assert len(found) == len(made(server)) == 4


def test_a_dry_run_lists_the_jobs_and_sends_nothing(maas: Shell, server: Server, file: str, prices: str) -> None:
    planned = json.loads(maas.done("sweep", "-f", file, "--dry-run", "--prices", prices, "--output", "json"))
    costs = [each["cost"] for each in planned]
    budget = ["--prices", prices, "--max-cost", str(costs[0] + costs[1])]
    titles, *lines = maas.done("sweep", "-f", file, "--dry-run", *budget).splitlines()
    assert titles.split() == ["NAME", "NUM_TRAIN_EPOCHS", "LEARNING_RATE", "COST", "CREATED"]
    assert [line.split()[4] for line in lines] == ["yes", "yes", "no:", "no:"]
    assert [line.split()[0] for line in lines] == [each["name"] for each in planned]
    assert server.requests() == []


def test_a_dry_run_of_jobs_create_lists_a_sweep_s_jobs_too(maas: Shell, server: Server, file: str) -> None:
    listed = maas.done("jobs", "create", "-f", file, "--sweep", "--dry-run", "--output", "json")
    assert len(json.loads(listed)) == 4
    assert server.requests() == []


def test_a_sweep_stops_at_its_cost_limit_and_exits_with_1(maas: Shell, server: Server, file: str, prices: str) -> None:
    planned = json.loads(maas.done("sweep", "-f", file, "--dry-run", "--prices", prices, "--output", "json"))
    budget = str(planned[0]["cost"] + planned[1]["cost"])
    result = maas("sweep", "-f", file, "--prices", prices, "--max-cost", budget)
    assert result.exit_code == 1
    assert "error: 2 of 4 jobs were not created: they may exceed --max-cost" in result.stderr
    assert made(server) == [each["name"] for each in planned[:2]]
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["Completed"] * 2 + ["not"] * 2


def test_a_failed_job_exits_with_5_below_the_table(maas: Shell, server: Server, file: str) -> None:
    server.fault(job="fail", count=1)
    result = maas("sweep", "-f", file)
    assert result.exit_code == 5
    assert result.stdout.splitlines()[-1].split()[1] == "Failed"
    assert "error: 1 of 4 jobs did not complete: shop-" in result.stderr
    assert "try: maas jobs show shop-" in result.stderr


def test_jobs_that_do_not_respond_exit_with_75(maas: Shell, server: Server, file: str) -> None:
    server.fault(job="stall", count=None)
    result = maas("sweep", "-f", file, "--parallel", "4")
    assert result.exit_code == 75
    assert "they may recover" in result.stderr
    assert "resume with: maas sweep --file sweep.yaml --parallel 4 --resume" in result.stderr


def test_an_invalid_sweep_is_rejected(maas: Shell, server: Server, file: str) -> None:
    refused(maas("sweep"), 2, "'--file'")
    refused(maas("sweep", "-f", file, "--max-cost", "1"), 2, "--max-cost requires --prices")
    refused(maas("sweep", "-f", file, "--set", "hyperparameters.num_train_epochs=[0, 1]"), 2, "num_train_epochs")
    refused(maas("sweep", "-f", file, "--set", "model="), 2, "the job has no model")
    assert server.requests() == []


def test_other_data_under_the_same_name_is_rejected_with_a_hint(
    maas: Shell, file: str, train: str, rows: list[str]
) -> None:
    one = ["sweep", "-f", file, "--set", "hyperparameters={}"]
    maas.done(*one)
    Path(train).write_text("\n".join([*rows, rows[0]]), "utf-8")
    refused(maas(*one), 1, "another job has this name; choose a new one")
