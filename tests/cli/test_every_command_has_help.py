"""Every command has help with an example, and help imports nothing heavy."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from maas_client.cli import maas
from maas_client.cli.app.lazy_group import LazyGroup
from maas_client.cli.app.options import Command
from tests.cli.shell import process

HEAVY = ("httpx", "pydantic", "rich", "tenacity", "azure", "maas_client.client", "maas_client.datasets.check.checker")


def commands(group: LazyGroup, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield every command below a group with its path."""
    context = click.Context(group)
    for name in group.table:
        yield (*path, name)
        command = group.get_command(context, name)
        yield from commands(command, *path, name) if isinstance(command, LazyGroup) else ()


EVERY = list(commands(maas))


def imported(stderr: str) -> set[str]:
    """Return the modules that `-X importtime` reports."""
    return {line.rpartition("|")[2].strip() for line in stderr.splitlines() if line.startswith("import time:")}


def test_the_commands_are_those_of_the_design() -> None:
    assert {path[0] for path in EVERY} == {
        "demo",
        "init",
        "check",
        "convert",
        "split",
        "estimate",
        "plan",
        "export",
        "copy",
        "upload",
        "uploads",
        "datasets",
        "download",
        "jobs",
        "run",
        "sweep",
        "deploy",
        "endpoints",
        "computes",
        "costs",
        "chat",
        "eval",
        "models",
        "webhooks",
        "doctor",
        "drift",
        "record",
        "verify",
        "mock",
        "completion",
    }
    assert {path[1] for path in EVERY if path[0] == "jobs" and path[1:]} == {
        *("create", "list", "show", "watch", "compare", "cancel", "archive", "restore", "metrics", "logs", "schema"),
        *("events", "checkpoints", "pause", "resume", "delete"),
    }


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_has_an_example_that_begins_with_the_command(path: tuple[str, ...]) -> None:
    command: click.Command | None = maas
    context = click.Context(maas, info_name="maas")
    for name in path:
        assert isinstance(command, LazyGroup)
        command = command.get_command(context, name)
        assert isinstance(command, Command)
        context = click.Context(command, info_name=name, parent=context)
    assert command is not None
    shown = command.get_help(context)
    assert re.search(rf"Example:\n +maas .*{path[-1]}", shown)
    assert shown.count("Global options (maas --help): ") == 1
    assert re.search(r"--output \[?auto\|table\|json\|jsonl", shown)
    assert "-h, --help" in shown


def test_the_help_of_maas_imports_nothing_heavy() -> None:
    done = process("--help", flags=("-X", "importtime"))
    assert done.returncode == 0
    assert "inspect fine-tuning jobs" in done.stdout
    assert not {name for name in imported(done.stderr) if name.startswith(HEAVY)}


def test_off_a_terminal_nothing_is_drawn_with_rich() -> None:
    done = process("models", flags=("-X", "importtime"))
    assert done.returncode == 0
    assert not {name for name in imported(done.stderr) if name.startswith(("rich", "httpx"))}


def found(path: tuple[str, ...]) -> tuple[click.Command, click.Context]:
    """Return a command by its path, and its context."""
    command: click.Command | None = maas
    context = click.Context(maas, info_name="maas")
    for name in path:
        assert isinstance(command, LazyGroup)
        command = command.get_command(context, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=context)
    assert command is not None
    return command, context


def examples(path: tuple[str, ...]) -> list[list[str]]:
    """Return the command lines of the examples in a help text, without redirections."""
    command, _ = found(path)
    lines = (command.help or "").partition("Example:")[2].splitlines()
    words = [shlex.split(re.split(r" [|>&]", line)[0]) for line in lines if line.strip().startswith("maas ")]
    assert words
    return words


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_each_example_is_a_command_line_that_is_understood(path: tuple[str, ...]) -> None:
    for words in examples(path):
        named = max((each for each in EVERY if tuple(words[1 : 1 + len(each)]) == each), key=len)
        command, context = found(named)
        command.make_parser(context).parse_args(words[1 + len(named) :])


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_has_the_width_of_the_terminal(path: tuple[str, ...], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    command, context = found(path)
    lines = command.get_help(context).splitlines()
    widest = max(len(line) for line in lines if not line.startswith("    maas "))  # an example stays on one line
    assert widest <= width
    assert widest > min(width, 100) / 2


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_the_global_options_take_two_lines_of_eighty_columns(path: tuple[str, ...]) -> None:
    command, context = found(path)
    context.terminal_width = 80
    folded = command.get_help(context).partition("Global options (maas --help): ")[2]
    assert 0 < folded.count("\n") <= 2
    assert all(name in folded for name in ("-g/--resource-group", "--arm-url", "-q/--quiet", "--debug"))


def test_the_help_of_maas_describes_the_global_options() -> None:
    shown = process("-h").stdout
    assert shown == process("--help").stdout
    assert "Global options:\n  -o, --output [auto|table|json|jsonl]" in shown
    assert "Resource group (AZURE_RESOURCE_GROUP)." in shown


@pytest.mark.parametrize("words", [["jobs", "-h"], ["jobs", "list", "-h"], ["models", "-h"], ["models", "list", "-h"]])
def test_h_is_short_for_help(words: list[str]) -> None:
    done = process(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == process(*words[:-1], "--help").stdout
