"""Every row and column of the cookbook's scenario table, and every platform of its page, is reached by `maas plan`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maas_client.planning import scenario_table
from maas_client.planning.needs import NEEDS, TABLE_METHODS, Need, TableMethod
from maas_client.planning.platforms import find_platform, platforms
from tests.cli.shell import Shell

MODEL = "Phi-4-mini-instruct"
TRAINED: dict[TableMethod, set[str]] = {
    "lora": {"lora"},
    "qlora": {"qlora"},
    "dora": {"dora"},
    "peft": {"lora", "qlora", "dora"},
    "deepspeed": {"full", "lora", "qlora", "dora"},
    "zero": {"full", "lora", "qlora", "dora"},
}
"""What the ways of a column may train."""

NAMED = sorted({name for version in scenario_table().versions for name in version.platforms})
"""The platforms that the page names, in any version."""


def planned(maas: Shell, *words: str) -> dict[str, Any]:
    """Return a plan as JSON."""
    plan: dict[str, Any] = json.loads(maas.done("plan", "--model", MODEL, *words, "--output", "json"))
    return plan


@pytest.mark.parametrize("need", NEEDS)
def test_every_row_is_reached_by_its_need(maas: Shell, need: Need) -> None:
    plan = planned(maas, "--gpu", "H100", "--gpus", "2", "--need", need)
    assert plan["need"] == plan["table"]["need"] == need
    assert set(plan["table"]["cells"]) == {"2024", "current"}
    assert plan["ways"]
    assert plan["recommended"]


def test_a_plan_quotes_the_row_of_its_need(maas: Shell) -> None:
    output = maas.done("plan", "--model", MODEL, "--gpu", "H100", "--need", "memory")
    assert (
        "The cookbook's table on less memory:\n  2024: yes to QLoRA, DeepSpeed, ZeRO, DoRA; no to LoRA, PEFT" in output
    )
    assert "The cookbook" not in maas.done("plan", "--model", MODEL, "--gpu", "H100")


@pytest.mark.parametrize("method", TABLE_METHODS)
def test_every_column_is_reached_by_its_method(maas: Shell, method: TableMethod) -> None:
    ways = planned(maas, "--gpu", "H100", "--gpus", "2", "--method", method)["ways"]
    on_machines = [way for way in ways if way["gpu"]]
    assert on_machines
    assert {way["method"] for way in on_machines} <= TRAINED[method]
    if TABLE_METHODS[method].kind == "sharing":
        assert {way["sharing"] for way in on_machines} <= {"zero1", "zero2", "zero3", "fsdp"}


@pytest.mark.parametrize("platform", [each.name for each in platforms()])
def test_every_platform_is_reached_by_its_name(maas: Shell, platform: str) -> None:
    ways = planned(maas, "--gpu", "H100", "--platform", platform)["ways"]
    assert {way["platform"] for way in ways} == {platform}


@pytest.mark.parametrize("name", NAMED)
def test_every_platform_of_the_page_is_reached_by_its_words(maas: Shell, name: str) -> None:
    ways = planned(maas, "--gpu", "H100", "--platform", name)["ways"]
    assert {way["platform"] for way in ways} == {find_platform(name).name}


def test_the_page_names_five_platforms(maas: Shell) -> None:
    named = {find_platform(name).name for name in NAMED}
    assert named == {"foundry", "azureml", "ai-toolkit", "kaito", "olive"}
    ways = planned(maas, "--gpu", "H100")["ways"]
    assert named <= {way["platform"] for way in ways}
