"""Options that several commands share, and former names of options."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.test_every_command_has_help import found

Write = Callable[[str, Sequence[str]], str]
FORMER = {
    ("check", "{train}"): ("--jobs", "--processes", "2"),
    ("estimate", "{train}", "--model", MODEL): ("--validation", "--validation-data", "{train}"),
    ("jobs", "logs", "ft-1"): ("--file", "--log-file", "user_logs/std_log.txt"),
    ("download", "ft-1", "out", "--overwrite"): ("--output-name", "--named-output", "registered_model"),
}


@pytest.mark.parametrize("joined", [False, True], ids=["apart", "joined"])
@pytest.mark.parametrize(("words", "names"), FORMER.items(), ids=[f"{' '.join(words)[:9]}" for words in FORMER])
def test_a_former_name_works_and_warns(
    maas: Shell, completed: str, train: str, words: tuple[str, ...], names: tuple[str, str, str], joined: bool
) -> None:
    former, name, value = (word.replace("{train}", train) for word in names)
    line = [word.replace("{train}", train) for word in words]
    expected = maas(*line, name, value)
    result = maas(*line, *([f"{former}={value}"] if joined else [former, value]))
    assert (result.exit_code, result.stdout) == (expected.exit_code, expected.stdout)
    assert result.exit_code == 0, result.output
    assert f"warning: {former} is now called {name}; the old name will be removed" in result.stderr
    assert "warning: --" not in expected.stderr


@pytest.mark.parametrize(("words", "names"), FORMER.items(), ids=[f"{' '.join(words)[:9]}" for words in FORMER])
def test_help_shows_the_new_name_only(words: tuple[str, ...], names: tuple[str, str, str]) -> None:
    path = words[:2] if words[0] == "jobs" else words[:1]
    command, context = found(path)
    shown = command.get_help(context).split()
    assert names[1] in shown
    assert names[0] not in shown


def test_a_former_name_after_two_dashes_is_an_argument(maas: Shell, train: str) -> None:
    result = maas("check", "--", train, "--jobs")
    assert "is now called" not in result.stderr
    assert result.exit_code == 2


@pytest.fixture
def file(write: Write, train: str) -> str:
    """A job file that the options override."""
    return write("job.yaml", [f"model: {MODEL}", f"training_data: {train}", "name: shop"])


@pytest.mark.parametrize("command", [("jobs", "create"), ("run", "--no-wait"), ("sweep",)], ids=" ".join)
def test_name_data_and_retired_models_are_chosen_alike(
    maas: Shell, server: Server, file: str, validation: str, command: tuple[str, ...]
) -> None:
    words = ["--name", "other", "--validation-data", validation, "--model", "Phi-3-mini-4k-instruct", "--allow-retired"]
    result = maas(*command, "-f", file, *words, "--output", "json")
    assert result.exit_code == 0, result.output
    (job,) = json.loads(maas.done("jobs", "list", "--output", "json"))
    assert job["name"].startswith("other")
    assert job["model"] == "Phi-3-mini-4k-instruct"
    assert "/data/validation/" in job["validation_data"]


def test_output_has_a_short_option_before_and_after_the_command(maas: Shell) -> None:
    assert maas.done("models", "list", "-o", "json") == maas.done("-o", "json", "models", "list")
    assert maas.done("models", "list", "-o", "json").startswith("[")
    assert maas("jobs", "metrics", "nope", "-o", "csv").exit_code == 3
