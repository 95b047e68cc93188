"""Complete lines that are checked at once, and their text for searches in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from .prefilter import Prefilter, ascii_only

T = TypeVar("T")

_TWO_ROWS = Prefilter(r"\}[ \t\r]*\{")
"""The end of a row and the start of the next on one line: two rows there would make up for a blank line elsewhere."""


class LineBatch:
    """Lines with their line ends; the last line of a file may lack it. `size` is their bytes, `text` all of them."""

    __slots__ = ("_ascii", "lines", "text")

    def __init__(self, lines: Sequence[bytes], text: bytes | None = None) -> None:
        self.lines = lines
        self.text = b"".join(lines) if text is None else text
        self._ascii: bytes | None = None

    @property
    def size(self) -> int:
        """The bytes of the lines."""
        return len(self.text)

    @property
    def ascii(self) -> bytes:
        """The text for prefilters, with every other byte replaced."""
        if self._ascii is None:
            self._ascii = ascii_only(self.text)
        return self._ascii

    def decoded(self, decoder: msgspec.json.Decoder[T]) -> list[T] | None:
        """Return the rows of all lines; None if one of them cannot be decoded."""
        try:
            rows = list(map(decoder.decode, self.lines)) if _TWO_ROWS(self.ascii) else decoder.decode_lines(self.text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return rows if len(rows) == len(self.lines) else None

    def halves(self) -> tuple[LineBatch, LineBatch]:
        """Return the first and the second half of several lines."""
        middle = len(self.lines) // 2
        first = LineBatch(self.lines[:middle])
        return first, LineBatch(self.lines[middle:], self.text[first.size :])
