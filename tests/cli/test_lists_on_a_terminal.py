"""Lists and records on terminals of every width: no word, number, id or link is broken."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from maas_client.cli.app.lazy_group import LazyGroup
from maas_client.cli.output.list_fields import field_name
from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.terminal import on_a_terminal, plain
from tests.cli.test_every_command_has_help import EVERY, found

WIDTHS = (40, 60, 80, 120, 200)
LONG = "ft-support-answers-of-the-shop-in-the-old-town-2026-01-31"
ENDPOINT = "support-answers-of-the-shop"


def is_list(path: tuple[str, ...]) -> bool:
    """Return whether a command lists things, judged by its options."""
    command, context = found(path)
    return not isinstance(command, LazyGroup) and any("--no-truncate" in p.opts for p in command.get_params(context))


ON_FOUNDRY: dict[tuple[str, ...], tuple[str, ...]] = {("jobs", "checkpoints"): (LONG,), ("webhooks", "list"): ()}
"""Lists that only Foundry has, and what they are lists of."""

LISTS = [path for path in EVERY if is_list(path)]
NAMED_LIST = [path for path in EVERY if path[-1] in {"list", "uploads"}]


@pytest.fixture
def lists(maas: Shell, server: Server, train: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A workspace with a completed job, an endpoint and an interrupted upload, each with a long name."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    upload = maas("upload", train, "--name", f"{LONG}-data")
    assert upload.exit_code == 0, upload.output
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", LONG)
    server.advance(601)
    maas.done("endpoints", "create", "--model", MODEL, "--name", ENDPOINT, "--wait")
    return maas


@pytest.fixture
def lists_of_foundry(foundry: Shell, server: Server, train: str) -> Shell:
    """An account of Foundry with a job that has succeeded, and a webhook."""
    words = ("--model", "gpt-4.1-mini", "--training-data", train, "--name", LONG, "--epochs", "3")
    foundry.done("jobs", "create", *words)
    server.advance(6000)
    foundry.done("webhooks", "create", "https://example.com/hooks")
    return foundry


@pytest.fixture
def shell(request: pytest.FixtureRequest, path: tuple[str, ...]) -> Shell:
    """The shell in which a list has something to show."""
    shell: Shell = request.getfixturevalue("lists_of_foundry" if path in ON_FOUNDRY else "lists")
    return shell


def whole_words(maas: Shell, *words: str) -> set[str]:
    """Return every word that a list consists of, from its plain output."""
    return set(maas.done(*words).split())


def drawn_words(*words: str, width: int) -> tuple[set[str], list[str]]:
    """Return the words and lines that a terminal of a width gets on stdout and stderr."""
    code, drawn = on_a_terminal(*words, COLUMNS=str(width))
    assert code == 0, drawn
    lines = plain(drawn).replace("\r", "").splitlines()
    return {word for line in lines for word in line.split()}, lines


def test_every_list_command_has_the_options_of_lists() -> None:
    assert set(NAMED_LIST) <= set(LISTS)
    for path in LISTS:
        command, context = found(path)
        assert any("--fields" in param.opts for param in command.get_params(context)), path


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", LISTS, ids=" ".join)
def test_a_list_breaks_no_word_at_any_width(shell: Shell, path: tuple[str, ...], width: int) -> None:
    command = (*path, *ON_FOUNDRY.get(path, ()))
    notes = ("too narrow for ", *shell(*command).stderr.splitlines())
    table = [line for line in drawn_words(*command, width=width)[1] if not line.startswith(notes)]
    known = {word.lower() for word in whole_words(shell, *command)} | set(" ".join(table[:1]).split())
    spans = re.compile(r"\d+[smhd]\d*[smhd]?|\d+:\d\d:\d\d")  # an age grows, and only a terminal gets a duration
    shown = {word for line in table[2:] for word in line.split() if not spans.fullmatch(word)}
    assert {word.lower() for word in shown} <= known
    first_cells = max((len(line.split("  ")[0]) for line in table), default=0)
    assert all(len(line) <= max(width, first_cells) for line in table)


@pytest.mark.parametrize("width", WIDTHS)
def test_ids_and_links_of_a_record_can_be_copied(lists: Shell, width: int) -> None:
    job = json.loads(lists.done("jobs", "show", LONG, "--output", "json"))
    words, _ = drawn_words("jobs", "show", LONG, width=width)
    assert {job["name"], job["training_data"], job["studio_url"], job["output_model"]} <= words
    endpoint = json.loads(lists.done("endpoints", "show", ENDPOINT, "--output", "json"))
    words, _ = drawn_words("endpoints", "show", ENDPOINT, width=width)
    assert {endpoint["name"], endpoint["scoring_url"], endpoint["model_id"]} <= words


def test_a_narrow_list_names_the_hidden_columns(lists: Shell) -> None:
    words, lines = drawn_words("jobs", "list", width=80)
    assert "Completed" in words
    assert lines[-1] == "too narrow for model, age, duration, created, output model: --no-truncate shows all columns"
    all_words, all_lines = drawn_words("jobs", "list", "--no-truncate", width=80)
    assert f"{LONG}-model:1" in all_words
    assert not any("too narrow" in line for line in all_lines)


def test_a_narrow_doctor_leaves_nothing_out(lists: Shell) -> None:
    code, drawn = on_a_terminal("doctor", COLUMNS="50")
    assert code == 0
    known = whole_words(lists, "doctor")
    shown = set(plain(drawn).split())
    assert len(known & shown) > len(known) / 2
    assert "too narrow" not in plain(drawn)


def identity(document: dict[str, str]) -> str:
    """Return what identifies a listed thing: its file, family or name, with the version of a registered model."""
    if "file" in document:
        return document["file"]
    if "limit" in document:  # a quota: that of all families has no family
        return document["family"] or document["name"]
    return f"{document['name']}:{document['version']}" if "base_model" in document else document["name"]


@pytest.mark.parametrize("path", LISTS, ids=" ".join)
def test_quiet_prints_one_id_per_line(shell: Shell, path: tuple[str, ...]) -> None:
    command = (*path, *ON_FOUNDRY.get(path, ()))
    result = shell(*command, "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")
    documents = json.loads(shell.done(*command, "--output", "json"))
    ids = [document["id"] if path in ON_FOUNDRY else identity(document) for document in documents]
    assert result.stdout.splitlines() == ids
    on_terminal, _ = drawn_words(*command, "-q", width=40)
    assert on_terminal == set(result.stdout.split())


@pytest.mark.parametrize("path", LISTS, ids=" ".join)
def test_an_unknown_field_lists_the_valid_ones(shell: Shell, path: tuple[str, ...]) -> None:
    command = (*path, *ON_FOUNDRY.get(path, ()))
    result = shell(*command, "--fields", "nonsense")
    assert (result.exit_code, result.stdout) == (2, "")
    names = result.stderr.partition("The fields are ")[2].split("\n")[0].split(", ")
    assert len(names) >= 3
    titles = shell.done(*command, "--fields", ",".join(names)).splitlines()[0].split()
    assert [field_name(title) for title in titles] == names


def test_fields_choose_columns_and_keys_of_json(lists: Shell) -> None:
    titles, line = lists.done("jobs", "list", "--fields", "status, name,experiment").splitlines()
    assert titles.split() == ["STATUS", "NAME", "EXPERIMENT"]
    assert line.split()[:2] == ["Completed", LONG]
    [document] = json.loads(lists.done("jobs", "list", "--fields", "name,hyperparameters,duration", "--output", "json"))
    assert document.keys() == {"name", "hyperparameters", "duration"}
    assert isinstance(document["hyperparameters"], dict)
    assert re.fullmatch(r"\d+:\d\d:\d\d", document["duration"])
    assert "did you mean 'status'?" in lists("jobs", "list", "--fields", "statsu").stderr
    assert ", duration, " in lists("jobs", "list", "--fields", "nonsense").stderr
