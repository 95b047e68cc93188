"""Lines too long for memory: the values on them one by one, and the unreadable rest unchanged."""

from __future__ import annotations

from collections.abc import Iterator

from ..rows.excerpt import Json
from .line_source import Line, LineSource
from .pieces import UNREADABLE, Item, Piece, RecoveredRow, decode_at, next_value_start, without_bom


class LongLine:
    """Reads a line in parts, starting with `last`, holding about `longest` bytes in memory.

    Only objects, and arrays within an array, are values. Whatever cannot be read, or is longer, is kept with the rest
    of the line. `in_array` says whether an array is open; `last` is the part read last.
    """

    def __init__(self, last: Line, supply: LineSource, *, longest: int, in_array: bool) -> None:
        self.last, self.in_array = last, in_array
        self._supply, self._longest = supply, longest
        self._text, self._no_text = last.text or "", b"" if last.text is not None else last.data
        self._at = self._behind = self._given = 0
        self._within, self._opened = in_array, False

    def __iter__(self) -> Iterator[Item]:
        """Yield the values, then the rest of the line, and notes on changes to the layout."""
        while True:
            self._at = next_value_start(self._text, self._at, commas=self._within or self._given > 0)
            if self._passes_bracket():
                continue
            value, end = self._value()
            if end in {0, len(self._text)} and self._grow():
                continue
            if not end:
                break
            if self._opened and not self._given:
                yield self._note("json-array", "an array's elements were put on separate lines")
            elif not self._within and self._given == 1:
                yield self._note("json-pretty-printed", "the values of one line were put on separate lines")
            yield Piece("value", self.last.number, self._text[self._at : end].encode(), value)
            self._given += 1
            self._at = self._behind = end
        yield from self._rest()

    def _note(self, rule: str, done: str) -> RecoveredRow:
        return RecoveredRow(rule, self.last.number, done)

    def _passes_bracket(self) -> bool:
        """Skip a bracket that opens or closes an array, if there is one here."""
        bracket = self._text[self._at : self._at + 1]
        if bracket == "[" and not self._within and not self._given:
            self._within = self._opened = True
        elif bracket != "]" or not self.in_array:
            return False
        self.in_array = bracket == "["
        self._at += 1
        return True

    def _value(self) -> tuple[Json, int]:
        """Return the value that starts here and its end; 0 if it cannot be read."""
        opening = self._text[self._at : self._at + 1]
        if opening != "{" and (opening != "[" or not self._within):
            return None, 0
        try:
            return decode_at(self._text, self._at)
        except UNREADABLE:
            return None, 0

    def _grow(self) -> bool:
        """Load the next part if there is one, it is text, and the parts in memory are not too long already."""
        if self.last.ends or self._no_text or len(self._text) - self._behind > self._longest:
            return False
        part = self._supply.take()
        if part is None:
            return False
        self.last = part
        if part.text is None:
            self._no_text = part.data
            return False
        self._text = self._text[self._behind :] + part.text
        self._at, self._behind = self._at - self._behind, 0
        return True

    def _rest(self) -> Iterator[Item]:
        """Keep the rest after the last value."""
        if self._at == len(self._text) and self.last.ends and not self._no_text:
            if not self._given and not self._within:
                yield Piece("blank", self.last.number, b"")
            elif self._given == 1 and not self._within and "," in self._text[self._behind :]:
                yield self._note("json-trailing-comma", "the comma after the value was removed")
            return
        self.in_array = self.in_array and not (self._opened and not self._given)
        if self._given == 1 and not self._within:
            yield self._note("json-pretty-printed", "the value of a line and the text after it were put on two lines")
        rest = without_bom(self._text[self._behind :].encode() + self._no_text)
        yield Piece("raw", self.last.number, rest, ends=self.last.ends)
        while not self.last.ends and (part := self._supply.take()) is not None:
            self.last = part
            yield Piece("raw", part.number, part.data, ends=part.ends)
