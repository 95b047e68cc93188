"""Findings and their mergeable tallies: the first few findings of each rule, and the total."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from ...core.plain_values import PlainValue
from ...core.surfaces import Surface
from ..rows.schemas import Problem
from .line_ranges import NO_LINES, GrowingRanges, LineRanges
from .rule_sets import rule_set
from .rules import FIRST_USE_ONLY, Rule, Severity, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(PlainValue):
    """One problem at one location. `line` counts from 1 and `byte` from 0; both are None for the whole file.

    `surface` is the service whose rules decide how bad it is.
    """

    rule: str
    message: str
    line: int | None = None
    byte: int | None = None
    pointer: str = ""
    found: str = ""
    surface: Surface = field(default="azureml", repr=False)

    @property
    def _rule(self) -> Rule:
        return rule_set(self.surface).rules[self.rule]

    @property
    def severity(self) -> Severity:
        """The severity: refused, fatal, dropped, changed or warning."""
        return self._rule.severity

    @property
    def stage(self) -> Stage | None:
        """Where the job ends: at loading or at rendering; None for what does not end it."""
        return self._rule.stage

    @property
    def service(self) -> str:
        """What the service will do."""
        return self._rule.service

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self._rule.remedy

    def after(self, rows: int, size: int) -> Finding:
        """Return the same finding shifted by the rows and bytes that precede it in the file."""
        return replace(
            self,
            line=None if self.line is None else self.line + rows,
            byte=None if self.byte is None else self.byte + size,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "stage": self.stage,
            "line": self.line,
            "byte": self.byte,
            "pointer": self.pointer,
            "found": self.found,
            "message": self.message,
            "service": self.service,
            "remedy": self.remedy,
            "repairable": self._rule.repairable,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of findings of a rule, the first of them, and the lines that they are in."""

    rule: str
    count: int
    first: tuple[Finding, ...]
    lines: LineRanges = NO_LINES

    def after(self, rows: int, size: int) -> Tally:
        """Return the same tally shifted by the rows and bytes that precede it in the file."""
        first = tuple(finding.after(rows, size) for finding in self.first)
        return replace(self, first=first, lines=self.lines.after(rows))


Tallies = tuple[Tally, ...]
"""One tally per rule with findings, ordered by rule id."""


def merge(one: Tallies, other: Tallies, *, keep: int) -> Tallies:
    """Add two lists of tallies, the earlier first, keeping the first `keep` findings of each rule."""
    found = {tally.rule: tally for tally in one}
    for tally in other:
        before = found.get(tally.rule, Tally(tally.rule, 0, ()))
        found[tally.rule] = Tally(
            tally.rule,
            before.count + tally.count,
            _first_of(before.first + tally.first, tally.rule, keep=keep),
            before.lines.then(tally.lines),
        )
    return tuple(found[rule] for rule in sorted(found))


def _first_of(findings: tuple[Finding, ...], rule: str, *, keep: int) -> tuple[Finding, ...]:
    """Return the first `keep` findings; for rules that report each name once, only those with a new name."""
    if rule in FIRST_USE_ONLY:
        named: dict[str, Finding] = {}
        for finding in findings:
            named.setdefault(finding.found, finding)
        findings = tuple(named.values())
    return findings[:keep]


class Counting:
    """Builds tallies."""

    def __init__(self, *, keep: int) -> None:
        self._keep = keep
        self._counts: Counter[str] = Counter()
        self._first: defaultdict[str, list[Finding]] = defaultdict(list)
        self._named: set[tuple[str, str]] = set()
        self._lines: defaultdict[str, GrowingRanges] = defaultdict(GrowingRanges)

    def note(self, problem: Problem, *, line: int | None, byte: int | None) -> None:
        """Count a problem, and keep it if it is among the first of its rule."""
        rule = problem.rule
        is_kept = self.keeps(problem)
        self._counts[rule] += 1
        if line is not None:
            self._lines[rule].add(line)
        if is_kept:
            finding = Finding(
                rule=rule, message=problem.message, line=line, byte=byte, pointer=problem.pointer, found=problem.found
            )
            self._first[rule].append(finding)
            self._named.add((rule, problem.found))

    def keeps(self, problem: Problem) -> bool:
        """Return whether a further problem would be kept, and not only counted."""
        rule = problem.rule
        if len(self._first[rule]) >= self._keep:
            return False
        return rule not in FIRST_USE_ONLY or (rule, problem.found) not in self._named

    def add(self, rule: str, *, line: int) -> None:
        """Count a problem of a line without keeping it."""
        self._counts[rule] += 1
        self._lines[rule].add(line)

    def add_range(self, rule: str, first: int, last: int) -> None:
        """Count a problem of each of these lines without keeping them."""
        self._counts[rule] += last - first + 1
        self._lines[rule].add_range(first, last)

    def full(self, rule: str) -> bool:
        """Return whether no more findings of a rule will be kept."""
        return len(self._first[rule]) >= self._keep

    def tallies(self) -> Tallies:
        """Return what has been counted so far."""
        return tuple(
            Tally(rule, self._counts[rule], tuple(self._first[rule]), self._lines[rule].result())
            for rule in sorted(self._counts)
        )
