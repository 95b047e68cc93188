"""Data sets of other formats, converted to chat rows: files into a JSONL file, and rows that a program has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING

from .format_names import OnBad, SourceFormat
from .result import BadRow, DatasetConversion

if TYPE_CHECKING:
    from ..rows.schemas import Row
    from .converter import Converter
    from .file_conversion import OnProgress
    from .python_rows import Rows

__all__ = ["BadRow", "ConvertedRows", "DatasetConversion", "OnBad", "SourceFormat", "convert_file", "convert_rows"]


def convert_file(
    source: str | PathLike[str],
    target: str | PathLike[str],
    *,
    source_format: SourceFormat = "auto",
    columns: Mapping[str, str] | None = None,
    overwrite: bool = False,
    on_bad: OnBad = "refuse",
    on_progress: OnProgress | None = None,
) -> DatasetConversion:
    """Convert a file to JSONL of chat rows, in constant memory. The target is there whole or not at all.

    What is converted is kept by the service: a row that it would drop counts as one that cannot be converted. A file
    that is converted already comes out as it is.

    Args:
        source: a file of JSON in any framing, CSV or TSV in UTF-8, or Parquet; it is only read.
        target: the file to be written.
        source_format: what the source is written in; by default told by its name, its beginning and its first rows.
        columns: by role (user, assistant and perhaps system), the column that has its words.
        overwrite: replace an existing target.
        on_bad: refuse the conversion for a row that cannot be converted, or skip such rows.
        on_progress: called now and then with the bytes that were read, and how many there are to read.

    Returns:
        What was read, written, skipped and dropped.

    Raises:
        InvalidInput: the format is not certain; a row cannot be converted, or none; pyarrow is not there for Parquet;
            there is no such source; the target is there, or is the source; one of them cannot be read or written. No
            target was written or changed.
    """
    from pathlib import Path

    from .file_conversion import convert_path

    return convert_path(
        Path(source),
        Path(target),
        source_format=source_format,
        columns=columns,
        overwrite=overwrite,
        on_bad=on_bad,
        on_progress=on_progress,
    )


def convert_rows(
    rows: Rows,
    *,
    source_format: SourceFormat = "auto",
    columns: Mapping[str, str] | None = None,
    on_bad: OnBad = "refuse",
) -> ConvertedRows:
    """Convert rows to chat rows as they are asked for.

    Args:
        rows: any iterable of dicts, such as a Hugging Face `datasets.Dataset`, or a `pyarrow.Table`.
        source_format: what the rows are; by default told by the keys of the first ones.
        columns: by role (user, assistant and perhaps system), the column that has its words.
        on_bad: refuse the conversion for a row that cannot be converted, or skip such rows.

    Returns:
        An iterator over the chat rows, whose `conversion` says what has been read, written, skipped and dropped so far.

    Raises:
        InvalidInput: there are no such columns or formats. While rows are asked for: the format is not certain, or a
            row cannot be converted, or none.
    """
    from ...core.errors import InvalidInput
    from .converter import Converter
    from .format_names import FILE_KINDS
    from .python_rows import source_of

    if source_format in FILE_KINDS:
        raise InvalidInput(f"{source_format} is a file format, which rows do not have; use convert_file for files")
    return ConvertedRows(Converter(source_of(rows), source_format=source_format, columns=columns, on_bad=on_bad))


class ConvertedRows(Iterator["Row"]):
    """Chat rows, converted as they are asked for."""

    def __init__(self, converting: Converter) -> None:
        self._converting, self._rows = converting, iter(converting)

    def __next__(self) -> Row:
        """Return the next chat row."""
        return next(self._rows)[0]

    @property
    def conversion(self) -> DatasetConversion:
        """What has been read, written, skipped and dropped so far."""
        return self._converting.conversion
