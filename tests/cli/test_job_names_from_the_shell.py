"""Commands take jobs by ARM id and Studio URL, and explain a display name with exit code 3."""

from __future__ import annotations

import json

import pytest

from mock_server.server import Server
from tests.cli.shell import ANSWER, MODEL, Shell
from tests.cli.test_bad_input_ends_with_its_code import refused

WORKSPACE = "/subscriptions/sub/resourceGroups/group/providers/Microsoft.MachineLearningServices/workspaces/work"
STUDIO = f"https://ml.azure.com/runs/ft-1?wsid={WORKSPACE}&tid=72f988bf"
FORMS = [f"{WORKSPACE}/jobs/ft-1", STUDIO]

COMMANDS = {
    "show": ["jobs", "show", "JOB"],
    "watch": ["jobs", "watch", "JOB"],
    "logs": ["jobs", "logs", "JOB"],
    "metrics": ["jobs", "metrics", "JOB"],
    "compare": ["jobs", "compare", "JOB", "ft-2"],
    "deploy": ["deploy", "JOB", "--name", "shop"],
    "download": ["download", "JOB", "out"],
}


def words(command: str, job: str) -> list[str]:
    """Return a command line for a job."""
    return [job if word == "JOB" else word for word in COMMANDS[command]]


@pytest.fixture
def both(maas: Shell, server: Server, completed: str, train: str) -> str:
    """Two completed jobs, ft-1 and ft-2; returns the first name."""
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-2", "--display-name", ANSWER)
    server.advance(601)
    return completed


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", FORMS)
def test_a_command_takes_an_id_and_a_studio_url(maas: Shell, both: str, command: str, form: str) -> None:
    result = maas(*words(command, form))
    assert result.exit_code == 0, result.output
    assert "ml.azure.com/runs/ft-1?" not in result.stderr
    assert both == "ft-1"


@pytest.mark.parametrize("form", FORMS)
def test_cancel_takes_an_id_and_a_studio_url(maas: Shell, job: str, form: str) -> None:
    assert json.loads(maas.done("jobs", "cancel", form, "--output", "json"))["name"] == job


@pytest.mark.parametrize("command", [*COMMANDS, "cancel"])
def test_a_display_name_is_explained_with_code_3(maas: Shell, both: str, command: str) -> None:
    line = ["jobs", "cancel", ANSWER] if command == "cancel" else words(command, ANSWER)
    found = (
        f"error: no job '{ANSWER}' in workspace 'work'; a job's name is the one that `maas jobs list` shows: ft-2 is"
    )
    refused(maas(*line), 3, found)
    assert both


def test_a_url_of_another_workspace_is_a_usage_error(maas: Shell, server: Server) -> None:
    other = STUDIO.replace("workspaces/work", "workspaces/depot")
    for line in (["jobs", "show", other], ["jobs", "watch", "ft-1", other], ["download", other, "out"]):
        refused(maas(*line), 2, "error: job 'ft-1' is in workspace 'depot'", "but the settings select workspace 'work'")
    assert server.requests() == []


def test_the_url_is_compared_with_the_options_given(maas: Shell, job: str) -> None:
    assert maas("jobs", "show", STUDIO, "--subscription", "sub", "--workspace", "WORK").exit_code in {0, 3}
    refused(maas("jobs", "show", STUDIO, "--workspace", "depot"), 2, "but the settings select workspace 'depot'")
    refused(maas("--resource-group", "x", "jobs", "show", STUDIO), 2, "resource group 'x'")
    assert job


def test_a_url_of_something_else_is_a_usage_error(maas: Shell) -> None:
    refused(maas("jobs", "show", "https://ml.azure.com/home"), 2, "does not name a job: use its name, its ARM id")
