"""Rows from Arrow tables, in batches, without the nulls that Arrow adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from .values import is_list, is_mapping

_ROWS = 256
"""Rows held in memory at once as Python values."""


class Batch(Protocol):
    """The parts used of a `pyarrow.RecordBatch`."""

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        ...

    def slice(self, offset: int, length: int) -> Batch:
        """Return the rows from `offset` on, without copying."""
        ...

    def to_pylist(self) -> list[dict[str, object]]:
        """Return the rows as Python values."""
        ...


@runtime_checkable
class Table(Protocol):
    """The parts used of a `pyarrow.Table` or a `pyarrow.dataset.Dataset`."""

    def to_batches(self) -> Iterable[Batch]:
        """Return the rows in batches, of any size."""
        ...


def rows_of(batches: Iterable[Batch]) -> Iterator[object]:
    """Yield the rows of record batches."""
    for batch in batches:
        for start in range(0, batch.num_rows, _ROWS):
            yield from map(without_nulls, batch.slice(start, _ROWS).to_pylist())


def without_nulls(value: object) -> object:
    """Return a value without keys whose value is null.

    In Arrow all values of a column have one type, so an object has every key of any other row, such as the parameters
    of every tool defined anywhere in the file.
    """
    if is_mapping(value):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if is_list(value):
        return [without_nulls(inner) for inner in value]
    return value
