"""The scenario table: its cells as published, its findings complete and sourced, and each figure what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from maas_client.catalog.architecture import architecture_of
from maas_client.errors import InvalidInput
from maas_client.planning import estimate_memory
from maas_client.planning.needs import NEEDS, TABLE_METHODS, Need
from maas_client.planning.scenarios import ScenarioTable, scenario_data, scenario_table

PUBLISHED = {
    "2024": ("YYNYYN", "NYNYYY", "NYYNNY", "NNNYYY"),
    "seed": ("YYNYYN", "NYNYYY", "NYYNNY", "NNNYYY"),
    "current": ("YYYYYY", "YYYYYY", "YYYNNY", "NNNYYN"),
}
"""The rows on cost, memory, parameters and parallelism, as the pages have them."""

RESOURCES: list[Need] = [need for need, facts in NEEDS.items() if not facts.is_task]


@pytest.fixture
def table() -> ScenarioTable:
    return scenario_table()


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_version_has_its_cells_as_published(name: str) -> None:
    (version,) = scenario_table(name).versions
    said = tuple("".join("Y" if version.says(need, each) else "N" for each in TABLE_METHODS) for need in RESOURCES)
    assert said == PUBLISHED[name]


def test_every_row_that_names_a_task_says_yes(table: ScenarioTable) -> None:
    tasks: list[Need] = [need for need, facts in NEEDS.items() if facts.is_task]
    assert all(version.says(need, method) for version in table.versions for need in tasks for method in TABLE_METHODS)


def test_six_cells_changed_between_the_versions(table: ScenarioTable) -> None:
    assert [f"{need}/{method}" for need, method in table.changed()] == [
        "cost/peft",
        "cost/dora",
        "memory/lora",
        "memory/peft",
        "parameters/lora",
        "parallel/dora",
    ]


def test_every_cell_that_is_no_task_has_a_finding(table: ScenarioTable) -> None:
    assert [(each.need, each.method) for each in table.findings] == [
        (need, method) for need in RESOURCES for method in TABLE_METHODS
    ]
    assert all(each.sources and each.text.endswith(".") for each in table.findings)


def test_every_cell_of_a_contradiction_is_contested(table: ScenarioTable) -> None:
    for each in table.contradictions:
        versions = [scenario_table(name) for name in each.versions]
        for version in versions:
            assert each in version.contradictions
        for need, method in each.cells:
            assert table.finding(need, method) is not None


def test_a_version_has_only_its_own_contradictions() -> None:
    assert all("current" in each.versions for each in scenario_table("current").contradictions)
    assert scenario_table("2024").changed() == ()


def test_what_a_version_says_against_findings_is_contested() -> None:
    current = scenario_table("current")
    assert {(each.need, each.method) for each in current.contested()} == {
        ("cost", "deepspeed"),
        ("cost", "zero"),
        ("cost", "dora"),
        ("memory", "deepspeed"),
        ("memory", "zero"),
    }
    assert ("parallel", "dora") in {(each.need, each.method) for each in scenario_table("seed").contested()}


def test_an_unknown_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="the versions are 2024, seed, current"):
        scenario_table("newest")


def test_json_has_the_cells_that_changed_and_are_contested(table: ScenarioTable) -> None:
    document = json.loads(table.to_json())
    assert document["versions"][2]["cells"]["parallel"]["dora"] is False
    assert "parallel/dora" in document["changed"]
    assert set(document["changed"]) <= set(document["contested"])


def test_every_figure_is_quoted_and_every_quote_is_a_figure() -> None:
    content = scenario_data()
    quoted = {name for each in content["findings"] for name in re.findall(r"\{([a-z0-9-]+)\}", each["text"])}
    assert quoted == set(content["figures"])


def test_no_finding_leaves_a_figure_unwritten(table: ScenarioTable) -> None:
    assert not [each.text for each in table.findings if "{" in each.text]
    lora = table.finding("memory", "lora")
    assert lora is not None
    assert "peaks at 28.1 GiB; full training needs 104.8 GiB" in lora.text


def figures(kind: str) -> list[Any]:
    """Every figure of a kind, such as `run`, with the value that is quoted."""
    found = [(each[kind], each["value"]) for each in scenario_data()["figures"].values() if kind in each]
    assert found
    return found


def test_quoted_measurements_are_what_was_measured(shared: Path) -> None:
    for (file, shape, method, length, batch, field, *stage), value in figures("run"):
        lines = (shared / "measured" / f"{file}.jsonl").read_text("utf-8").splitlines()
        wanted = {"shape": shape, "method": method, "seq": length, "batch": batch, "gc": True}
        if stage:
            wanted |= {"stage": stage[0], "weights": "torch.bfloat16"}
        runs = [run for run in map(json.loads, lines) if wanted.items() <= run.items()]
        assert [run[field] for run in runs] == [value]


def test_quoted_estimates_are_what_is_computed() -> None:
    for way, value in figures("computed"):
        assert estimate_memory(**way).peak_gib == pytest.approx(value, rel=0.01)


def test_quoted_counts_are_those_of_the_shapes() -> None:
    for (model, what), value in figures("count"):
        shape = architecture_of(model)
        lora = shape.adapter_parameters(16)
        counts = {
            "all": shape.parameters,
            "lora": lora,
            "magnitudes": shape.adapter_parameters(16, magnitudes=True) - lora,
        }
        assert counts[what] == value
