"""Source formats: the columns that identify a format, and how its rows become chat rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..rows.excerpt import keys
from ..rows.marks import marks
from ..rows.schemas import Row
from ..rows.shapes import REJECTED
from .values import LeftOut, SourceRow, Unconvertible

Convert = Callable[[SourceRow, list[str]], Row]
"""Takes a row with the columns, and a list that receives the dropped keys; raises Unconvertible or LeftOut."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, required and optional columns, and the function that converts a row.

    `left_out` are required columns with rejected answers, which are not used.
    """

    name: str
    columns: tuple[str, ...]
    also: tuple[str, ...]
    convert: Convert
    left_out: tuple[str, ...] = ()

    def lacking(self, row: SourceRow) -> list[str]:
        """Return the required columns that a row lacks; null counts as missing."""
        return [column for column in (*self.columns, *self.left_out) if row.get(column) is None]

    def require(self, row: SourceRow) -> None:
        """Raise Unconvertible if a row lacks a required column."""
        lacking = self.lacking(row)
        if lacking:
            raise Unconvertible(f"{self.name} rows need {' and '.join(lacking)}, but the row has {named(row)}")

    def leave_out_marked(self, row: SourceRow) -> None:
        """Raise LeftOut for a row with a column that says that it must not be learned."""
        for column in marks(row):
            if column not in self.columns and column not in self.also:
                raise LeftOut(column)

    def used(self, row: SourceRow) -> list[str]:
        """Return the columns of a row that are used."""
        return [column for column in (*self.columns, *self.also) if row.get(column) is not None]

    def unused(self, row: SourceRow) -> list[str]:
        """Return the columns of a row that are dropped."""
        known = (*self.columns, *self.also)
        return [
            column
            for column, value in row.items()
            if value is not None and column not in known and column not in REJECTED
        ]


def named(row: SourceRow) -> str:
    """Describe a row by its first keys."""
    return keys(dict.fromkeys(row))
