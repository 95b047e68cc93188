"""How a blob is divided into ranges, and how long one may take. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..uploads.blocks import BLOCK

RANGE = BLOCK
"""Range size in bytes, and the size up to which a blob is downloaded in one request."""

MOST_RANGES = 50_000

PARALLEL = 4
"""Number of concurrent ranges or small files."""

TRIES = 5
"""Maximum interrupted responses per range that made little progress; each retry requests the rest of the range."""

LEAST_PROGRESS = 64 << 10
"""Bytes from which on an interrupted response counts as progress: on a bad network a large range needs many."""

WRITE_SIZE = 1 << 20
"""Bytes that are buffered before they are written: the memory that each range in flight uses."""

STALLED = 60.0
"""Seconds without a byte after which a response counts as lost."""

LEAST_RATE = 16 << 10
"""Bytes per second below which a response counts as lost."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A range of a blob, in bytes; `number` counts from 0."""

    number: int
    start: int
    size: int

    @property
    def end(self) -> int:
        """The offset after the last byte."""
        return self.start + self.size


def range_size_for(size: int) -> int:
    """Return the range size for a blob in bytes: 8 MiB, doubled until 50,000 ranges are enough."""
    length = RANGE
    while size > length * MOST_RANGES:
        length *= 2
    return length


def byte_ranges(size: int, length: int) -> Iterator[ByteRange]:
    """Divide a blob into ranges of this size, the last one shorter; an empty blob has one empty range."""
    for number, start in enumerate(range(0, max(size, 1), length)):
        yield ByteRange(number, start, min(length, size - start))


def time_limit_for(size: int) -> float:
    """Return the seconds after which a response of this size counts as lost, even if bytes still arrive slowly."""
    return STALLED + size / LEAST_RATE
