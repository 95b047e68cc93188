"""Findings by rule: what happened, in how many rows and which, and the one thing to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from .findings import Finding, Tally
from .line_ranges import NO_LINES, LineRanges
from .rules import Rule, Severity

_ORDER: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of a rule: how many, the first of them, and the lines that they are in (none for the whole file)."""

    rule: Rule
    count: int
    first: tuple[Finding, ...]
    lines: LineRanges = NO_LINES

    @property
    def message(self) -> str:
        """What the first finding says, and whether others say something else."""
        others = {finding.message for finding in self.first} - {self.first[0].message}
        return f"{self.first[0].message}{'; and others' if others else ''}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "rule": self.rule.id,
            "severity": self.rule.severity,
            "count": self.count,
            "lines": self.lines.lines,
            "ranges": [list(each) for each in self.lines.ranges],
            "message": self.message,
            "remedy": self.rule.remedy,
        }


def group_findings(
    conclusions: Sequence[Finding], tallies: Sequence[Tally], rules: Mapping[str, Rule]
) -> tuple[FindingGroup, ...]:
    """Return the groups of a report by its rules: the worst first, causes before their sum, then by the first line."""
    groups = [FindingGroup(rules[finding.rule], 1, (finding,)) for finding in conclusions]
    groups += [
        FindingGroup(rules[tally.rule], tally.count, tally.first, tally.lines) for tally in tallies if tally.first
    ]
    return tuple(sorted(groups, key=_place))


def _place(group: FindingGroup) -> tuple[int, bool, int]:
    line = group.lines.ranges[0][0] if group.lines.ranges else 0
    return _ORDER.index(group.rule.severity), group.rule.id == "rows-too-few", line
