"""Rows that Arrow keeps in columns: a few at a time, without the nulls that fill them up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from .values import is_list, is_mapping

_ROWS = 256
"""Rows that are in memory at a time as Python's values."""


class Batch(Protocol):
    """What is used of a `pyarrow.RecordBatch`."""

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        ...

    def slice(self, offset: int, length: int) -> Batch:
        """Return rows from `offset` on, without a copy."""
        ...

    def to_pylist(self) -> list[dict[str, object]]:
        """Return the rows as Python's values."""
        ...


@runtime_checkable
class Table(Protocol):
    """What is used of a `pyarrow.Table` or a `pyarrow.dataset.Dataset`."""

    def to_batches(self) -> Iterable[Batch]:
        """Return the rows in batches, of any size."""
        ...


def rows_of(batches: Iterable[Batch]) -> Iterator[object]:
    """Yield the rows of batches."""
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS):
            yield from map(without_nulls, batch.slice(start, _ROWS).to_pylist())


def without_nulls(value: object) -> object:
    """Return a value without its keys that are null.

    All rows of a column have one type in Arrow, so that an object gets every key that any other has, such as the
    parameters of every tool that is defined anywhere in the file.
    """
    if is_mapping(value):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if is_list(value):
        return [without_nulls(inner) for inner in value]
    return value
