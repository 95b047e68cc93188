"""The changes of a repair: their number for each rule, and the first changes in detail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ...core.plain_values import PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, and the rule of the check that required it.

    Lines count from 1. `source_line` is None for the whole file, and `target_line` for removed content. `pointer` is a
    JSON pointer into the original row.
    """

    rule: str
    source_line: int | None
    target_line: int | None
    pointer: str = ""
    done: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair(PlainValue):
    """The result of a repair.

    `rows_read` is the number of values and other lines read, `rows_written` the lines of the new file; the difference
    was removed: blank lines and duplicates. `counts` is the number of changes by rule, `changes` are the first of each.
    `left` counts lines that are not JSON objects, which were kept unchanged. `withheld` says why nothing was changed
    although there was something to repair; otherwise it is empty.
    """

    rows_read: int
    rows_written: int
    left: int
    withheld: str = ""
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    changes: tuple[Change, ...] = ()

    @property
    def summary(self) -> str:
        """One sentence: rows read, rows written, and the number of changes."""
        if self.withheld:
            return f"nothing was changed: {self.withheld}"
        made = sum(self.counts.values())
        left = f"; {self.left} are not JSON objects and were left unchanged" if self.left else ""
        return (
            f"{self.rows_read} rows read, {self.rows_written} written, {made or 'no'} change{'s' * (made != 1)}{left}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "rows_read": self.rows_read,
            "rows_written": self.rows_written,
            "left": self.left,
            "withheld": self.withheld,
            "counts": dict(self.counts),
            "changes": [change.to_dict() for change in self.changes],
        }


class Changes:
    """Collects changes, keeping the first `keep` of each rule."""

    def __init__(self, *, keep: int) -> None:
        self._keep = keep
        self.counts: dict[str, int] = {}
        self._first: dict[str, list[Change]] = {}

    def note(self, change: Change) -> None:
        """Count a change, and keep it if it is among the first of its rule."""
        self.counts[change.rule] = self.counts.get(change.rule, 0) + 1
        first = self._first.setdefault(change.rule, [])
        if len(first) < self._keep:
            first.append(change)

    def all(self) -> tuple[Change, ...]:
        """Return the kept changes by rule and line."""
        return tuple(change for rule in sorted(self._first) for change in self._first[rule])

    def follow(self, later: Changes, *, target_of: Callable[[int], int], source_of: Callable[[int], int]) -> None:
        """Add the changes of a later pass over the same rows.

        `target_of` maps a line of the earlier pass to its current line, `source_of` to the source line.
        """
        for first in self._first.values():
            first[:] = [replace(each, target_line=_mapped(each.target_line, target_of)) for each in first]
        for change in later.all():
            first = self._first.setdefault(change.rule, [])
            if len(first) < self._keep:
                first.append(replace(change, source_line=_mapped(change.source_line, source_of)))
        for rule, count in later.counts.items():
            self.counts[rule] = self.counts.get(rule, 0) + count


def _mapped(line: int | None, where: Callable[[int], int]) -> int | None:
    return None if line is None else where(line)
