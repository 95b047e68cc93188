"""Values spread over several lines: read completely, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from .line_source import Line, LineSource
from .pieces import UNREADABLE, Item, Piece, RecoveredRow, decode_at, write_row

_FEWEST_LINES = 16
_MOST_LOOKS = 16
"""How often lines are retried as the start of a value after a multi-line value could not be read."""


class MultilineValue(NamedTuple):
    """A multi-line value, the lines after its first, and where it ends on the last of them."""

    piece: Piece
    lines: list[Line]
    end: int

    @property
    def last(self) -> Line:
        """The line that the value ends on."""
        return self.lines[-1]

    def items(self, *, array: bool) -> Iterator[Item]:
        """Yield the value and a note on the change of layout; for an array, one note for the whole."""
        for line in self.lines:
            yield from strip_delimiters(line)
        if not array:
            done = f"a value spread over {len(self.lines) + 1} lines was put on one line"
            yield RecoveredRow("json-pretty-printed", self.piece.line, done)
        yield self.piece


class MultilineValues:
    """Reads values that continue after their first line, up to `longest` bytes."""

    def __init__(self, supply: LineSource, *, longest: int) -> None:
        self._supply, self._longest = supply, longest
        self._looked_until = self._looks = 0

    def read(self, line: Line, text: str) -> MultilineValue | None:
        """Read the value that starts with `text`, the end of a line. If it cannot be read, return None and leave the
        next lines unread.

        Twice as many lines are tried each time until the value is complete or is no longer valid JSON.
        """
        self._looks = self._looks + 1 if line.number <= self._looked_until else 0
        ahead, texts, size, wanted = list[Line](), [text], len(text), _FEWEST_LINES
        while self._looks < _MOST_LOOKS:
            more = self._take(wanted, at_most=self._longest - size)
            ahead += more
            texts += [each.text or "" for each in more]
            size += sum(len(each.data) + 1 for each in more)
            joined = "\n".join(texts)
            try:
                value, end = decode_at(joined, 0)
                piece = Piece("value", line.number, write_row(value), value)
            except UNREADABLE as error:
                if len(more) < wanted or not is_unfinished(error, joined):
                    break
                wanted *= 2
            else:
                used = 0
                while end > len(texts[used]):
                    end -= len(texts[used]) + 1
                    used += 1
                self._supply.put_back(ahead[used:])
                return MultilineValue(piece, ahead[:used], end)
        self._supply.put_back(ahead)
        self._looked_until = max([self._looked_until, *(each.number for each in ahead[-1:])])
        return None

    def follows(self) -> bool:
        """Return whether a value, or the end of an array, follows on the next lines, without consuming them."""
        ahead: list[Line] = []
        while len(ahead) < _FEWEST_LINES and (line := self._supply.take()) is not None:
            ahead.append(line)
            if line.text is None or (line.text and not line.text.isspace()):
                break
        found = bool(ahead) and self._begins_value(ahead[-1], (ahead[-1].text or "").strip(" \t\r"))
        self._supply.put_back(ahead)
        return found

    def _begins_value(self, line: Line, text: str) -> bool:
        """Return whether a line starts with a readable value or with the end of an array."""
        try:
            return text.startswith("]") or bool(decode_at(text, 0))
        except UNREADABLE as error:
            spread = self.read(line, text) if text and line.whole and is_unfinished(error, text) else None
        if spread is not None:
            self._supply.put_back(spread.lines)
        return spread is not None

    def _take(self, count: int, *, at_most: int) -> list[Line]:
        """Read up to `count` lines of text with `at_most` bytes in total."""
        taken: list[Line] = []
        while len(taken) < count and (line := self._supply.take()) is not None:
            at_most -= len(line.data) + 1
            if not line.whole or line.text is None or at_most < 0:
                self._supply.put_back([line])
                break
            taken.append(line)
        return taken


def is_unfinished(error: BaseException, text: str) -> bool:
    """Return whether a text, which ends at a line end, is a valid start of a value."""
    return isinstance(error, json.JSONDecodeError) and error.pos >= len(text.rstrip(" \t\r\n"))


def strip_delimiters(line: Line) -> Iterator[RecoveredRow]:
    """Yield notes on what was stripped from a line."""
    if line.marked:
        yield RecoveredRow("bom", line.number, "the byte-order mark was removed")
    if line.returns:
        yield RecoveredRow("crlf", line.number, "the carriage return at the line's end was removed")
