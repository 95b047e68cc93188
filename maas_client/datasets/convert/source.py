"""Where rows come from: a name for it, how its rows are numbered, and the rows one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .values import SourceRow, is_row, shown


class Numbered(NamedTuple):
    """A row with its line or number, from 1; or, where there is none to be had, the reason."""

    number: int
    row: SourceRow | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows in their order, which can be had once.

    `columns` are all that its rows can have, where that is known. `position` takes the number of rows that were read,
    and returns about how many bytes of the file they took.
    """

    name: str
    unit: Literal["line", "row"]
    rows: Iterator[Numbered]
    columns: tuple[str, ...] | None = None
    position: Callable[[int], int] | None = None


def numbered(values: Iterable[object]) -> Iterator[Numbered]:
    """Number values of any kind by row; what is no object, or has keys that are no strings, is no row."""
    for number, value in enumerate(values, start=1):
        if is_row(value):
            yield Numbered(number, value)
        else:
            yield Numbered(number, None, f"this is {shown(value)}, not an object with string keys")
