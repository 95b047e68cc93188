"""Complete lines that are checked at once, and their text for searches in all of them."""

from __future__ import annotations

from collections.abc import Sequence

from .prefilter import ascii_only


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

    def halves(self) -> tuple[LineBatch, LineBatch]:
        """Return the first and the second half of several lines."""
        middle = len(self.lines) // 2
        first = LineBatch(self.lines[:middle])
        return first, LineBatch(self.lines[middle:], self.text[first.size :])
