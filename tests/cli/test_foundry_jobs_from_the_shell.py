"""`maas jobs create` and job files with what only Foundry has: methods, graders, tiers, and what may be unlisted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell, chat_row

Write = Callable[[str, Sequence[str]], str]
GRADER = {
    "type": "string_check",
    "name": "exact",
    "operation": "eq",
    "input": "{{sample.output_json.answer}}",
    "reference": "{{item.answer}}",
}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}


@pytest.fixture
def rows(write: Write) -> str:
    return write("train.jsonl", [chat_row(f"question {number}", "answer") for number in range(12)])


@pytest.fixture
def questions(write: Write) -> tuple[str, str]:
    """Rows for reinforcement: for training, and for validation."""

    def row(number: int) -> str:
        return json.dumps({"messages": [{"role": "user", "content": f"question {number}"}], "answer": str(number)})

    return write("q.jsonl", list(map(row, range(12)))), write("more.jsonl", list(map(row, range(12, 24))))


def planned(foundry: Shell, *words: str) -> Any:
    """The body of the request that a command would send."""
    return json.loads(foundry.done("jobs", "create", *words, "--dry-run", "--output", "json"))["body"]


def test_the_options_of_foundry_are_in_the_request(foundry: Shell, rows: str) -> None:
    words = (
        "--training-tier",
        "developer",
        "--suffix",
        "demo",
        "--seed",
        "7",
        "--epochs",
        "2",
        "--method",
        "supervised",
    )
    body = planned(foundry, "--model", "gpt-4.1-mini", "--training-data", rows, *words)
    assert (body["model"], body["trainingType"]) == ("gpt-4.1-mini-2025-04-14", "developerTier")
    assert (body["suffix"], body["seed"]) == ("demo", 7)
    assert body["method"] == {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}


def test_the_training_type_is_sent_without_any_option(foundry: Shell, rows: str) -> None:
    assert planned(foundry, "--model", "gpt-oss-20b", "--training-data", rows)["trainingType"] == "GlobalStandard"


def test_a_grader_and_a_format_come_from_files(foundry: Shell, questions: tuple[str, str], write: Write) -> None:
    files = write("grader.json", [json.dumps(GRADER)]), write("format.json", [json.dumps(SCHEMA)])
    data = ("--training-data", questions[0], "--validation-data", questions[1])
    words = ("--model", "o4-mini", *data, "--grader", files[0], "--response-format", files[1])
    body = planned(foundry, *words)
    assert body["method"] == {
        "type": "reinforcement",
        "reinforcement": {"grader": GRADER, "response_format": SCHEMA},
    }
    created = foundry("jobs", "create", *words, "--name", "ft-rft")
    assert created.exit_code == 0
    assert "existing customers only" in created.stderr


def test_a_job_file_has_a_grader_and_a_format(foundry: Shell, questions: tuple[str, str], write: Write) -> None:
    lines = [
        "model: o4-mini",
        f"training_data: {questions[0]}",
        f"validation_data: {questions[1]}",
        f"grader: {json.dumps(GRADER)}",
        f"response_format: {json.dumps(SCHEMA)}",
        "hyperparameters: {n_epochs: 1, reasoning_effort: low}",
    ]
    body = planned(foundry, "-f", write("job.yaml", lines))
    assert body["method"]["reinforcement"] == {
        "grader": GRADER,
        "response_format": SCHEMA,
        "hyperparameters": {"n_epochs": 1, "reasoning_effort": "low"},
    }


@pytest.mark.parametrize(("content", "says"), [("{", "is not JSON"), ("[]", "does not hold a JSON object")])
def test_a_grader_that_is_no_object_is_a_usage_error(
    foundry: Shell, rows: str, write: Write, content: str, says: str, server: Server
) -> None:
    grader = write("grader.json", [content])
    result = foundry("jobs", "create", "--model", "o4-mini", "--training-data", rows, "--grader", grader)
    assert (result.exit_code, says in result.stderr) == (2, True)
    assert server.requests() == []


def test_what_is_not_listed_is_refused_unless_it_is_allowed(foundry: Shell, rows: str, server: Server) -> None:
    words = ("jobs", "create", "--model", "gpt-oss-20b", "--training-data", rows, "--training-tier", "Standard")
    refused = foundry(*words)
    assert (refused.exit_code, "--allow-unlisted" in refused.stderr) == (2, True)
    assert server.requests() == []
    allowed = foundry(*words, "--allow-unlisted", "--dry-run")
    assert allowed.exit_code == 0
    assert "Continuing because allow_unlisted is set." in allowed.stderr


def test_a_learning_rate_is_refused_with_what_to_set(foundry: Shell, rows: str) -> None:
    result = foundry("jobs", "create", "--model", "gpt-4.1-mini", "--training-data", rows, "--learning-rate", "0.0001")
    assert (result.exit_code, "learning_rate_multiplier" in result.stderr) == (2, True)


def test_a_job_above_the_cost_limit_is_not_created(foundry: Shell, rows: str, write: Write, server: Server) -> None:
    prices = write("prices.toml", ['[models."gpt-4.1-mini"]', "training_per_million_tokens = 1e6", 'currency = "USD"'])
    words = ("jobs", "create", "--model", "gpt-4.1-mini", "--training-data", rows, "--prices", prices)
    refused = foundry(*words, "--max-cost", "10")
    assert (refused.exit_code, "more than --max-cost" in refused.stderr) == (1, True)
    assert server.requests() == []
    assert "training costs about" in foundry(*words, "--max-cost", "100000", "--name", "ft-1").stderr


def test_reinforcement_is_said_to_be_billed_by_the_hour(
    foundry: Shell, questions: tuple[str, str], write: Write
) -> None:
    prices = write("prices.toml", ['[models."o4-mini"]', "training_per_hour = 100", 'currency = "USD"'])
    grader = write("grader.json", [json.dumps({**GRADER, "input": "{{sample.output_text}}"})])
    data = ("--training-data", questions[0], "--validation-data", questions[1], "--grader", grader)
    words = ("jobs", "create", "--model", "o4-mini", *data, "--prices", prices, "--dry-run")
    assert "training is billed by the hour" in foundry(*words).stderr
    refused = foundry(*words, "--max-cost", "500")
    assert (refused.exit_code, "cannot be limited before it runs" in refused.stderr) == (2, True)


def test_the_epochs_of_a_sweep_decide_what_its_jobs_cost(foundry: Shell, rows: str, write: Write) -> None:
    prices = write("prices.toml", ['[models."gpt-4.1-mini"]', "training_per_million_tokens = 1e6", 'currency = "USD"'])
    lines = ["model: gpt-4.1-mini", f"training_data: {rows}", "hyperparameters: {n_epochs: [1, 3]}", "sweep: true"]
    words = ("sweep", "-f", write("sweep.yaml", lines), "--prices", prices, "--dry-run", "--output", "json")
    once, thrice = sorted(each["cost"] for each in json.loads(foundry.done(*words)))
    assert thrice == pytest.approx(3 * once)


@pytest.mark.parametrize(
    "option", [("--method", "dpo"), ("--training-tier", "Developer"), ("--suffix", "s"), ("--seed", "1")]
)
def test_azure_ml_names_what_only_foundry_offers(maas: Shell, rows: str, option: tuple[str, str]) -> None:
    result = maas("jobs", "create", "--model", MODEL, "--training-data", rows, *option)
    assert (result.exit_code, "Azure AI Foundry offers it" in result.stderr) == (2, True)
