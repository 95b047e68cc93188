"""The scenario table of Microsoft's cookbook in each dated version, and what measurements and papers say of its cells.

The facts are in `scenarios.json`: the cells as published, and findings of our own with their sources.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ..catalog.model_facts import Source
from ..core.errors import InvalidInput
from ..core.json_fields import day
from ..core.plain_values import PlainValue
from .needs import NEEDS, TABLE_METHODS, Need, TableMethod, nearest_hint

VersionName = Literal["2024", "seed", "current"]
Verdict = Literal["yes", "partly", "no"]
"""What measurements and papers say of a cell; `partly`: under a condition that the finding names."""

Cell = tuple[Need, TableMethod]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableVersion(PlainValue):
    """The table as a page had it. `period` says from when to when, as far as is known; `platforms` are the page's."""

    name: VersionName
    document: str
    date: str | None
    period: str
    platforms: tuple[str, ...]
    cells: Mapping[Need, Mapping[TableMethod, bool]]

    def says(self, need: Need, method: TableMethod) -> bool:
        """Return whether the cell of a row and a column says yes."""
        return self.cells[need][method]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(PlainValue):
    """What measurements and papers say of a cell."""

    need: Need
    method: TableMethod
    verdict: Verdict
    text: str
    sources: tuple[Source, ...]

    def differs_from(self, version: TableVersion) -> bool:
        """Return whether a version of the table says something else."""
        return self.verdict != ("yes" if version.says(self.need, self.method) else "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction(PlainValue):
    """What cannot hold in some versions of the page, together or beside the facts; `cells` may be empty."""

    versions: tuple[VersionName, ...]
    cells: tuple[Cell, ...]
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioTable(PlainValue):
    """Versions of the table, oldest first; the contradictions in them, and the findings on every cell that is no task.

    The five rows that name a task say yes in every column of every version, which is true and decides nothing.
    """

    versions: tuple[TableVersion, ...]
    contradictions: tuple[Contradiction, ...]
    findings: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, with the cells that changed or are contested, each as `need/method`."""
        changed = [f"{need}/{method}" for need, method in self.changed()]
        contested = [f"{each.need}/{each.method}" for each in self.contested()]
        return {**PlainValue.to_dict(self), "changed": changed, "contested": contested}

    def finding(self, need: Need, method: TableMethod) -> Finding | None:
        """Return the finding on a cell; None in the rows that name a task."""
        return next((each for each in self.findings if (each.need, each.method) == (need, method)), None)

    def changed(self) -> tuple[Cell, ...]:
        """Return the cells that do not say the same in all of these versions."""
        return tuple(
            (need, method)
            for need in NEEDS
            for method in TABLE_METHODS
            if len({version.says(need, method) for version in self.versions}) > 1
        )

    def contested(self) -> tuple[Finding, ...]:
        """Return the findings on cells that changed, or that measurements and papers do not support."""
        changed = self.changed()
        return tuple(
            each
            for each in self.findings
            if (each.need, each.method) in changed or any(each.differs_from(version) for version in self.versions)
        )


def scenario_table(version: str | None = None) -> ScenarioTable:
    """Return the scenario table, in every dated version or in one.

    Args:
        version: `2024`, `seed` (the Dutch page of 2025-07-17, with the cells of 2024) or `current`; all by default.

    Returns:
        The versions, with the contradictions that are in them and the findings on their cells.

    Raises:
        InvalidInput: there is no such version.
    """
    whole = _load()
    if version is None:
        return whole
    known = {each.name: each for each in whole.versions}
    wanted = next((each for name, each in known.items() if name == version.strip().lower()), None)
    if wanted is None:
        hint = nearest_hint(version, "versions", tuple(known))
        raise InvalidInput(f"there is no version {version!r} of the scenario table; {hint}")
    return ScenarioTable(
        versions=(wanted,),
        contradictions=tuple(each for each in whole.contradictions if wanted.name in each.versions),
        findings=whole.findings,
    )


@cache
def _load() -> ScenarioTable:
    content = scenario_data()
    sources = {
        key: Source(document=each["document"], date=day(each["date"])) for key, each in content["sources"].items()
    }
    figures = {name: _written(figure) for name, figure in content["figures"].items()}
    return ScenarioTable(
        versions=tuple(_version(entry) for entry in content["versions"]),
        contradictions=tuple(
            Contradiction(
                versions=tuple(entry["versions"]),
                cells=tuple(_cell(name) for name in entry["cells"]),
                text=entry["text"],
                sources=tuple(sources[key] for key in entry["sources"]),
            )
            for entry in content["contradictions"]
        ),
        findings=tuple(
            Finding(
                need=entry["need"],
                method=entry["method"],
                verdict=entry["verdict"],
                text=entry["text"].format_map(figures),
                sources=tuple(sources[key] for key in entry["sources"]),
            )
            for entry in content["findings"]
        ),
    )


def scenario_data() -> Mapping[str, Any]:
    """Return the file of the facts as it is, with the figures that findings quote and where each comes from."""
    content: dict[str, Any] = json.loads(Path(__file__).with_name("scenarios.json").read_text(encoding="utf-8"))
    return content


def _version(entry: Mapping[str, Any]) -> TableVersion:
    cells: dict[Need, Mapping[TableMethod, bool]] = {
        need: {method: says == "Y" for method, says in zip(TABLE_METHODS, entry["cells"][need], strict=True)}
        for need in NEEDS
    }
    read: dict[str, Any] = {**entry, "platforms": tuple(entry["platforms"]), "cells": cells}
    return TableVersion(**read)


def _cell(name: str) -> Cell:
    need, _, method = name.partition("/")
    return next((row, column) for row in NEEDS for column in TABLE_METHODS if (row, column) == (need, method))


def _written(figure: Mapping[str, Any]) -> str:
    """Write a figure with its unit: GiB with one decimal, everything else as a whole number."""
    value, unit = figure["value"], figure["unit"]
    return f"{value:,.1f} {unit}" if unit == "GiB" else f"{value:,.0f} {unit}".rstrip()
