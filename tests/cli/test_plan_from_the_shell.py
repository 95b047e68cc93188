"""`maas plan`: a table that is understood at once, JSON with a schema, and a job file."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import pytest

from maas_client.cli import maas as root
from maas_client.job_files.job_file import JobFile
from tests.cli.shell import Shell

Write = Callable[[str, Sequence[str]], str]

ROOT = Path(__file__).parents[2]
MINI = "Phi-3-mini-4k-instruct"
EXAMPLE = str(ROOT / "examples" / "data" / "train.jsonl")
CARD = ("plan", "--model", MINI, "--data", EXAMPLE, "--gpu", "RTX 4090")


def test_the_table_says_what_fits_and_what_to_take(maas: Shell) -> None:
    output = maas.done(*CARD)
    lines = output.splitlines()
    assert lines[0] == f"{MINI} (3.8 billion parameters) on {EXAMPLE}"
    assert lines[1].startswith("52 rows, about ")
    (full,) = (line for line in lines if line.startswith("full  "))
    assert full.split()[1] == "no"
    (lora,) = (line for line in lines if line.startswith("LoRA  "))
    assert lora.split()[1] == "yes"
    assert lora.endswith("TRL, axolotl, Olive")
    assert any(line.startswith("Take  LoRA with TRL on RTX 4090: trains two thin matrices") for line in lines)
    assert lines[-1] == "  maas export job.yaml --for trl --to trl-lora"


def test_every_platform_of_the_page_is_named(maas: Shell) -> None:
    output = maas.done(*CARD)
    for name in ("Azure AI Foundry", "Azure ML", "AI Toolkit", "Kaito", "Olive"):
        assert name in output


def test_the_job_file_has_the_settings_of_the_way(maas: Shell, tmp_path: Path, write: Write) -> None:
    write("rows.jsonl", Path(EXAMPLE).read_text("utf-8").splitlines())
    (tmp_path / "jobs").mkdir()
    command = ("plan", "--model", MINI, "--data", "rows.jsonl", "--gpu", "RTX 4090", "--job-file", "jobs/job.yaml")
    assert "wrote jobs" in maas(*command).stderr
    job = JobFile.read(tmp_path / "jobs" / "job.yaml")
    assert job.model == MINI
    assert Path(str(job.training_data)).resolve() == (tmp_path / "rows.jsonl").resolve()
    assert {"apply_lora": True, "lora_r": 16, "num_train_epochs": 3}.items() <= dict(job.hyperparameters).items()
    assert "already exists" in maas(*command).stderr
    assert maas(*command, "--overwrite").exit_code == 0


@pytest.mark.parametrize("model", [MINI, "Phi-4-mini-instruct", "gpt-4.1-mini"])
def test_every_command_that_it_names_exists(maas: Shell, model: str) -> None:
    words = ("plan", "--model", model, "--data", EXAMPLE, "--gpu", "H100", "--gpus", "2", "--output", "json")
    commands = {way["command"] for way in json.loads(maas.done(*words))["ways"]} - {""}
    assert commands
    for command in sorted(commands):
        name, *arguments = shlex.split(command)
        assert name == "maas"
        group: click.Command = root
        while isinstance(group, click.Group):
            found = group.get_command(click.Context(group), arguments.pop(0))
            assert found is not None, command
            group = found
        context = click.Context(group, info_name=group.name)
        known = {option for param in group.get_params(context) for option in param.opts}
        assert {word for word in arguments if word.startswith("-")} <= known, command


def test_what_it_proposes_is_exported_as_it_says(maas: Shell, tmp_path: Path, write: Write) -> None:
    write("train.jsonl", Path(EXAMPLE).read_text("utf-8").splitlines())
    words = ("plan", "--model", MINI, "--data", "train.jsonl", "--gpu", "RTX 4090", "--platform", "trl")
    for method in ("lora", "qlora", "dora", "full"):
        maas.done(*words, "--method", method, "--job-file", "job.yaml", "--overwrite")
        ways = json.loads(maas.done(*words, "--method", method, "--output", "json"))["ways"]
        (command,) = {way["command"] for way in ways} - {""}
        maas.done(*shlex.split(command)[1:])
        assert (tmp_path / f"trl-{method}" / "README.md").exists()


def test_prices_and_a_budget_are_taken_into_account(maas: Shell, write: Write) -> None:
    prices = write("prices.toml", ['[machines."RTX 4090"]', "per_hour = 36", 'currency = "EUR"'])
    output = maas.done(*CARD, "--prices", prices)
    assert "EUR" in output
    assert "cost" in output.lower()
    refused = maas(*CARD, "--budget", "3")
    assert refused.exit_code != 0
    assert "a budget needs prices" in refused.stderr
    wrong = write("wrong.toml", ['[machines."RTX 4090"]', "per_day = 36", 'currency = "EUR"'])
    assert "per_day is an unknown key" in maas(*CARD, "--prices", wrong).stderr


def test_what_was_assumed_is_said(maas: Shell) -> None:
    result = maas("plan")
    assert "no model was named: Phi-4-mini-instruct" in result.stderr
    assert "a million tokens are assumed" in result.stderr


def test_unknown_names_are_answered_with_the_nearest(maas: Shell) -> None:
    assert "did you mean" in maas("plan", "--gpu", "RTX 4O90").stderr
    assert "did you mean 'kaito'" in maas("plan", "--platform", "kayto").stderr
