"""A ring buffer of numbered lines: the newest as they are, older ones compressed, the oldest dropped."""

import zlib
from collections import deque

LINES_PER_PACK = 128  # lines compressed together; they are similar and shrink to a twelfth
MAX_BYTES = 64 * 1024 * 1024


class CompressedLog:
    """The last `max_lines` lines, or fewer if they are long, but never fewer than `min_lines`; numbers begin with 1."""

    def __init__(self, *, max_lines: int, min_lines: int) -> None:
        self._max_lines = max_lines
        self._min_lines = min_lines
        self._packs: deque[bytes] = deque()
        self._open: list[str] = []
        self._bytes = 0
        self._last = 0

    @property
    def last(self) -> int:
        """Return the number of the newest line; 0 before the first one."""
        return self._last

    @property
    def first(self) -> int:
        """Return the number of the oldest line kept; `last` + 1 if there are no lines."""
        return self._last - self._count() + 1

    def add(self, line: str) -> None:
        """Append a line; it must not contain a line feed."""
        self._last += 1
        self._open.append(line)
        if len(self._open) < LINES_PER_PACK:
            return
        self._packs.append(zlib.compress("\n".join(self._open).encode(), 1))
        self._open.clear()
        self._bytes += len(self._packs[-1])
        while self._count() - LINES_PER_PACK >= (self._min_lines if self._bytes > MAX_BYTES else self._max_lines):
            self._bytes -= len(self._packs.popleft())

    def read(self, after: int, limit: int) -> list[str]:
        """Return up to `limit` lines in order, from the first one numbered above `after`."""
        begin = max(after - self.first + 1, 0)
        end = min(begin + limit, self._count())
        found: list[str] = []
        for pack in range(begin // LINES_PER_PACK, -(-end // LINES_PER_PACK)):
            lines = self._lines_of(pack)
            found += lines[max(begin - pack * LINES_PER_PACK, 0) : end - pack * LINES_PER_PACK]
        return found

    def clear(self) -> None:
        """Drop every line and restart numbering."""
        self._packs.clear()
        self._open.clear()
        self._bytes = self._last = 0

    def _count(self) -> int:
        return len(self._packs) * LINES_PER_PACK + len(self._open)

    def _lines_of(self, index: int) -> list[str]:
        if index == len(self._packs):
            return self._open
        return zlib.decompress(self._packs[index]).decode().split("\n")
