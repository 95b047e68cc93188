"""A log that grows: the whole lines that follow a place in it, and how a reader goes on from there."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.text import printable

LARGEST_PART = 16 << 20
"""Bytes of a log that are read at once."""


@dataclass(frozen=True, slots=True)
class LogPart:
    """Whole lines of a log, and the byte that the next ones begin at.

    `rest` is the beginning of a line whose end has not been written; it comes again with the next part. `more` says
    whether there is more to read already.
    """

    lines: tuple[str, ...]
    offset: int
    rest: str = ""
    more: bool = False


def part_of(content: bytes, offset: int, *, more: bool) -> LogPart:
    """Divide what a log has from a byte on into lines; a line that is longer than a part is cut."""
    *lines, rest = content.split(b"\n")
    if more and not lines:
        lines, rest = [rest], b""
    return LogPart(tuple(map(line_of, lines)), offset + len(content) - len(rest), line_of(rest), more)


def line_of(line: bytes | bytearray) -> str:
    """Return a line as text that drives no terminal."""
    return printable(line.decode("utf-8", "replace").rstrip("\r"))
