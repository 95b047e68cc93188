"""`maas init` writes config.json, and after that no command needs a variable or an option."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from maas_client.azure.workspace_values import Workspace
from maas_client.cli.commands.workspace_choice import candidates, titles
from mock_server.server import Server, serve
from tests.cli.shell import Shell

VARIABLES = ("AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP", "AZUREML_WORKSPACE_NAME")


@pytest.fixture(scope="module")
def two() -> Iterator[Server]:
    """A server with two workspaces."""
    with serve(workspaces=["work", "play"]) as server:
        yield server


@pytest.fixture
def anywhere(maas: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell without a workspace in its environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name)
    return maas


@pytest.fixture
def choosing(anywhere: Shell, two: Server, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell without a workspace in its environment, where there are two."""
    two.reset()
    monkeypatch.setenv("MAAS_ENDPOINT", two.endpoint)
    return anywhere


def test_the_only_workspace_is_written_and_then_found(anywhere: Shell) -> None:
    assert anywhere("jobs", "list").exit_code == 2
    done = anywhere("init")
    assert (done.exit_code, done.stderr) == (0, "next: maas doctor\n")
    assert done.stdout == "config.json selects workspace work in rg-mock\n"
    assert set(json.loads(Path("config.json").read_text("utf-8"))) == {
        "subscription_id",
        "resource_group",
        "workspace_name",
    }
    assert anywhere("doctor").exit_code == 0
    assert anywhere("jobs", "list").exit_code == 0


def test_the_same_content_is_no_error(anywhere: Shell) -> None:
    anywhere.done("init")
    before = Path("config.json").stat().st_mtime_ns
    assert anywhere.done("init") == "config.json already selects workspace work in rg-mock\n"
    assert Path("config.json").stat().st_mtime_ns == before


def test_another_workspace_is_replaced_only_by_force(anywhere: Shell, server: Server) -> None:
    names = ["--subscription", "s", "-g", "g", "-w"]
    anywhere.done("init", *names, "w1")
    refused = anywhere("init", *names, "w2")
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (2, True)
    assert "config.json selects another workspace, 'w1'" in refused.stderr
    assert "w1" in Path("config.json").read_text("utf-8")
    anywhere.done("init", *names, "w2", "--overwrite")
    assert "w2" in Path("config.json").read_text("utf-8")
    assert [path.name for path in Path().iterdir()] == ["config.json"]
    assert server.requests() == []


def test_a_file_that_is_no_json_is_replaced_only_by_force(anywhere: Shell) -> None:
    Path("config.json").write_text("{", "utf-8")
    assert anywhere("init").exit_code == 2
    anywhere.done("init", "--overwrite")
    assert "work" in Path("config.json").read_text("utf-8")


def test_without_a_terminal_each_choice_is_a_command(choosing: Shell) -> None:
    result = choosing("init")
    assert result.exit_code == 2
    lines = [line.strip() for line in result.stderr.splitlines() if line.startswith("  maas init")]
    assert [line.split()[-1] for line in lines] == ["play", "work"]
    assert not Path("config.json").exists()
    choosing.done(*lines[0].split()[1:])
    assert "play" in Path("config.json").read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminals")
def test_on_a_terminal_a_number_chooses(choosing: Shell) -> None:
    from tests.cli.terminal import on_a_terminal, plain

    code, shown = on_a_terminal("init", prompt=b"Workspace (1-2)", keys=b"2\r")
    assert code == 0, shown
    assert "   1  play" in plain(shown)
    assert json.loads(Path("config.json").read_text("utf-8"))["workspace_name"] == "work"


def test_a_name_selects_whatever_its_case(choosing: Shell) -> None:
    choosing.done("init", "-w", "PLAY", "--out-dir", ".")
    assert '"play"' in Path("config.json").read_text("utf-8")


def test_a_workspace_that_is_not_listed_is_not_found(choosing: Shell) -> None:
    result = choosing("init", "-w", "elsewhere")
    assert (result.exit_code, "no workspace 'elsewhere' in subscription" in result.stderr) == (3, True)
    assert "; the first are play and work\n" in result.stderr
    assert "; did you mean 'play'?\ntry: maas init\n" in choosing("init", "-w", "plai").stderr


def test_a_file_that_takes_precedence_is_named(anywhere: Shell) -> None:
    Path(".azureml").mkdir()
    Path(".azureml", "config.json").write_text("{}", "utf-8")
    result = anywhere("init")
    assert result.exit_code == 0
    assert "takes precedence over config.json" in result.stderr


def workspace(name: str, kind: str = "Default") -> Workspace:
    return Workspace(name=name, kind=kind, location="eastus2", id=f"/subscriptions/s/resourceGroups/Group/p/m/w/{name}")


def test_only_workspaces_that_train_are_offered() -> None:
    found = [workspace("a"), workspace("b", "FeatureStore"), workspace("c", "Project"), workspace("d", "Hub")]
    assert [each.name for each in candidates(found)] == ["a", "c", "d"]
    assert [each.name for each in candidates(found, resource_group="GROUP", workspace="C")] == ["c"]
    assert candidates(found, resource_group="other") == []


def test_the_choices_are_aligned() -> None:
    assert titles([workspace("a"), workspace("long")]) == ["a     Group  eastus2", "long  Group  eastus2"]
