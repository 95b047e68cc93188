"""A source format: which columns make a row one of it, and how such a row becomes a chat row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..rows.excerpt import keys
from ..rows.schemas import Row
from .values import SourceRow, Unconvertible

Convert = Callable[[SourceRow, list[str]], Row]
"""Takes a row that has the columns, and a list for the keys that it drops; raises Unconvertible."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its name, the columns that a row needs, those that it may have besides, and what converts it."""

    name: str
    columns: tuple[str, ...]
    also: tuple[str, ...]
    convert: Convert

    def lacking(self, row: SourceRow) -> list[str]:
        """Return the needed columns that a row lacks; a null is no column."""
        return [column for column in self.columns if row.get(column) is None]

    def require(self, row: SourceRow) -> None:
        """Raise Unconvertible for a row that lacks a column."""
        lacking = self.lacking(row)
        if lacking:
            raise Unconvertible(f"{self.name} rows need {' and '.join(lacking)}, but the row has {named(row)}")

    def used(self, row: SourceRow) -> list[str]:
        """Return the columns of a row that are used."""
        return [column for column in (*self.columns, *self.also) if row.get(column) is not None]

    def unused(self, row: SourceRow) -> list[str]:
        """Return the columns of a row that have no place in a chat row."""
        known = (*self.columns, *self.also)
        return [column for column, value in row.items() if value is not None and column not in known]


def named(row: SourceRow) -> str:
    """Name a row's first keys."""
    return keys(dict.fromkeys(row))
