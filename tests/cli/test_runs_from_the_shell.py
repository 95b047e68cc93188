"""`maas run`: all steps of a job file, resuming, and errors."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result

from mock_server.server import Server
from tests.cli.shell import ANSWER, MODEL, Shell
from tests.cli.test_bad_input_ends_with_its_code import refused

Write = Callable[[str, Sequence[str]], str]


def made(server: Server) -> list[str]:
    """Everything that was created, in order."""
    return [entry["operation"] for entry in server.requests() if entry["method"] == "PUT"]


def resumed(result: Result, words: str) -> list[str]:
    """Return the command printed after this text."""
    command, *rest = shlex.split(result.stderr.rpartition(words)[2])
    assert command == "maas"
    return rest


@pytest.fixture
def file(write: Write, train: str, validation: str) -> str:
    """A job file."""
    lines = [f"model: {MODEL}", f"training_data: {train}", f"validation_data: {validation}", "name: shop", "epochs: 3"]
    return write("job.yaml", lines)


def test_a_run_ends_with_an_answer_and_prints_a_line_per_step(maas: Shell, file: str) -> None:
    result = maas("run", "-f", file)
    assert result.exit_code == 0, result.output
    fields = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert fields["job"].startswith("shop-")
    assert fields["endpoint"] == fields["job"]
    assert fields["tuned_model"] == f"{fields['job']}-model:1"
    assert fields["uri"].startswith("http://")
    assert (fields["question"], fields["answer"]) == ("When do you open?", ANSWER)
    steps = [line.split()[1] for line in result.stderr.splitlines() if line.startswith("20")]
    assert list(dict.fromkeys(steps)) == ["check", "upload", "create", "train", "deploy", "answer", "chat"]
    assert f"next: maas chat {fields['endpoint']}\n" in result.stderr
    assert f"maas eval {fields['endpoint']} --validation-data validation.jsonl\n" in result.stderr
    assert f"maas endpoints delete {fields['endpoint']}   # billed by the hour, whether used or not" in result.stderr


def test_each_next_command_works(maas: Shell, file: str) -> None:
    result = maas("run", "-f", file)
    last = result.stderr.rpartition("next: ")[2].splitlines()
    chat, evaluate, delete = (shlex.split(line, comments=True)[1:] for line in last)
    assert maas.done(*chat, "When do you open?").strip() == ANSWER
    maas.done(*evaluate)
    maas.done(*delete, "--yes")


def test_a_repeated_run_creates_nothing_and_notes_it(maas: Shell, server: Server, file: str) -> None:
    first = json.loads(maas.done("run", "-f", file, "--output", "json"))
    before = made(server)
    second = maas("run", "-f", file, "--output", "json")
    assert made(server) == before
    again = json.loads(second.stdout)
    assert again["made"] == ["check", "chat"]
    assert again["job"]["name"] == first["job"]["name"]
    assert again["training"] == first["training"]
    assert second.stderr.count("(already done)") == 5


@pytest.mark.parametrize("name", ["name=shop", "name="])
@pytest.mark.parametrize("first", [("jobs", "create"), ("run", "--no-wait")], ids=" ".join)
def test_create_and_run_of_one_file_are_one_job(
    maas: Shell, server: Server, file: str, first: tuple[str, ...], name: str
) -> None:
    words = ["-f", file, "--set", name, "--output", "json"]
    created = json.loads(maas.done(*first, *words))
    created = created.get("job", created)
    for later in (("jobs", "create"), ("run", "--no-wait")):
        result = maas(*later, *words)
        found = json.loads(result.stdout)
        assert f"job '{created['name']}' exists already (NotStarted, created 20" in result.stderr
        assert found.get("job", found)["name"] == created["name"]
        assert (found.get("created") or "create" in found.get("made", ())) is False
    assert made(server).count("jobs.create") == 1
    planned = json.loads(maas.done("run", "--dry-run", *words))
    assert (planned["job"], planned["job_status"]) == (created["name"], "NotStarted")
    assert json.loads(maas.done("run", *words))["job"]["name"] == created["name"]
    assert made(server).count("endpoints.create") == 1


@pytest.mark.parametrize("moment", [100.0, 599.0, 603.0])
def test_ctrl_c_prints_the_resume_command(maas: Shell, server: Server, file: str, moment: float) -> None:
    maas.interrupt_at = moment
    result = maas("run", "-f", file, "--set", "tags.team=a b", "--workspace", "work")
    assert result.exit_code == 130
    assert "interrupted; in step " in result.stderr
    maas.interrupt_at = float("inf")
    found = json.loads(maas.done(*resumed(result, "resume with: "), "--output", "json"))
    assert found["reply"]["text"] == ANSWER
    assert found["job"]["tags"] == {"team": "a b"}
    assert made(server).count("jobs.create") == made(server).count("endpoints.create") == 1


def test_a_failed_job_exits_with_5_and_suggests_another_job(maas: Shell, server: Server, file: str) -> None:
    server.fault(job="fail", reason="out of memory", count=1)
    result = maas("run", "-f", file)
    assert result.exit_code == 5
    assert "error: train: job 'shop-" in result.stderr
    assert "out of memory" in result.stderr
    assert maas("run", "-f", file).exit_code == 5
    assert made(server).count("jobs.create") == 1
    again = resumed(result, "create another job with: ")
    assert again[-1] == "--again"
    found = json.loads(maas.done(*again, "--output", "json"))
    assert found["job"]["name"].endswith("-2")
    assert json.loads(maas.done("run", "-f", file, "--output", "json"))["job"]["name"] == found["job"]["name"]


def test_an_interrupted_run_resumes_without_a_third_job(maas: Shell, server: Server, file: str) -> None:
    server.fault(job="fail", count=1)
    assert maas("run", "-f", file).exit_code == 5
    maas.interrupt_at = maas.time + 100.0
    result = maas("run", "-f", file, "--again")
    assert result.exit_code == 130
    assert "--again" not in resumed(result, "resume with: ")


def test_a_rejected_file_exits_with_6_and_creates_nothing(maas: Shell, server: Server, file: str, write: Write) -> None:
    write("train.jsonl", ['{"messages": []}'])
    result = maas("run", "-f", file)
    assert result.exit_code == 6
    assert result.stderr.startswith("error: check: ")
    assert "then: maas run --file job.yaml" in result.stderr
    assert made(server) == []


@pytest.mark.parametrize("option", ["--timeout", "--max-queue"])
def test_a_timeout_exits_with_124_and_the_same_command(maas: Shell, server: Server, file: str, option: str) -> None:
    server.fault(job="queue", seconds=3000.0, count=1)
    result = maas("run", "-f", file, option, "200")
    assert result.exit_code == 124
    assert resumed(result, "resume with: ") == ["run", "--file", "job.yaml", option, "200.0"]


def test_other_tags_for_the_same_job_are_a_conflict(maas: Shell, file: str) -> None:
    maas.done("run", "-f", file, "--no-wait")
    result = maas("run", "-f", file, "--set", "tags.team=b")
    assert result.exit_code == 1
    assert "tags.team is not set there and 'b' here" in result.stderr


def test_a_changed_file_makes_another_job(maas: Shell, file: str, write: Write, rows: list[str]) -> None:
    first = json.loads(maas.done("run", "-f", file, "--no-wait", "--output", "json"))
    write("train.jsonl", [*rows, rows[0]])
    second = json.loads(maas.done("run", "-f", file, "--no-wait", "--output", "json"))
    assert first["job"]["name"] != second["job"]["name"]
    assert first["training"]["id"] != second["training"]["id"]


@pytest.mark.parametrize(("option", "operation"), [("--no-wait", "jobs.create"), ("--no-deploy", "jobs.create")])
def test_a_run_can_stop_before_the_endpoint_and_be_resumed(
    maas: Shell, server: Server, file: str, option: str, operation: str
) -> None:
    result = maas("run", "-f", file, option)
    assert result.exit_code == 0, result.output
    assert made(server)[-1] == operation
    assert resumed(result, "next: ") == ["run", "--file", "job.yaml"]
    assert "answer" in maas.done(*resumed(result, "next: "))


def test_a_dry_run_shows_names_and_creates_nothing(maas: Shell, server: Server, file: str) -> None:
    planned = json.loads(maas.done("run", "-f", file, "--dry-run", "--output", "json"))
    assert made(server) == []
    found = json.loads(maas.done("run", "-f", file, "--output", "json"))
    assert (planned["job"], planned["job_status"]) == (found["job"]["name"], None)
    assert planned["training_data"] == found["training"]["id"]
    assert f"{planned['job']} (Completed)" in maas.done("run", "-f", file, "--dry-run")


def test_options_override_endpoint_and_prompt_of_the_file(maas: Shell, file: str) -> None:
    options = ["--set", "endpoint_name=corner", "--set", 'prompt="What is 3 + 1?"', "--output", "json"]
    found = json.loads(maas.done("run", "-f", file, *options))
    assert (found["endpoint"]["name"], found["prompt"]) == ("corner", "What is 3 + 1?")
    assert found["reply"]["text"] == "It is 4."
    other = json.loads(maas.done("run", "-f", file, *options, "--prompt", "What is 5 + 1?"))
    assert other["reply"]["text"] == "It is 6."


def test_delete_endpoint_deletes_only_the_endpoint_of_this_run(maas: Shell, file: str) -> None:
    result = maas("run", "-f", file, "--delete-endpoint")
    assert result.exit_code == 0, result.output
    assert "deleted; the tuned model is kept" in result.stderr
    assert "next: " not in result.stderr
    job = json.loads(maas.done("run", "-f", file, "--no-deploy", "--output", "json"))["job"]["name"]
    maas.done("deploy", job, "--name", "theirs")
    kept = maas("run", "-f", file, "--delete-endpoint")
    assert "endpoint kept: it was not created by `maas run` for this job" in kept.stderr
    assert json.loads(maas.done("endpoints", "show", "theirs", "--output", "json"))["name"] == "theirs"


def test_a_run_above_the_cost_limit_sends_nothing(maas: Shell, server: Server, file: str, write: Write) -> None:
    prices = write("prices.toml", [f'[models."{MODEL}"]', "training_per_million_tokens = 1000", 'currency = "EUR"'])
    result = maas("run", "-f", file, "--prices", prices, "--max-cost", "0.001")
    assert result.exit_code == 1
    assert "more than --max-cost 0.00" in result.stderr
    assert made(server) == []
    assert "training costs about " in maas("run", "-f", file, "--prices", prices, "--no-wait").stderr


def test_an_azure_job_file_runs_as_it_is(maas: Shell, write: Write, train: str) -> None:
    model = f"azureml://registries/azureml/models/{MODEL}/versions/1"
    lines = ["type: finetuning", "task: chat_completion", f"model: {model}", f"training_data: {train}", "name: az"]
    found = json.loads(maas.done("run", "-f", write("az.yml", lines), "--output", "json"))
    assert found["job"]["model_id"] == model
    assert found["reply"]["text"] == ANSWER


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--set", "epochs=[1, 2]"], "use `maas sweep -f`"),
        (["--max-cost", "1"], "--max-cost requires --prices"),
        (["--delete-endpoint", "--no-deploy"], "--delete-endpoint cannot be combined"),
        (["--endpoint-name", "a_b"], "is not a valid endpoint name"),
        (["--set", "promt=x"], "did you mean 'prompt'?"),
    ],
)
def test_invalid_usage_is_rejected_before_any_request(
    maas: Shell, server: Server, file: str, words: list[str], why: str
) -> None:
    refused(maas("run", "-f", file, *words), 2, why)
    assert server.requests() == []


def test_without_a_workspace_no_step_is_blamed(
    maas: Shell, file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AZUREML_WORKSPACE_NAME")
    result = maas("run", "-f", str(tmp_path / file))
    assert result.exit_code == 2
    assert result.stderr.startswith("error: no workspace is selected: workspace is neither")
