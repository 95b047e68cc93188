"""The generated pages on planning: each model, each need, each method and each source is on them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maas_client.catalog.lookup import list_models
from maas_client.planning import scenario_table
from maas_client.planning.needs import NEEDS, TABLE_METHODS

ROOT = Path(__file__).parents[2]

Page = Callable[[str], str]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    """Return a generated page by its module."""

    def text(module: str) -> str:
        monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
        generated: Any = importlib.import_module(f"generated.{module}")  # Any: docs/ is no package
        written: str = generated.page()
        return written

    return text


def cells(page: str) -> list[list[str]]:
    """Return the rows of all tables."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_scenario_table_has_every_row_and_column(page: Page) -> None:
    rows = cells(page("scenario_table"))
    assert rows[0] == ["need", *(facts.title for facts in TABLE_METHODS.values()), "asked with"]
    assert [row[0] for row in rows[2:11]] == [facts.title for facts in NEEDS.values()]
    assert rows[9][1:7] == ["no, now yes", "yes", "yes", "no", "no", "yes"]


def test_the_scenario_table_has_every_version_and_source(page: Page) -> None:
    text, table = page("scenario_table"), scenario_table()
    for version in table.versions:
        assert f"- `{version.name}`: {version.document}; {version.period}." in text
    for finding in table.contested():
        assert finding.text in text
        assert all(f". {source.document}" in text for source in finding.sources)
    for contradiction in table.contradictions:
        assert contradiction.text in text
        assert all(f". {source.document}" in text for source in contradiction.sources)


def test_the_shape_of_every_model_is_on_its_page(page: Page) -> None:
    rows = cells(page("model_shapes"))
    names = [facts.name for facts in list_models()]
    assert [row[0] for row in rows] == [*["model", *names] * 3]
    assert ["Phi-4", "40", "5,120", "40, 10 for keys and values", "128", "17,920"] in rows
    assert ["Phi-4-mini-instruct", "200,064", "tied", "131,072"] in rows
    assert ["Phi-3-mini-4k-instruct", "3,821,079,552", "25,165,824", "26,181,632"] in rows


def test_the_shape_of_every_model_has_its_source(page: Page) -> None:
    text = page("model_shapes")
    for facts in list_models():
        assert f"- {facts.name}: huggingface.co/microsoft/" in text
