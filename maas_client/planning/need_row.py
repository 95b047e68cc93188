"""What the scenario table says of a need, then and now, and where measurements and papers say otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.plain_values import PlainValue
from .needs import NEEDS, TABLE_METHODS, Need, TableMethod
from .scenarios import Finding, TableVersion, VersionName, scenario_table

QUOTED: tuple[VersionName, ...] = ("2024", "current")
"""The versions that a plan quotes; that of 2025 has the cells of 2024."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow(PlainValue):
    """A row of the scenario table in its two dated versions.

    `cells` are by version and method. `findings` are those that one of the versions does not support; there are none
    in a row that names a task, to which every version says yes throughout.
    """

    need: Need
    title: str
    cells: Mapping[VersionName, Mapping[TableMethod, bool]]
    findings: tuple[Finding, ...]

    def lines(self) -> tuple[str, ...]:
        """Return what each version says in a line, and in another what was found otherwise."""
        said = {version: _said(cells) for version, cells in self.cells.items()}
        if len(set(said.values())) == 1:
            versions = [f"{' and '.join(said)}: {next(iter(said.values()))}"]
        else:
            versions = [f"{version}: {text}" for version, text in said.items()]
        if NEEDS[self.need].is_task:
            return (*versions, "found: the task does not decide; the rows, the GPU and its price do")
        found = ", ".join(f"{TABLE_METHODS[each.method].title} {each.verdict}" for each in self.findings)
        return (*versions, f"found: {found}; `maas plan --table` says why")


def need_row(need: Need) -> NeedRow:
    """Return the row of a need."""
    table = scenario_table()
    versions: Sequence[TableVersion] = [version for version in table.versions if version.name in QUOTED]
    of_need = [each for each in table.findings if each.need == need]
    return NeedRow(
        need=need,
        title=NEEDS[need].title,
        cells={version.name: version.cells[need] for version in versions},
        findings=tuple(each for each in of_need if any(each.differs_from(version) for version in versions)),
    )


def _said(cells: Mapping[TableMethod, bool]) -> str:
    said = {
        answer: [TABLE_METHODS[method].title for method in cells if cells[method] is answer] for answer in (True, False)
    }
    if not said[False]:
        return "yes to all six methods"
    return "; ".join(f"{'yes' if answer else 'no'} to {', '.join(titles)}" for answer, titles in said.items() if titles)
