"""How a blob is divided into ranges, and how long one may take: decisions only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..uploads.blocks import BLOCK

RANGE = BLOCK
"""Bytes that are asked for at once, and the size up to which a blob comes in one request."""

MOST_RANGES = 50_000

PARALLEL = 4
"""Ranges, or small files, under way at once."""

TRIES = 5
"""How many answers to a range may break off and have brought next to nothing; each asks for what is left of it."""

WORTHWHILE = 64 << 10
"""Bytes that make an answer worth its while, though it broke off: on a bad line a large range takes many of them."""

WRITE_SIZE = 1 << 20
"""Bytes that are gathered before they are written, and so what a range under way holds in memory."""

STALLED = 60.0
"""Seconds without a byte after which an answer counts as lost."""

LEAST_RATE = 16 << 10
"""Bytes per second below which an answer counts as lost."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A range of a blob, in bytes; `number` counts from 0."""

    number: int
    start: int
    size: int

    @property
    def end(self) -> int:
        """Where the next range begins."""
        return self.start + self.size


def range_size_for(size: int) -> int:
    """Return the bytes of a range for a blob: 8 MiB, doubled until 50,000 ranges are enough."""
    length = RANGE
    while size > length * MOST_RANGES:
        length *= 2
    return length


def byte_ranges(size: int, length: int) -> Iterator[ByteRange]:
    """Divide a blob into ranges of this length, the last one shorter; an empty blob is one that is empty."""
    for number, start in enumerate(range(0, max(size, 1), length)):
        yield ByteRange(number, start, min(length, size - start))


def time_limit_for(size: int) -> float:
    """Return the seconds after which an answer of this size counts as lost, however steadily it trickles."""
    return STALLED + size / LEAST_RATE
