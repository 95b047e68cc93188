"""Converting one file to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ...core.errors import InvalidInput
from ..atomic_file import new_file, refuse_source_and_target
from .converter import Converter, Write
from .open_source import open_source
from .result import DatasetConversion

OnProgress = Callable[[int, int], None]
"""Takes the number of bytes read and the total."""

_ROWS = 256
"""Rows between two progress reports."""


def convert_path(
    source: Path,
    target: Path,
    *,
    source_format: str,
    columns: Mapping[str, str] | None,
    overwrite: bool,
    on_bad: str,
    encoding: str | None,
    write: Write | None,
    on_progress: OnProgress | None,
) -> DatasetConversion:
    """Convert a file; see `convert_file`."""
    try:
        refuse_source_and_target(source, target, overwrite=overwrite)
        with open_source(source, source_format=source_format, encoding=encoding) as opened:
            converting = Converter(opened, source_format=source_format, columns=columns, on_bad=on_bad, write=write)
            size = source.stat().st_size
            with new_file(target, overwrite=overwrite) as written:
                for number, (_, line) in enumerate(converting, start=1):
                    written.write(line)
                    if number % _ROWS == 0 and on_progress is not None and opened.position is not None:
                        on_progress(min(size, opened.position(converting.conversion.rows_read)), size)
        return converting.conversion
    except OSError as error:
        raise InvalidInput(f"{str(source)!r} cannot be converted into {str(target)!r}: {error}") from error
