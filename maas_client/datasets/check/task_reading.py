"""The rows of a file as read under one schema: counts that add up over the parts of the file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from ..rows.column_types import NO_TYPES, ColumnTypes
from ..rows.schemas import Schema
from .findings import Finding, Tallies, Tally, merge
from .line_ranges import ranges_of


@dataclass(frozen=True, slots=True)
class TaskReading:
    """The rows as read under one schema.

    How many are kept, the findings on the others, the turns of kept rows by role, the maximum sequence length in tokens
    if truncation was checked, the types of the columns, the line of the first row that has the schema's columns, the
    bytes of the rows that pass the row filter, and the number of kept rows with images.
    """

    schema: Schema
    kept: int = 0
    tallies: Tallies = ()
    roles: tuple[tuple[str, int], ...] = ()
    limit: int | None = None
    types: ColumnTypes = NO_TYPES
    first: int | None = None
    loaded: int = 0
    pictured: int = 0

    def then(self, later: TaskReading, tallies: Tallies, *, rows: int, size: int, keep: int) -> TaskReading:
        """Return this reading, of `rows` rows and `size` bytes, merged with that of a later part.

        `tallies` are the later part's findings, shifted.
        """
        roles = Counter(dict(self.roles)) + Counter(dict(later.roles))
        return replace(
            self,
            kept=self.kept + later.kept,
            tallies=merge(self.tallies, tallies, keep=keep),
            roles=tuple(sorted(roles.items())),
            types=self.types.then(later.types, rows=rows, size=size, loaded=self.loaded),
            first=self.first if self.first is not None or later.first is None else later.first + rows,
            loaded=self.loaded + later.loaded,
            pictured=self.pictured + later.pictured,
        )

    def loading_problems(self, *, keep: int) -> Tallies:
        """Return the columns and fields that the loader cannot read, each where it stops."""
        first: dict[str, list[Finding]] = {}
        for problem, sighting in self.types.problems(self.schema):
            finding = Finding(
                rule=problem.rule,
                message=problem.message,
                line=sighting.line,
                byte=sighting.byte,
                pointer=problem.pointer,
                found=problem.found,
            )
            first.setdefault(problem.rule, []).append(finding)
        return tuple(
            Tally(rule, len(found), tuple(found[:keep]), ranges_of(sorted(each.line or 0 for each in found)))
            for rule, found in sorted(first.items())
        )
