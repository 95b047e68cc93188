"""Rows from tables of text: a header line, and fields separated by commas, semicolons, tabs or vertical bars."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from ...core.errors import InvalidInput
from ..rows.excerpt import escape
from .delimiters import find_delimiter, named_delimiter
from .encodings import REMEDY
from .records import Record, Records
from .source import LinesOfTable, Numbered, Source
from .table_lines import TableLines

_no_text = re.compile("[\udc80-\udcff]").search
"""Finds a byte that is not UTF-8: decoding with surrogateescape maps it to a lone surrogate."""

MOST_COLUMNS = 10_000
"""Maximum number of columns; every row becomes an object with all of them."""

_HEAD = 16 * 1024
"""Bytes from which the delimiter is detected."""


@contextmanager
def read_csv(file: BinaryIO, *, name: str, tabs: bool) -> Generator[Source]:
    """Open a UTF-8 file whose first line is its header; `tabs` means that fields are separated by tabs, if any are.

    Raises InvalidInput if there is no header, or a column occurs twice in it.
    """
    head = file.read(_HEAD)
    file.seek(0)
    text = io.TextIOWrapper(file, "utf-8", "surrogateescape", newline="")
    try:
        table = _open(text, head, name=name, tabs=tabs)
        yield Source(name, "line", table.rows(), table.header, lambda _rows: file.tell(), lines=table.lines)
    finally:
        text.detach()  # the file is not this function's to close


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


def _open(text: io.TextIOWrapper, head: bytes, *, name: str, tabs: bool) -> _Table:
    """Read what comes before the rows: a byte-order mark, Excel's `sep=` line, the header."""
    lines = TableLines(text)
    start, whole = head.decode("utf-8", "surrogateescape").removeprefix("\ufeff"), len(head) < _HEAD
    first = lines.take()
    opening = "" if first is None else first.text.removeprefix("\ufeff")
    delimiter = named_delimiter(opening)
    if delimiter is None and first is not None:
        lines.put_back([first._replace(text=opening)])
    records = Records(lines, delimiter=delimiter or find_delimiter(start, tabs=tabs, whole=whole))
    record = next((each for each in records if each.fields is None or not _is_blank(each.fields)), None)
    if record is not None and record.fields is None:
        raise InvalidInput(f"{name}: the header cannot be read: {record.reason}")
    header = [] if record is None or record.fields is None else [column.strip() for column in record.fields]
    while header and not header[-1]:
        header.pop()
    broken = next(filter(None, map(_no_text, header)), None)
    if broken is not None:
        raise InvalidInput(f"{name}: the header has a {_broken(broken[0])}")
    refuse_header(header, name=name)
    records.columns = len(header)
    return _Table(lines, records, tuple(header), before=0 if record is None else record.number + record.lines - 1)


@dataclass(slots=True)
class _Table:
    """A table whose header is read; `before` are the lines up to its end, `blank` the blank lines among the rows."""

    text: TableLines
    records: Records
    header: tuple[str, ...]
    before: int
    blank: int = 0

    def rows(self) -> Iterator[Numbered]:
        """Yield the rows."""
        for record in self.records:
            if record.fields is not None and _is_blank(record.fields):
                self.blank += record.lines
            else:
                yield self._row(record)

    def lines(self) -> LinesOfTable:
        """Count the lines so far."""
        return LinesOfTable(read=self.text.read, header=self.before, blank=self.blank)

    def _row(self, record: Record) -> Numbered:
        number, fields, reason, lines, doubtful = record
        if fields is None:
            return Numbered(number, None, reason, lines)
        if len(fields) != len(self.header):
            found = f"the row has {len(fields)} fields, but the header has {len(self.header)}"
            return Numbered(number, None, found, lines)
        broken = next(filter(None, map(_no_text, fields)), None)
        if broken is not None:
            return Numbered(number, None, _broken(broken[0]), lines)
        return Numbered(number, dict(zip(self.header, fields, strict=True)), "", lines, doubtful)


def _is_blank(fields: list[str]) -> bool:
    return not any(map(str.strip, fields))


def _broken(surrogate: str) -> str:
    return f"byte 0x{ord(surrogate) - 0xDC00:02x} is not UTF-8; {REMEDY}"
