"""A source of rows: its name, the unit that numbers its rows, and the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .values import SourceRow, is_row, shown


class Numbered(NamedTuple):
    """A row with its line or number, counted from 1; or the reason why it cannot be read.

    It takes `lines` lines; if it is `doubtful`, each of them looks like a row of its own.
    """

    number: int
    row: SourceRow | None
    reason: str = ""
    lines: int = 1
    doubtful: bool = False


class LinesOfTable(NamedTuple):
    """Lines read from a table so far, and how many of them are not rows: those up to the header, and blank ones."""

    read: int
    header: int
    blank: int


@dataclass(frozen=True, slots=True)
class Source:
    """Rows in order; they can be iterated once.

    `columns` are all columns that its rows can have, if known. `position` takes the number of rows read and returns
    approximately how many bytes of the file they took. `lines` counts the lines of a table. `encoding` is the file's.
    """

    name: str
    unit: Literal["line", "row"]
    rows: Iterator[Numbered]
    columns: tuple[str, ...] | None = None
    position: Callable[[int], int] | None = None
    lines: Callable[[], LinesOfTable] | None = None
    encoding: str = ""


def numbered(values: Iterable[object]) -> Iterator[Numbered]:
    """Number values of any type as rows; only objects with string keys are valid rows."""
    for number, value in enumerate(values, start=1):
        if is_row(value):
            yield Numbered(number, value)
        else:
            yield Numbered(number, None, f"this is {shown(value)}, not an object with string keys")
