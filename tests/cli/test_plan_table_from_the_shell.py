"""`maas plan --table`: the scenario table in its versions, for a terminal, as Markdown and as JSON."""

from __future__ import annotations

import json
import re

import pytest

from maas_client.planning import scenario_table
from maas_client.planning.needs import NEEDS
from tests.cli.shell import Shell


def test_the_table_shows_where_its_versions_differ(maas: Shell) -> None:
    lines = maas.done("plan", "--table").splitlines()
    assert lines[1].split() == ["NEED", "LORA", "QLORA", "PEFT", "DEEPSPEED", "ZERO", "DORA", "FOR"]
    assert [line.split()[0] for line in lines[2:11]] == list(NEEDS)
    (memory,) = (line for line in lines if line.startswith("memory "))
    assert re.split(r"\s{2,}", memory)[1:4] == ["no, now yes", "yes", "no, now yes"]


def test_the_table_says_what_is_contested_with_sources(maas: Shell) -> None:
    output = maas.done("plan", "--table")
    assert "microsoft/Phi-3CookBook @114100a" in output
    assert "QLoRA is LoRA over weights in 4 bits" in output
    assert "  memory, ZeRO: partly (page: yes)" in output
    marks = {int(number) for text in re.findall(r"\[([\d, ]+)\]", output) for number in text.split(",")}
    listed = [int(number) for number in re.findall(r"^  \[(\d+)\]", output, re.MULTILINE)]
    assert listed == sorted(marks) == list(range(1, len(listed) + 1))


@pytest.mark.parametrize("version", [each.name for each in scenario_table().versions])
def test_a_version_of_the_table_is_shown_alone(maas: Shell, version: str) -> None:
    output = maas.done("plan", "--table", "--version", version)
    (shown,) = scenario_table(version).versions
    assert shown.document in output
    assert ", now " not in output
    others = [each.document for each in scenario_table().versions if each.name != version]
    assert not [document for document in others if document in output]


def test_an_unknown_version_of_the_table_is_refused(maas: Shell) -> None:
    result = maas("plan", "--table", "--version", "2023")
    assert result.exit_code != 0
    assert "did you mean '2024'?" in result.stderr


def test_version_without_a_value_is_that_of_the_program(maas: Shell) -> None:
    assert maas.done("plan", "--version") == maas.done("--version")


@pytest.mark.parametrize("words", [("--version", "2024"), ("--output", "markdown")])
def test_options_of_the_table_need_the_table(maas: Shell, words: tuple[str, ...]) -> None:
    result = maas("plan", *words)
    assert result.exit_code == 2
    assert f"{' '.join(words[:1]) if words[0] == '--version' else ' '.join(words)} requires --table" in result.stderr


def test_the_table_is_written_as_markdown(maas: Shell) -> None:
    output = maas.done("plan", "--table", "--output", "markdown")
    assert output.startswith("# The scenario table\n")
    assert "| less memory | no, now yes | yes | no, now yes | yes * | yes * | yes | `--need memory` |" in output


def test_the_table_is_written_as_json(maas: Shell) -> None:
    assert json.loads(maas.done("plan", "--table", "--output", "json")) == scenario_table().to_dict()
