"""The journal of a download in progress, with which another process can resume it.

The first line identifies the blob and its version; each other line names a complete range of the part file and the
CRC-32 of its bytes. A line is written after its range, without fsync: a range whose bytes do not match its CRC-32 is
fetched again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ...core.json_fields import is_object

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The blob of a part file: its URL, without secrets, its ETag, its size and the range size in bytes."""

    url: str
    etag: str
    size: int
    range: int
    format: int = FORMAT

    def line(self) -> bytes:
        """Return the first line."""
        return json.dumps(asdict(self)).encode()

    @property
    def ranges(self) -> int:
        """How many ranges there are."""
        return -(-self.size // self.range)


def line_of(number: int, crc: int) -> bytes:
    """Return the line of a complete range; it starts with a newline, as a killed process may leave a partial line."""
    return f'\n{{"range": {number}, "crc32": {crc}}}'.encode()


def read_part_journal(path: Path, header: Header) -> Mapping[int, int] | None:
    """Return the CRC-32 of each complete range by number; None if the journal belongs to another blob or version."""
    try:
        if not path.is_file():  # reading a FIFO in its place would never end
            return None
        first, *lines = path.read_bytes().split(b"\n")
    except OSError:
        return None
    if _parsed(first) != asdict(header):
        return None
    notes = (_parsed(line) for line in lines)
    found = ((note.get("range"), note.get("crc32")) for note in notes if is_object(note))
    return {
        number: crc
        for number, crc in found
        if isinstance(number, int) and isinstance(crc, int) and 0 <= number < header.ranges
    }


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
