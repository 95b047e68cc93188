"""Complete lines that are checked at once, and their text for searches in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import contains
from typing import TypeVar

import msgspec

from .prefilter import Prefilter, ascii_only

T = TypeVar("T")

_BLANK_START = Prefilter(r'"[ \\\x7f]')
"""How a string of white space begins: with a space, an escape or a character that is not ASCII."""

_TWO_ROWS = Prefilter(r"\}[ \t\r]*\{")
"""The end of a row and the start of the next on one line: two rows there would make up for a blank line elsewhere."""


class LineBatch:
    """Lines with their line ends; the last line of a file may lack it. Their text is joined when it is asked for.

    `around` are bytes that they were read from, of which the first line may lack its start.
    """

    __slots__ = ("_around", "_ascii", "_text", "lines")

    def __init__(self, lines: Sequence[bytes], around: bytes | None = None) -> None:
        self.lines = lines
        self._around = around
        self._text: bytes | None = None
        self._ascii: bytes | None = None

    @property
    def text(self) -> bytes:
        """All lines."""
        if self._text is None:
            self._text = b"".join(self.lines)
        return self._text

    @property
    def ascii(self) -> bytes:
        """The text for prefilters, with every other byte replaced."""
        if self._ascii is None:
            self._ascii = ascii_only(self.text)
        return self._ascii

    def has(self, byte: bytes) -> bool:
        """Return whether a byte is in any of the lines."""
        if self._around is not None and byte not in self._around and byte not in self.lines[0]:
            return False
        return any(map(contains, self.lines, repeat(byte)))

    @property
    def may_have_blank_text(self) -> bool:
        """Whether a string may be only white space; True if that has not been looked for, which needs the text."""
        return self._text is None or _BLANK_START(self.ascii)

    def decoded(self, decoder: msgspec.json.Decoder[T]) -> list[T] | None:
        """Return the rows of all lines; None if one of them cannot be decoded."""
        is_joined = self._text is not None  # joining takes more time than decoding all at once saves
        try:
            if is_joined and not _TWO_ROWS(self.ascii):
                rows = decoder.decode_lines(self.text)
            else:
                rows = list(map(decoder.decode, self.lines))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return rows if len(rows) == len(self.lines) else None

    def halves(self) -> tuple[LineBatch, LineBatch]:
        """Return the first and the second half of several lines."""
        middle = len(self.lines) // 2
        return LineBatch(self.lines[:middle], self._around), LineBatch(self.lines[middle:], self._around)
