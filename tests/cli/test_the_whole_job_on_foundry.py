"""The whole job on Foundry from the shell: the commands of Azure Machine Learning, and those that Foundry adds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mock_server.server import Server
from tests.cli.shell import Shell

MODEL = "gpt-oss-20b"
MOST_OF_A_JOB = 300.0
"""Seconds after which a job of 600 s trains."""


@pytest.fixture
def job(train: str, tmp_path: Path) -> str:
    """The name of a job file for an open model."""
    (tmp_path / "job.yaml").write_text(f"model: {MODEL}\nname: shop\ntraining_data: {train}\nepochs: 2\n", "utf-8")
    return "job.yaml"


def made(foundry: Shell, train: str, name: str) -> str:
    """Create a job, and return its name."""
    foundry.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", name, "--quiet")
    return name


def test_a_job_file_becomes_an_answer_and_is_made_once(foundry: Shell, job: str, train: str, server: Server) -> None:
    assert "Azure AI Foundry would accept it" in foundry.done("check", train)
    first = json.loads(foundry.done("run", "-f", job, "--output", "json"))
    again = json.loads(foundry.done("run", "-f", job, "--output", "json"))
    assert (first["job"]["status"], first["job"]["phase"]) == ("succeeded", "done")
    assert first["job"]["output_model"].startswith(f"{MODEL}.ft-")
    assert again["job"]["id"] == first["job"]["id"]
    assert again["made"] == ["check", "chat"]
    name, endpoint = first["job"]["name"], first["endpoint"]["name"]
    assert "succeeded" in foundry.done("jobs", "watch", name)
    assert json.loads(foundry.done("deploy", name, "--output", "json", "--name", endpoint))["sku"] == "GlobalStandard"
    assert "We open at nine." in foundry.done("chat", endpoint, "When do you open?")
    assert json.loads(foundry.done("eval", endpoint, "--validation-data", train, "--output", "json"))
    posts = [each["operation"] for each in server.requests() if each["method"] in {"POST", "PUT"}]
    assert [posts.count(f"foundry.{noun}.create") for noun in ("jobs", "files")] == [1, 1]


def test_a_model_of_the_other_surface_says_what_it_selects(foundry: Shell, train: str) -> None:
    refused = foundry("jobs", "create", "--model", "Phi-4", "--training-data", train)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("error: Phi-4 selects Azure Machine Learning, but no workspace is selected: ")


def test_what_the_service_recorded_is_listed(foundry: Shell, train: str) -> None:
    name = made(foundry, train, "shop-1")
    foundry.done("jobs", "watch", name, "--quiet")
    events = json.loads(foundry.done("jobs", "events", name, "--output", "json"))
    assert events[-1]["message"].startswith("Training tokens billed: ")
    assert "Model Evaluation Passed." in [each["message"] for each in events]
    assert foundry.done("jobs", "events", name, "--tail", "2").count("\n") == 2
    (checkpoint, *_) = json.loads(foundry.done("jobs", "checkpoints", name, "--output", "json"))
    assert checkpoint["job"].startswith("ftjob-")
    deployed = json.loads(foundry.done("deploy", checkpoint["id"], "--name", "early", "--output", "json"))
    assert deployed["provisioning_state"] == "Succeeded"
    assert json.loads(foundry.done("jobs", "metrics", name, "--output", "json"))
    assert foundry.done("jobs", "watch", name, "--follow").count("Step ") > 1


def test_a_job_is_paused_and_resumed(foundry: Shell, train: str, server: Server) -> None:
    name = made(foundry, train, "shop-1")
    server.advance(MOST_OF_A_JOB)
    assert "pausing" in foundry.done("jobs", "pause", name)
    server.advance(MOST_OF_A_JOB)
    assert "paused" in foundry.done("jobs", "list", "--status", "paused")
    assert "resuming" in foundry.done("jobs", "resume", name)
    assert "succeeded" in foundry.done("jobs", "watch", name)


def test_an_ended_job_is_deleted(foundry: Shell, train: str) -> None:
    name = made(foundry, train, "shop-1")
    foundry.done("jobs", "cancel", name)
    assert foundry("jobs", "delete", name).exit_code == 2  # there is no terminal to ask on
    assert json.loads(foundry.done("jobs", "delete", name, "--yes", "--output", "json")) == {
        "name": name,
        "deleted": True,
    }
    assert foundry("jobs", "show", name).exit_code == 3


@pytest.mark.parametrize("command", ["pause", "resume", "events", "checkpoints"])
def test_what_azure_ml_lacks_is_refused_with_its_place(maas: Shell, command: str, server: Server) -> None:
    result = maas("jobs", command, "shop-1")
    assert result.exit_code == 2
    assert "is not offered by Azure Machine Learning; Azure AI Foundry offers it" in result.stderr
    assert server.requests() == []


@pytest.mark.parametrize(
    "words",
    [
        ("jobs", "logs", "shop-1"),
        ("jobs", "archive", "shop-1"),
        ("models", "registered"),
    ],
)
def test_what_foundry_lacks_is_refused_with_its_place(foundry: Shell, words: tuple[str, ...], server: Server) -> None:
    result = foundry(*words)
    assert result.exit_code == 2
    assert "is not offered by Azure AI Foundry; Azure Machine Learning offers it" in result.stderr
    assert [each for each in server.requests() if each["method"] != "GET"] == []
