"""Every command that a page or a message of the docs names exists, with the options that it is given."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from maas_client.cli import maas

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "site").glob("*.md"))]
INLINE = re.compile(r"`maas ([^`]+)`")
LINE = re.compile(r"^(?:\$ )?maas ([a-z-].*)$", re.MULTILINE)

SHELL = frozenset({"|", ">", "2>", "&&", "||", ";", "--"})
"""Words that end a command, or its options."""


def commands(text: str) -> Iterator[str]:
    """Yield the commands of a page without `maas`: inline, and lines of code with their continuations."""
    yield from (" ".join(found.split()) for found in INLINE.findall(text))
    yield from LINE.findall(text.replace("\\\n", " "))


def mistakes(line: str) -> list[str]:
    """Return the words of a command line that are no command or option, or are a former spelling."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # an apostrophe in a sentence
        words = line.split()
    end = next((place for place, word in enumerate(words) if word in SHELL), len(words))
    words = words[:end]
    command: click.Command = maas
    context = click.Context(maas, info_name="maas")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            return [] if words[0].isupper() or words[0] == "…" else [words[0]]
        command, words = found, words[1:]
        context = click.Context(command, parent=context, info_name=command.name)
    params = [param for param in command.get_params(context) if not getattr(param, "hidden", False)]
    shown = {name for param in params for name in (*param.opts, *param.secondary_opts)}
    given = [word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][\w-]*(?:=.*)?", word)]
    return [word for word in given if word not in shown]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_commands_and_options_that_exist(page: Path) -> None:
    found = {line: mistakes(line) for line in commands(page.read_text("utf-8"))}
    assert {line: wrong for line, wrong in found.items() if wrong} == {}


def test_the_page_on_the_command_line_names_every_command() -> None:
    page = (ROOT / "docs" / "site" / "command-line.md").read_text("utf-8")
    rows = {found[1]: found[0] for found in re.finditer(r"^\| `maas ([a-z]+)[^\n]*$", page, re.MULTILINE)}
    assert set(rows) == set(maas.table)
    for name in maas.table:
        group = maas.get_command(click.Context(maas), name)
        if isinstance(group, click.Group):
            subcommands = group.list_commands(click.Context(group))
            assert [each for each in subcommands if f"`{each}`" not in rows[name]] == [], name


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("jobs watch ft-1 --stop-on-alarm", []),
        ("jobs wach ft-1", ["wach"]),
        ("jobs create -f job.yaml --dry-rnu", ["--dry-rnu"]),
        ("jobs list --output json | jq .", []),
        ("jobs list --endpoint URL", ["--endpoint"]),
        ("estimate --prices-template > prices.toml", []),
    ],
)
def test_a_misspelt_or_former_name_is_found(line: str, wrong: list[str]) -> None:
    assert mistakes(line) == wrong


def test_there_are_commands_to_read() -> None:
    assert sum(len(list(commands(page.read_text("utf-8")))) for page in PAGES) > 100
