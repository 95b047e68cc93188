"""A growing log: its whole lines from an offset on, and the offset to continue from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..core.plain_values import PlainValue
from ..core.text import printable
from ..core.timestamps import parse_timestamp

LARGEST_PART = 16 << 20
"""Bytes of a log that are read at once."""


@dataclass(frozen=True, slots=True)
class LogPart(PlainValue):
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
    """Return a line without terminal control sequences."""
    return printable(line.decode("utf-8", "replace").rstrip("\r"))


@dataclass(slots=True)
class Since:
    """Keeps the lines from a time on, or all of them; a line without a time belongs to the line before."""

    begin: datetime | None
    late: bool = False

    def keeps(self, line: str) -> bool:
        """Return whether to keep the next line of the log."""
        if self.begin is None or self.late:
            return True
        at = parse_timestamp(line.split(" ", 1)[0])
        # Lines are written in the order of time, but for clocks that are a little off: the first one decides.
        self.late = at is not None and at >= self.begin
        return self.late
