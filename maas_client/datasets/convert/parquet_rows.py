"""Rows in Parquet, a batch at a time; needs pyarrow, the extra `parquet`."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from ...errors import InvalidInput
from .arrow import Batch, rows_of
from .csv_rows import refuse_header
from .source import Source, numbered

_ROWS = 256
"""Rows of a batch that is decoded at a time."""


@contextmanager
def read_parquet(path: Path, *, name: str) -> Generator[Source]:
    """Open a file; raise InvalidInput if pyarrow is not there or cannot read it."""
    try:
        # By name, for pyarrow has no types.
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise InvalidInput(
            f"{name}: Parquet is read by pyarrow, which is not installed ({error}). "
            "Install it with: python -m pip install 'maas-client[parquet]'"
        ) from error
    try:
        with path.open("rb") as opened, parquet.ParquetFile(opened) as file:
            columns: list[str] = file.schema_arrow.names
            refuse_header(columns, name=name)
            size, total = path.stat().st_size, max(1, file.metadata.num_rows)
            yield Source(name, "row", numbered(_rows(file)), tuple(columns), lambda rows: size * rows // total)
    except pyarrow.ArrowException as error:
        raise InvalidInput(f"{name} cannot be read as Parquet: {error}") from error


def _rows(file: Any) -> Iterator[object]:
    batches: Iterable[Batch] = file.iter_batches(batch_size=_ROWS)
    yield from rows_of(batches)
