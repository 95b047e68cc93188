"""Rows from UTF-8 CSV or TSV files with a header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from ...core.errors import InvalidInput
from ..json_recovery.pieces import LONGEST
from ..rows.excerpt import escape
from ..rows.lines import BOM
from .source import Numbered, Source

_no_text = re.compile("[\udc80-\udcff]").search
"""Finds a byte that is not UTF-8: decoding with surrogateescape maps it to a lone surrogate."""

MOST_COLUMNS = 10_000
"""Maximum number of columns; every row becomes an object with all of them."""

_DELIMITERS = ",;\t"
"""Delimiters tried on the header in this order; spreadsheets use semicolons where the comma is a decimal separator."""


@contextmanager
def read_csv(file: BinaryIO, *, name: str, tabs: bool) -> Generator[Source]:
    """Open a file whose first line is its header; `tabs` means that fields are separated by tabs.

    Raises InvalidInput if there is no header, or a column occurs twice in it.
    """
    # The csv module's process-wide limit of 131,072 characters is less than some conversations have.
    limit = csv.field_size_limit()
    csv.field_size_limit(max(limit, LONGEST))
    try:
        start = file.readline(LONGEST)
        file.seek(0)
        found = (mark for mark in _DELIMITERS if mark.encode() in start)
        reader = csv.reader(_lines(file, name), delimiter="\t" if tabs else next(found, ","), strict=True)
        try:
            header = next(reader, list[str]())
        except csv.Error as error:
            raise InvalidInput(f"{name}: the header cannot be read: {error}") from error
        refuse_header(header, name=name)
        yield Source(name, "line", _rows(reader, header), tuple(header), lambda _rows: file.tell())
    finally:
        csv.field_size_limit(limit)


def refuse_header(header: list[str], *, name: str) -> None:
    """Raise InvalidInput for missing, duplicate or too many columns."""
    if not header:
        raise InvalidInput(f"{name}: there is no header line with the column names")
    if len(header) > MOST_COLUMNS:
        raise InvalidInput(f"{name}: the table has {len(header)} columns; the limit is {MOST_COLUMNS}")
    counts = Counter(header)
    twice = next((column for column in header if counts[column] > 1), None)
    if twice is not None:
        raise InvalidInput(f"{name}: the header has the column {escape(twice)!r} twice; rename one of them")


class _Reader(Protocol):
    """The parts used of a csv.reader."""

    @property
    def line_num(self) -> int:
        """Lines read so far."""
        ...

    def __next__(self) -> list[str]:
        """Return the fields of the next row."""
        ...


def _rows(reader: _Reader, header: list[str]) -> Iterator[Numbered]:
    while True:
        number = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Numbered(number, None, f"not valid CSV: {error}")
        else:
            if fields:
                yield _row(number, header, fields)


def _row(number: int, header: list[str], fields: list[str]) -> Numbered:
    if len(fields) != len(header):
        return Numbered(number, None, f"the row has {len(fields)} fields, but the header has {len(header)}")
    broken = next(filter(None, map(_no_text, fields)), None)
    if broken is not None:
        return Numbered(number, None, f"byte 0x{ord(broken[0]) - 0xDC00:02x} is not UTF-8")
    return Numbered(number, dict(zip(header, fields, strict=True)))


def _lines(file: BinaryIO, name: str) -> Iterator[str]:
    """Yield the lines with their line ends; raise InvalidInput for one that is too long."""
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise InvalidInput(f"{name}: line {number} has more than {LONGEST} bytes")
        yield (line.removeprefix(BOM) if number == 1 else line).decode("utf-8", "surrogateescape")
