"""Rows in memory: an iterable of dicts, a Hugging Face dataset, or an Arrow table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from ...core.errors import InvalidInput
from ..rows.excerpt import escape
from .arrow import Table, rows_of, without_nulls
from .source import Source, numbered
from .values import SourceRow, is_list

Rows = Iterable[SourceRow] | Table
"""Mappings with string keys, such as a `datasets.Dataset` yields; or a `pyarrow.Table`."""


@runtime_checkable
class _Dataset(Protocol):
    """The parts used of a Hugging Face `datasets.Dataset` or `IterableDataset`, besides its rows."""

    @property
    def column_names(self) -> object:
        """The columns, if known."""
        ...


def source_of(rows: Rows) -> Source:
    """Return the source for rows; raise InvalidInput for a mapping of datasets such as a `DatasetDict`."""
    if isinstance(rows, Mapping):
        names = ", ".join(escape(str(name)) for name in rows)
        raise InvalidInput(f"this is a mapping of {names}, not rows: convert them one at a time")
    columns = _columns(rows.column_names) if isinstance(rows, _Dataset) else None
    if isinstance(rows, Table):
        return Source("the rows", "row", numbered(rows_of(rows.to_batches())), columns)
    if isinstance(rows, _Dataset):
        # Its rows come from Arrow, so they contain nulls.
        return Source("the rows", "row", numbered(map(without_nulls, rows)), columns)
    return Source("the rows", "row", numbered(rows))


def _columns(names: object) -> tuple[str, ...] | None:
    """Return the column names; None if a dataset does not know them before it is read."""
    return tuple(str(name) for name in names) if is_list(names) else None
