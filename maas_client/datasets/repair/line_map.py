"""Maps each line of a file to its origin in another: ascending line numbers on disk."""

from __future__ import annotations

import struct
from bisect import bisect_right
from typing import BinaryIO

_NUMBER = struct.Struct("<q")


class LineMap:
    """The line of the earlier file for each line of the later one, kept in an empty file; lines count from 1."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < self._count:
            raise IndexError(index)
        self._file.seek(index * _NUMBER.size)
        found: int = _NUMBER.unpack(self._file.read(_NUMBER.size))[0]
        return found

    def add(self, line: int) -> None:
        """Record where the next line came from; lines must be added in order."""
        self._file.write(_NUMBER.pack(line))
        self._count += 1

    def earlier(self, line: int) -> int:
        """Return the line of the earlier file that a line of the later one came from."""
        return self[line - 1]

    def later(self, line: int) -> int:
        """Return the line of the later file that came from a line of the earlier one."""
        return max(1, bisect_right(self, line))
