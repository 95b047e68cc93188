"""Part of a file: read in small pieces, and as the replayable body of a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import FileChanged

READ_SIZE = 1 << 20
"""Bytes per read; larger ones only cost memory."""


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Part of a file as a request body. It is read again for each attempt and never held in memory as a whole."""

    path: Path
    offset: int
    size: int
    read_size: int = READ_SIZE

    def __iter__(self) -> Iterator[bytes]:
        """Read the slice; raise FileChanged if the file has become too short or unreadable."""
        try:
            file = self.path.open("rb", buffering=0)
        except OSError as error:
            raise FileChanged(f"{self.path} can no longer be read: {error.strerror}; nothing was committed") from None
        with file:
            file.seek(self.offset)
            left = self.size
            while left:
                chunk = file.read(min(self.read_size, left))
                if not chunk:
                    raise FileChanged(f"{self.path} was truncated while it was being sent; nothing was committed")
                left -= len(chunk)
                yield chunk


def read_slice(path: Path, offset: int, size: int) -> Iterator[bytes]:
    """Read part of a file; it is shorter if the file is."""
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        left = size
        while left and (chunk := file.read(min(READ_SIZE, left))):
            left -= len(chunk)
            yield chunk
