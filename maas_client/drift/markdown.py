"""The report of a comparison as Markdown, to be filed as an issue."""

from __future__ import annotations

from collections.abc import Sequence

from .contract_check import DEVIATION_COLUMNS, Deviation
from .finding import Finding
from .report import Drift


def as_markdown(drift: Drift) -> str:
    """Return the report; it has shapes only, and no values of the recordings."""
    left, right = drift.left, drift.right
    lines = [
        "# Drift",
        "",
        f"A is {_cell(left.name)} ({left.requests} requests), B is {_cell(right.name)} ({right.requests} requests).",
        "",
        *_findings("Contradictions", drift.contradictions),
        *_findings("Additions", drift.additions),
        *_findings("Not comparable", drift.not_comparable),
        *_deviations("A against the contract", left.deviations),
        *_deviations("B against the contract", right.deviations),
    ]
    return "\n".join(lines)


def _findings(title: str, findings: Sequence[Finding]) -> list[str]:
    rows = [[one.operation, one.kind.value, one.where, one.left, one.right, _numbers(one)] for one in findings]
    return _table(title, ["operation", "difference", "where", "A", "B", "requests"], rows)


def _deviations(title: str, deviations: Sequence[Deviation]) -> list[str]:
    return _table(title, DEVIATION_COLUMNS, [one.cells for one in deviations])


def _table(title: str, columns: Sequence[str], rows: list[list[str]]) -> list[str]:
    if not rows:
        return [f"## {title}", "", "None.", ""]
    head = [_row(columns), _row(["---"] * len(columns))]
    return [f"## {title}", "", *head, *(_row([_cell(cell) for cell in row]) for row in rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Return a text that stays within its cell, and is read as it is."""
    plain = text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
    return plain.replace("\n", " ").replace("\r", " ")


def _numbers(finding: Finding) -> str:
    return ", ".join(map(str, finding.requests))
