"""Converting other dataset formats to chat rows: whole files to a JSONL file, or rows in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING

from .format_names import OnBad, SourceFormat
from .result import BadRow, DatasetConversion, LineCounts

if TYPE_CHECKING:
    from ...catalog.tuning_methods import TuningMethod
    from ...core.surfaces import Surface
    from ..rows.schemas import Row
    from .converter import Converter, Write
    from .file_conversion import OnProgress
    from .python_rows import Rows

__all__ = [
    "BadRow",
    "ConvertedRows",
    "DatasetConversion",
    "LineCounts",
    "OnBad",
    "SourceFormat",
    "convert_file",
    "convert_rows",
]


def convert_file(
    source: str | PathLike[str],
    target: str | PathLike[str],
    *,
    source_format: SourceFormat = "auto",
    columns: Mapping[str, str] | None = None,
    overwrite: bool = False,
    on_bad: OnBad = "refuse",
    encoding: str | None = None,
    surface: Surface = "azureml",
    method: TuningMethod | None = None,
    on_progress: OnProgress | None = None,
) -> DatasetConversion:
    """Convert a file to a JSONL file of chat rows, in constant memory. The target is written atomically.

    The service keeps every converted row: a row that it would drop, or end the job at, counts as one that cannot be
    converted. Content in parts of text is joined, and calls of tools get an empty content, as chat templates need it.
    Tool definitions are not compared with each other: `check` reports those of several types. Converting an already
    converted file changes nothing.

    For Azure AI Foundry calls of tools have no content, images and weights are kept, and rows with a rejected answer
    become rows of preferences; for reinforcement the last answer becomes `reference_answer`.

    Args:
        source: a file of JSON (one value per line, multi-line values or an array), CSV or TSV, or Parquet; never
            changed.
        target: the file to write.
        source_format: the source's format, by default detected from its name, its first bytes and its first rows.
        columns: by role (user, assistant and optionally system), the column with its text.
        overwrite: replace an existing target.
        on_bad: refuse the conversion for a row that cannot be converted, or skip such rows.
        encoding: the encoding of a file of text, such as windows-1252; by default UTF-8, or UTF-16 or UTF-32 if its
            first bytes show that.
        surface: the service that the rows are for.
        method: for Foundry the method of fine-tuning, by default that of the source's rows.
        on_progress: called regularly with the number of bytes read and the total.

    Returns:
        The counts of rows read, written, skipped and left out, the dropped keys, and for a table the counts of lines.

    Raises:
        InvalidInput: the format is ambiguous; the file is not in the encoding; a row (or every row) cannot be
            converted; pyarrow is not installed, for Parquet; there is no such source; the target exists, or is the
            source; one of them cannot be read or written. No target was written or changed.
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
        encoding=encoding,
        write=_write_for(surface, method),
        on_progress=on_progress,
    )


def _write_for(surface: Surface, method: TuningMethod | None) -> Write | None:
    """Return what makes the rows of a service; None for Azure Machine Learning."""
    if surface == "azureml":
        return None
    from .foundry_rows import FoundryRows

    return FoundryRows(method)


def convert_rows(
    rows: Rows,
    *,
    source_format: SourceFormat = "auto",
    columns: Mapping[str, str] | None = None,
    on_bad: OnBad = "refuse",
    surface: Surface = "azureml",
    method: TuningMethod | None = None,
) -> ConvertedRows:
    """Convert rows to chat rows lazily.

    Args:
        rows: any iterable of dicts, such as a Hugging Face `datasets.Dataset`, or a `pyarrow.Table`.
        source_format: the format of the rows, by default detected from the keys of the first ones.
        columns: by role (user, assistant and optionally system), the column with its text.
        on_bad: refuse the conversion for a row that cannot be converted, or skip such rows.
        surface: the service that the rows are for.
        method: for Foundry the method of fine-tuning, by default that of the rows.

    Returns:
        An iterator over the chat rows, whose `conversion` has the counts so far.

    Raises:
        InvalidInput: there is no such column or format. During iteration: the format is ambiguous, or a row (or every
            row) cannot be converted.
    """
    from ...core.errors import InvalidInput
    from .converter import Converter
    from .format_names import FILE_KINDS
    from .python_rows import source_of

    if source_format in FILE_KINDS:
        raise InvalidInput(f"{source_format} is a file format, which rows do not have; use convert_file for files")
    write = _write_for(surface, method)
    source = source_of(rows)
    return ConvertedRows(Converter(source, source_format=source_format, columns=columns, on_bad=on_bad, write=write))


class ConvertedRows(Iterator["Row"]):
    """Lazily converted chat rows."""

    def __init__(self, converting: Converter) -> None:
        self._converting, self._rows = converting, iter(converting)

    def __next__(self) -> Row:
        """Return the next chat row."""
        return next(self._rows)[0]

    @property
    def conversion(self) -> DatasetConversion:
        """The counts of rows read, written and skipped so far, and the dropped keys."""
        return self._converting.conversion
