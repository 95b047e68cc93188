"""Reading JSON values in any layout without losing any bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from ..rows.excerpt import Json
from .line_source import Line, LineSource
from .long_lines import LongLine
from .multiline_values import MultilineValues, is_unfinished, strip_delimiters
from .pieces import LONGEST, UNREADABLE, Item, Piece, RecoveredRow, decode_at, next_value_start, without_bom

_closing = re.compile(r"[ \t]*\}[ \t\]},]*").match


class JsonRecovery:
    """Reads a file of UTF-8 or any bytes piece by piece, holding at most `longest` bytes of a value or line.

    Whatever starts on a line is read completely or kept completely. A bracket opens an array if a value or its end
    follows. After a multi-line value that cannot be read, the lines indented deeper than its first belong to it: values
    on them are doubtful, and the rest is kept unchanged.
    """

    def __init__(self, file: BinaryIO, *, longest: int = LONGEST) -> None:
        self._supply, self._longest = LineSource(file, longest=longest), longest
        self._spread = MultilineValues(self._supply, longest=longest)
        self._in_array = False
        self._broken_at: int | None = None

    def __iter__(self) -> Iterator[Item]:
        """Yield the pieces in order, with notes on changes to the layout."""
        while (line := self._supply.take()) is not None:
            yield from strip_delimiters(line)
            if line.whole:
                yield from self._read(line)
            else:
                long = LongLine(line, self._supply, longest=self._longest, in_array=self._in_array)
                yield from long
                self._in_array, self._broken_at = long.in_array, None
                yield from strip_delimiters(long.last)

    def _read(self, line: Line) -> Iterator[Item]:
        """Read a line at the start of which no value is open."""
        text = line.text
        if text is None:
            yield Piece("raw", line.number, line.data)
        elif not text or text.isspace():
            yield Piece("blank", line.number, line.data)
        else:
            after_broken = self._broken_at is not None
            within_broken = self._broken_at is not None and _indentation(line) > self._broken_at
            if not within_broken:
                self._broken_at = None
            try:
                value: Json = json.loads(text)
            except UNREADABLE:
                closing = _closing(text) if after_broken else None
                if within_broken:
                    yield Piece("raw", line.number, line.data)
                elif closing is None or closing.end() == len(text):
                    yield from self._read_values(line, text)
                else:
                    yield from self._read_rest(line, text, closing[0])
            else:
                data = line.data.strip() if self._in_array else line.data
                yield Piece("value", line.number, data, value, doubtful=within_broken)

    def _read_rest(self, line: Line, text: str, closing: str) -> Iterator[Item]:
        """Read what follows the end of an unreadable value; if that is not a value, keep the whole line."""
        was_in_array = self._in_array
        items = self._read_values(line, text, len(closing))
        first = next(items, None)
        if isinstance(first, RecoveredRow) or (isinstance(first, Piece) and first.kind == "value"):
            yield Piece("raw", line.number, closing.rstrip().encode())
            yield first
            yield from items
        else:
            self._in_array = was_in_array
            yield Piece("raw", line.number, line.data)

    def _read_values(self, line: Line, text: str, start: int = 0) -> Iterator[Item]:
        """Read the rest after `start`; if the last value ends on a later line, continue after it."""
        at, found, was_in_array, array = start, list[Item](), self._in_array, self._in_array
        while True:
            at = next_value_start(text, at, commas=array or start > 0 or bool(found))
            if at == len(text):
                yield from found if array else _one_by_one(line, text, start, found)
                return
            if text[at] == "]" and self._in_array:
                self._in_array, at = False, at + 1
                continue
            try:
                value, end = decode_at(text, at)
            except UNREADABLE as error:
                unfinished = is_unfinished(error, text)
                bracket = unfinished and text[at] == "["
                spread = self._spread.read(line, text[at:]) if unfinished and (self._in_array or not bracket) else None
                if spread is not None:
                    yield from found
                    yield from spread.items(array=array)
                    line, text, start = spread.last, spread.last.text or "", spread.end
                    at, found, was_in_array, array = start, [], self._in_array, self._in_array
                elif bracket and (text[at + 1 :].strip() or self._spread.follows()):
                    found.append(
                        RecoveredRow("json-array", line.number, "an array's elements were put on separate lines")
                    )
                    self._in_array, array, at = True, True, at + 1
                else:
                    self._in_array = was_in_array
                    self._broken_at = _indentation(line) if unfinished and not bracket else None
                    yield from _kept(line, text[start:])
                    return
            else:
                found.append(Piece("value", line.number, text[at:end].encode(), value))
                at = end


def _one_by_one(line: Line, text: str, start: int, found: list[Item]) -> Iterator[Item]:
    """Yield the values of a line outside of an array, and notes on changes to the layout."""
    if start == 0 and len(found) == 1:
        if not text.rstrip().endswith(","):
            yield from _kept(line, text)  # the value is followed by white space that JSON does not allow
            return
        yield RecoveredRow("json-trailing-comma", line.number, "the comma after the value was removed")
    elif found:
        yield RecoveredRow("json-pretty-printed", line.number, "the values of one line were put on separate lines")
    yield from found


def _kept(line: Line, text: str) -> Iterator[Piece]:
    """Yield unreadable bytes unchanged."""
    data = without_bom(text.encode())
    if data:
        yield Piece("raw", line.number, data)


def _indentation(line: Line) -> int:
    return len(line.data) - len(line.data.lstrip(b" \t"))
