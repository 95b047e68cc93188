"""Fixtures: the command line in this process, against the mock server, with a clock that advances on sleep."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from mock_server.server import Server, serve
from tests.cli.shell import ANSWER, MODEL, Shell, chat_row


@pytest.fixture(scope="session")
def cli_server() -> Iterator[Server]:
    """A server with one workspace, shared by the session."""
    with serve(clock="virtual", workspaces=["work"], job_seconds=600) as server:
        yield server


@pytest.fixture
def server(cli_server: Server) -> Server:
    """The server, reset after earlier tests."""
    cli_server.reset()
    return cli_server


@pytest.fixture
def maas(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, with the workspace in its environment."""
    return shell_with(
        server,
        tmp_path,
        monkeypatch,
        MAAS_ENDPOINT=server.endpoint,
        AZURE_SUBSCRIPTION_ID="sub",
        AZURE_RESOURCE_GROUP="group",
        AZUREML_WORKSPACE_NAME="work",
    )


@pytest.fixture
def foundry(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, with a project of Foundry in its environment."""
    return shell_with(server, tmp_path, monkeypatch, FOUNDRY_ENDPOINT=f"{server.endpoint}/api/projects/demo")


def shell_with(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch, **variables: str) -> Shell:
    """Return a shell in a folder with these variables, and no other of Azure's."""
    for name in [name for name in os.environ if name.startswith(("AZURE", "FOUNDRY_", "MAAS_", "NO_COLOR"))]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    return Shell(server)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Sequence[str]], str]:
    """Write a file of lines into the shell's folder and return its name."""

    def write_lines(name: str, lines: Sequence[str]) -> str:
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return name

    return write_lines


@pytest.fixture
def rows() -> list[str]:
    """Twelve valid rows; the first asks when the shop opens."""
    return [
        chat_row("When do you open?", ANSWER),
        *(chat_row(f"What is {n} + 1?", f"It is {n + 1}.") for n in range(11)),
    ]


@pytest.fixture
def train(write: Callable[[str, Sequence[str]], str], rows: list[str]) -> str:
    """The name of a file that the service would accept."""
    return write("train.jsonl", rows)


@pytest.fixture
def validation(write: Callable[[str, Sequence[str]], str], rows: list[str]) -> str:
    """The name of a validation file."""
    return write("validation.jsonl", [rows[0], *rows[:0:-1]])


@pytest.fixture
def job(maas: Shell, train: str) -> str:
    """The name of a job that has just been created."""
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-1")
    return "ft-1"


@pytest.fixture
def completed(maas: Shell, server: Server, job: str) -> str:
    """The name of a job that has completed."""
    server.advance(601)
    return job


@pytest.fixture
def endpoint(maas: Shell, completed: str) -> str:
    """The name of an endpoint that answers from the training data."""
    maas.done("deploy", completed, "--name", "shop")
    return "shop"
