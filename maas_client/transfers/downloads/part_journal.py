"""What is written down of a download that is under way, so that another process can take it up.

A file of lines: the first says which blob, in which state, the part beside it is of; each other one names a finished
range and the CRC-32 of its bytes. A line is written after its range, and nothing waits for the disk: a range whose
bytes are not those that its note says is fetched again.
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
    """Which blob a part is of: its URL, which holds no secret, its ETag, and its size and that of ranges in bytes."""

    url: str
    etag: str
    size: int
    range: int
    format: int = FORMAT

    def line(self) -> bytes:
        """Write the first line."""
        return json.dumps(asdict(self)).encode()

    @property
    def ranges(self) -> int:
        """How many ranges there are."""
        return -(-self.size // self.range)


def line_of(number: int, crc: int) -> bytes:
    """Write the line of a finished range; it begins a new one, lest it be glued to one that a kill cut off."""
    return f'\n{{"range": {number}, "crc32": {crc}}}'.encode()


def read_part_journal(path: Path, header: Header) -> Mapping[int, int] | None:
    """Return the CRC-32 of each finished range, by number; None when the notes are of anything but this blob."""
    try:
        if not path.is_file():  # a FIFO in its place would never be read to its end
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
