"""Iterating over the rows of a file that the service keeps, consistent with the check."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ...catalog.model_facts import ModelFacts
from ..check.checker import LONGEST_LINE, CheckOptions
from ..check.rules import loses_row
from ..rows.chat import judge_chat
from ..rows.lines import BOM, LineFeeds, is_utf16, read_row
from ..rows.schemas import CHAT, Problem, Row, Schema, Task, judge_text, schemas

_READ_AHEAD = 256 * 1024


class JudgedLine(NamedTuple):
    """A line: its row (None if the service drops it), its size in bytes, the schema that the file follows so far."""

    row: Row | None
    size: int
    schema: Schema | None


def judged_lines(
    path: str | PathLike[str], *, model: ModelFacts | None = None, task: Task | None = None
) -> Iterator[JudgedLine]:
    """Yield the lines of a file with the rows that the service keeps. Raises OSError if the file cannot be read.

    As in the check, all rows decide the task if none is given, and the first row that fits it decides which columns the
    others need. Truncation is ignored.
    """
    followed: Schema | None = None
    with Path(path).open("rb", buffering=_READ_AHEAD) as file:
        task = _task_of(file, model) if task is None and file.seekable() else task
        for number, line in enumerate(_lines(file)):
            row = None if line is None else _row(line, first=number == 0)
            if row is not None and followed is None:
                followed = next((schema for schema in schemas(task) if schema.fits(row)), None)
            kept = row is not None and followed is not None and _is_kept(row, followed, model)
            yield JudgedLine(row if kept else None, len(line or b""), followed)


def read_lines(path: str | PathLike[str]) -> Iterator[JudgedLine]:
    """Yield the lines of a file with every row that can be read, whatever its columns.

    Raises OSError if the file cannot be read.
    """
    with Path(path).open("rb", buffering=_READ_AHEAD) as file:
        for number, line in enumerate(_lines(file)):
            yield JudgedLine(None if line is None else _row(line, first=number == 0), len(line or b""), None)


def _task_of(file: BinaryIO, model: ModelFacts | None) -> Task | None:
    """Return the task that the rows of a file are for, None if no row fits any."""
    report = CheckOptions(model=model, survey=False).check(file)
    file.seek(0)
    return None if report.task_from == "assumed" else report.task


def _is_kept(row: Row, schema: Schema, model: ModelFacts | None) -> bool:
    if not schema.fits(row):
        return False
    problems = judge_chat(row, model) if schema is CHAT else judge_text(row, schema, model)
    return not any(loses_row(problem.rule) for problem in problems)


def _row(line: bytes, *, first: bool) -> Row | None:
    """Parse a line; None if it is not a row. The first line may start with a byte-order mark."""
    if first and is_utf16(line):
        return None
    read = read_row((line.removeprefix(BOM) if first else line).removesuffix(b"\r"))
    return None if isinstance(read, Problem) else read


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines of a text file without line ends; None for one that is too long."""
    held, size = bytearray(), 0
    for piece in _pieces(file):
        for line in BytesIO(piece).readlines():
            whole = line.endswith(b"\n")
            if whole and not size:
                yield line[:-1] if len(line) <= LONGEST_LINE + 1 else None
                continue
            size += len(line)
            if size <= LONGEST_LINE + 1:
                held += line
            if whole:
                yield bytes(held[:-1]) if size <= LONGEST_LINE + 1 else None
                held, size = bytearray(), 0
    if size:
        yield bytes(held) if size <= LONGEST_LINE else None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a file with a line feed at the end of each line."""
    feeds = LineFeeds()
    while data := file.read(_READ_AHEAD):
        yield feeds.feed(data)
    yield feeds.finish()
