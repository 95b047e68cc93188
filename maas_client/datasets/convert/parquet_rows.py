"""Rows from Parquet files, in batches; needs pyarrow (the extra `parquet`)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from ...core.errors import InvalidInput
from ...core.extras import install_command
from ..json_recovery.pieces import LONGEST
from ..rows.excerpt import escape
from .arrow import without_nulls
from .csv_rows import refuse_header
from .source import Source, numbered

_ROWS = 256
"""Maximum number of rows decoded at once."""

_MOST_GROUPS = 100_000
"""Maximum number of row groups; each costs a pass over all columns."""

_BATCH_BYTES = 16 << 20
"""Maximum size of a batch in bytes. No value is larger than its column in the row group, so few rows of a large one are
decoded at once."""

_MANY, _FEWEST = 10_000, 16
"""Row groups of at least this many rows are ordinary; at least this many of their rows are decoded at once."""

_MOST_VALUES = 100_000
"""Maximum number of values in one row: each becomes a Python object, and a file of a kilobyte can have millions."""


@contextmanager
def read_parquet(path: Path, *, name: str) -> Generator[Source]:
    """Open a file; raise InvalidInput if pyarrow is not installed or cannot read it."""
    try:
        # Imported by name because pyarrow has no type hints.
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise InvalidInput(
            f"{name}: reading Parquet needs pyarrow, which is not installed ({error}). "
            f"Install it with: {install_command('parquet')}"
        ) from error
    try:
        with path.open("rb") as opened, parquet.ParquetFile(opened) as file:
            columns: list[str] = file.schema_arrow.names
            refuse_header(columns, name=name)
            if file.metadata.num_row_groups > _MOST_GROUPS:
                raise InvalidInput(f"{name}: {file.metadata.num_row_groups} row groups; the limit is {_MOST_GROUPS}")
            size, total = path.stat().st_size, max(1, file.metadata.num_rows)
            yield Source(name, "row", numbered(_rows(file, name)), tuple(columns), lambda rows: size * rows // total)
    except pyarrow.ArrowException as error:
        raise InvalidInput(f"{name} cannot be read as Parquet: {error}") from error


def _rows(file: Any, name: str) -> Iterator[object]:
    """Yield the rows of a file, row group by row group."""
    number = 0
    for group in range(file.metadata.num_row_groups):
        facts = file.metadata.row_group(group)
        largest = max(_refuse_column(facts, index, group, name) for index in range(facts.num_columns))
        fewest = _FEWEST if facts.num_rows >= _MANY else 1
        size = max(fewest, min(_ROWS, _BATCH_BYTES // max(1, largest)))
        for batch in file.iter_batches(batch_size=size, row_groups=[group]):
            yield from map(without_nulls, _values(batch, group, number, name))
            number += batch.num_rows


def _refuse_column(facts: Any, index: int, group: int, name: str) -> int:
    """Return the bytes of a column in a row group; raise InvalidInput if a single row may be too large."""
    column = facts.column(index)
    rows, size, values = max(1, facts.num_rows), column.total_uncompressed_size, column.num_values
    where = f"{name}: row group {group}, column {escape(column.path_in_schema)!r}"
    if size > rows * LONGEST:
        raise InvalidInput(f"{where}: {size} bytes in {rows} rows; a row may have at most {LONGEST}. Split the rows")
    if values > rows * _MOST_VALUES:
        raise InvalidInput(f"{where}: {values} values in {rows} rows; a row may have at most {_MOST_VALUES}")
    return int(size)


def _values(batch: Any, group: int, number: int, name: str) -> Iterator[object]:
    """Yield the rows of a batch as Python values; raise InvalidInput before building one that is too large."""
    if not _is_large(batch):
        yield from batch.to_pylist()
        return
    for at in range(batch.num_rows):
        row = batch.slice(at, 1)
        for column in row.schema.names:
            if _is_large(row.select([column])):
                raise InvalidInput(
                    f"{name}: row {number + at + 1} of the file, row group {group}, column {escape(column)!r}: "
                    f"the value is larger than {LONGEST} bytes or {_MOST_VALUES} values, the limit for a row"
                )
        yield from row.to_pylist()


def _is_large(batch: Any) -> bool:
    """Return whether rows exceed the limit for one row. Bytes are those of the Arrow data of these rows."""
    return batch.nbytes > LONGEST or sum(map(_count, batch.columns)) > _MOST_VALUES


def _count(array: Any) -> int:
    """Return the number of values in an array, including those within lists and objects."""
    if hasattr(array, "flatten") and array.type.num_fields:
        within: Any = array.flatten()
        parts: list[Any] = list(within) if type(within) is list else [within]  # pyright: ignore[reportUnknownArgumentType] # no types
        return len(array) + sum(map(_count, parts))
    return len(array)
