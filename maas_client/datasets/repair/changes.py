"""What a repair changed: how often under each rule, and the first changes one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that was changed, and under which rule of the check.

    Lines count from 1. `source_line` is None for the file as a whole, and `target_line` for what was removed. `pointer`
    is a JSON pointer into the row as it was.
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
class Repair:
    """What a repair came to.

    `rows_read` are the values and the lines that were none, `rows_written` the lines of the new file; the difference
    was removed: blank lines and copies. `counts` says how many changes each rule made, `changes` are the first of each.
    `left` counts the lines that are no JSON objects: they were kept as they are. `withheld` says why nothing was
    changed although there was something to repair; it is empty otherwise.
    """

    rows_read: int
    rows_written: int
    left: int
    withheld: str = ""
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    changes: tuple[Change, ...] = ()

    @property
    def summary(self) -> str:
        """One sentence: rows in, rows out, and how much was changed."""
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
    """Changes while they grow; of each rule the first `keep` are kept."""

    def __init__(self, *, keep: int) -> None:
        self._keep = keep
        self.counts: dict[str, int] = {}
        self._first: dict[str, list[Change]] = {}

    def note(self, change: Change) -> None:
        """Count a change; keep it if it is among the first under its rule."""
        self.counts[change.rule] = self.counts.get(change.rule, 0) + 1
        first = self._first.setdefault(change.rule, [])
        if len(first) < self._keep:
            first.append(change)

    def all(self) -> tuple[Change, ...]:
        """Return the changes that were kept, by rule and line."""
        return tuple(change for rule in sorted(self._first) for change in self._first[rule])

    def follow(self, later: Changes, *, target_of: Callable[[int], int], source_of: Callable[[int], int]) -> None:
        """Add the changes of a later pass over the same rows.

        `target_of` tells where a line of the earlier pass is now, `source_of` where a line of it came from.
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
