"""The lines of a table as an editor numbers them, with lookahead: each ends with a line feed, a carriage return, or
both."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, TextIO

from ..json_recovery.pieces import LONGEST


class Line(NamedTuple):
    """A line with its line end; `long` means that it was too long to be read, and `text` is empty."""

    number: int
    text: str
    long: bool = False

    @property
    def bare(self) -> str:
        """The line without its line end."""
        return self.text.rstrip("\r\n")


class TableLines:
    """Returns the lines of a text that was opened with `newline=""`; `read` is their number so far."""

    def __init__(self, text: TextIO, *, longest: int = LONGEST) -> None:
        self._text, self._longest = text, longest
        self._ahead: deque[Line] = deque()
        self.read = 0

    def take(self) -> Line | None:
        """Return the next line, or None after the last."""
        if self._ahead:
            return self._ahead.popleft()
        text = self._text.readline(self._longest + 1)
        if not text:
            return None
        self.read += 1
        if len(text) <= self._longest or text.endswith(("\n", "\r")):
            return Line(self.read, text)
        while text and not text.endswith(("\n", "\r")):
            text = self._text.readline(self._longest)
        return Line(self.read, "", long=True)

    def put_back(self, lines: list[Line]) -> None:
        """Push back lines, which are returned again in the same order."""
        self._ahead.extendleft(reversed(lines))
