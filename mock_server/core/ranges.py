"""HTTP byte ranges, as Azure Storage interprets them."""

import re
from dataclasses import dataclass

RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A byte range of a blob: `length` bytes from `start`."""

    start: int
    length: int

    def header(self, size: int) -> str:
        """Return the Content-Range header of a response."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Parse a range header; None means the whole blob, ValueError that the range cannot be satisfied.

    Azure accepts `bytes=a-b` and `bytes=a-`; any other form is ignored, as RFC 9110 allows.
    """
    match = RANGE.match(header or "")
    if match is None:
        return None
    start = int(match[1])
    end = int(match[2]) if match[2] else size - 1
    if match[2] and end < start:
        return None
    if start >= size:
        raise ValueError(f"the blob has {size} bytes")
    return ByteRange(start, min(end, size - 1) - start + 1)
