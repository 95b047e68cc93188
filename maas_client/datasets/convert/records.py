"""The records of a table, line by line, so that a quotation mark without its partner costs one line and no other.

`csv.reader` reads on to the next quotation mark or the end of the file, and joins the rows between. Here a record ends
where its line ends, unless a quoted field is open there, and later lines close it and complete the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...core.errors import InvalidInput
from ..json_recovery.pieces import LONGEST
from .table_lines import Line, TableLines

_QUOTE = '"'
_to_the_end = re.compile(r'([^"]*+(?:""[^"]*+)*+)"').match
"""Matches the rest of a quoted field and its closing quotation mark; two of them in a row are one of the text."""
_SPANNING = 3
"""Lines and columns from which on lines that each look like a row are taken for rows, not for a field's text. With two
columns a line with one delimiter looks like a row, which text may do too: such a record is only doubtful."""

_DOUBTFUL = 5
"""Lines and columns together from which on such a record is doubtful."""

_spaces_and_field = re.compile(r' +(?="(?:[^"]|"")*+" *(.?))').match
"""Matches spaces before a quoted field that is closed in its line, and what follows the field."""

_REREAD = 8
"""Times that the text may be read again because of open quotation marks."""


class Record(NamedTuple):
    """The fields of a record that starts in line `number` and takes `lines` lines; or the reason why it has none.

    In a `doubtful` one each of the lines looks like a row of its own.
    """

    number: int
    fields: list[str] | None
    reason: str = ""
    lines: int = 1
    doubtful: bool = False


class Records:
    """Reads records. Until `columns` is set, any number of fields is right.

    In a table that is separated by tabs, a quotation mark that does not enclose a field is text.
    """

    def __init__(self, lines: TableLines, *, delimiter: str) -> None:
        self._lines, self._delimiter, self._tabs = lines, delimiter, delimiter == "\t"
        self._size = self._reread = 0
        self.columns: int | None = None

    def __iter__(self) -> Iterator[Record]:
        """Yield the records in order."""
        while (record := self.take()) is not None:
            yield record

    def take(self) -> Record | None:
        """Return the next record, or None after the last."""
        line = self._lines.take()
        if line is None:
            return None
        if line.long:
            return Record(line.number, None, f"the line has more than {LONGEST} bytes")
        if _QUOTE not in line.text:
            return Record(line.number, self._trimmed(line.bare.split(self._delimiter)))
        self._size += len(line.text)
        fields = _Fields(self._delimiter)
        if not fields.add(line):
            return self._spanning(fields, line)
        if self._tabs and (fields.problem or (not self._fits(fields.found) and self._is_row(line))):
            return self._as_text(line)
        return Record(line.number, None if fields.problem else self._trimmed(fields.found), fields.problem)

    def _spanning(self, fields: _Fields, first: Line) -> Record:
        """Read the lines of a record whose first line ends within a quoted field."""
        lines, size, complete = [first], len(first.text), False
        while not complete and size <= LONGEST and self._has_room(fields):
            line = self._lines.take()
            if line is None:
                break
            lines.append(line)
            size += len(line.text)
            complete = not line.long and fields.add(line)
            if line.long:
                break
        whole = complete and not fields.problem
        if whole and self._fits(fields.found) and not self._are_rows(lines):
            doubtful = len(lines) + (self.columns or 0) >= _DOUBTFUL and all(map(self._is_row, lines))
            return Record(first.number, self._trimmed(fields.found), lines=len(lines), doubtful=doubtful)
        if whole and not self._fits(fields.found) and not self._tabs and not self._read_as_rows(lines[1:]):
            return Record(first.number, self._trimmed(fields.found), lines=len(lines))
        self._put_back(lines[1:], first)
        if self._tabs:
            return self._as_text(first)
        return Record(first.number, None, fields.problem or self._unclosed(fields, lines[-1], whole=whole))

    def _unclosed(self, fields: _Fields, last: Line, *, whole: bool) -> str:
        opened = f"the quotation mark that opens in line {fields.opened}"
        if whole:
            return f"{opened} is closed in line {last.number}, and the lines between look like rows of their own"
        return f"{opened} is never closed"

    def _are_rows(self, lines: list[Line]) -> bool:
        """Return whether the lines of a record are more likely rows of their own, joined by stray quotation marks."""
        if self._tabs:
            return self._is_row(lines[0]) and self._is_row(lines[-1])
        enough = len(lines) >= _SPANNING and self.columns is not None and self.columns >= _SPANNING
        return enough and all(map(self._is_row, lines))

    def _read_as_rows(self, lines: list[Line]) -> bool:
        """Return whether lines are whole records with as many fields as the header."""
        fields = _Fields(self._delimiter)
        for line in lines:
            if fields.add(line):
                if fields.problem or not self._fits(fields.found):
                    return False
                fields = _Fields(self._delimiter)
        return not fields.is_open

    def _is_row(self, line: Line) -> bool:
        """Return whether a line has as many fields as the header if quotation marks are text."""
        return self.columns is not None and line.bare.count(self._delimiter) + 1 == self.columns

    def _fits(self, fields: list[str]) -> bool:
        return self.columns is None or len(self._trimmed(fields)) == self.columns

    def _has_room(self, fields: _Fields) -> bool:
        return self.columns is None or len(fields.found) <= self.columns

    def _trimmed(self, fields: list[str]) -> list[str]:
        """Return fields without empty ones beyond the last column, as spreadsheets write them."""
        while self.columns is not None and len(fields) > self.columns and not fields[-1]:
            fields = fields[:-1]
        return fields

    def _as_text(self, line: Line) -> Record:
        return Record(line.number, self._trimmed(line.bare.split(self._delimiter)))

    def _put_back(self, lines: list[Line], first: Line) -> None:
        self._reread += sum(len(line.text) for line in lines)
        if self._reread > _REREAD * self._size + 2 * LONGEST:
            raise InvalidInput(f"line {first.number}: too many quotation marks up to here are opened and not closed")
        self._lines.put_back(lines)


class _Fields:
    """The fields of one record: `found` so far, the line where the last quoted one `opened`, and the `problem`."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._quoted: list[str] | None = None
        self.found: list[str] = []
        self.opened, self.problem = 0, ""

    @property
    def is_open(self) -> bool:
        """Whether a quoted field is open."""
        return self._quoted is not None

    def add(self, line: Line) -> bool:
        """Take the next line of the record; return whether the record ends with it, whole or with a problem."""
        text, bare, at = line.text, line.bare, 0
        while True:
            if self._quoted is None:
                at = self._after_spaces(bare, at)
                if not bare.startswith(_QUOTE, at):
                    stop = bare.find(self._delimiter, at)
                    if stop < 0:
                        self.found.append(bare[at:])
                        return True
                    self.found.append(bare[at:stop])
                    at = stop + 1
                    continue
                self._quoted, self.opened, at = [], line.number, at + 1
            closed = _to_the_end(text, at)
            if closed is None:
                self._quoted.append(text[at:].replace('""', _QUOTE))
                return False
            self._quoted.append(closed[1].replace('""', _QUOTE))
            self.found.append("".join(self._quoted))
            self._quoted, at = None, self._before_delimiter(bare, closed.end())
            if at == len(bare):
                return True
            if not bare.startswith(self._delimiter, at):
                if self.opened == line.number:
                    self.problem = f"text follows the closing quotation mark in column {at}"
                else:
                    opened = f"the quotation mark that opens in line {self.opened} is not closed"
                    self.problem = f"{opened}: the next one, in line {line.number}, column {at}, does not end a field"
                return True
            at += 1

    def _after_spaces(self, bare: str, at: int) -> int:
        """Return where a quoted field starts behind spaces, which no program writes within an unquoted field."""
        if self._delimiter == "\t" or not bare.startswith(" ", at):
            return at
        spaces = _spaces_and_field(bare, at)
        return spaces.end() if spaces is not None and spaces[1] in ("", self._delimiter) else at

    def _before_delimiter(self, bare: str, at: int) -> int:
        """Return where the delimiter or the end follows a quoted field and spaces; the same place for anything else."""
        rest = len(bare) - len(bare[at:].lstrip(" ")) if bare.startswith(" ", at) else at
        return rest if rest == len(bare) or bare.startswith(self._delimiter, rest) else at
