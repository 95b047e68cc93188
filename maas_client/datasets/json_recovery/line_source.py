"""The lines of a file, with lookahead; a line that is too long is returned in parts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import BinaryIO

from ..rows.lines import BOM
from .pieces import without_bom

PART = 256 * 1024
"""Bytes of each further part of a line that is too long."""


@dataclass(slots=True)
class Line:
    """A line, or a part of one, without its line end and leading byte-order marks.

    `number` counts from 1. `text` is None if the line is not UTF-8. `whole` means that it is a complete line, `ends`
    that the line ends here. `returns` and `marked` mean that a carriage return or a byte-order mark was stripped.
    """

    number: int
    data: bytes
    text: str | None
    whole: bool
    ends: bool
    returns: bool
    marked: bool


class LineSource:
    """Returns the lines of a file. The first part of a line of more than `longest` bytes has at least that many."""

    def __init__(self, file: BinaryIO, *, longest: int) -> None:
        self._file, self._longest = file, longest
        self._ahead: deque[Line] = deque()
        self._number = 0
        self._inside = False
        self._cut = b""

    def take(self) -> Line | None:
        """Return the next line or part, or None after the last."""
        return self._ahead.popleft() if self._ahead else self._read()

    def put_back(self, lines: list[Line]) -> None:
        """Push back lines, which are returned again in the same order."""
        self._ahead.extendleft(reversed(lines))

    def _read(self) -> Line | None:
        first = not self._inside
        limit = self._longest + len(BOM) + 2 if first else PART
        read = self._file.readline(limit)
        if not read and first:
            return None
        self._number += first
        ends = read.endswith(b"\n") or len(read) < limit
        self._inside = not ends
        data, self._cut = self._cut + read, b""
        if not ends:
            data, self._cut = _whole_characters(data)
        bare = data.removesuffix(b"\n")
        line = bare.rstrip(b"\r") if ends else bare
        returns = len(line) < len(bare)
        marked = first and line.startswith(BOM)
        if marked:
            line = without_bom(line)
        return Line(self._number, line, _decode(line), first and ends, ends, returns, marked)


def _decode(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _whole_characters(data: bytes) -> tuple[bytes, bytes]:
    """Split bytes where the last UTF-8 character starts, which may be incomplete."""
    at = len(data) - 1
    while at > max(len(data) - 4, 0) and data[at] & 0xC0 == 0x80:
        at -= 1
    return (data[:at], data[at:]) if data[at] >= 0xC0 else (data, b"")
