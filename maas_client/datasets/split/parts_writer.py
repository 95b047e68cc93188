"""Writing the parts of a split: rows, bytes, hash, and rows shared between parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from ..distinct_rows import DistinctRows
from .plan import PARTS, PartName, Plan
from .result import SplitPart
from .row_key import normal_form
from .rows import Keyed


class PartWriter:
    """A part being written."""

    def __init__(self, name: PartName, file: BinaryIO) -> None:
        self.name: PartName = name
        self._file, self._hash = file, sha256()
        self._rows = self._bytes = 0

    def add(self, data: bytes) -> None:
        """Write a row."""
        line = data + b"\n"
        self._file.write(line)
        self._hash.update(line)
        self._rows += 1
        self._bytes += len(line)

    def result(self, path: Path) -> SplitPart:
        """Return the written part; `path` is its final location."""
        return SplitPart(name=self.name, path=path, rows=self._rows, bytes=self._bytes, sha256=self._hash.hexdigest())


class Grouping:
    """Counts groups, and rows that equal a row of another part because their groups differ."""

    def __init__(self, known: DistinctRows) -> None:
        self._known = known
        self.groups = self.shared = 0

    def note(self, row: Keyed, name: PartName) -> None:
        """Record a row written to a part."""
        part = PARTS.index(name)
        self.groups += self._known.first_line(b"group " + row.form, line=part) is None
        self.shared += self._known.first_line(b"row " + normal_form(row.row), line=part) not in {None, part}


def write_parts(
    rows: Iterable[Keyed], plan: Plan, files: Mapping[PartName, BinaryIO], grouping: Grouping | None
) -> list[PartWriter]:
    """Write every row to the file of its part."""
    parts = {name: PartWriter(name, file) for name, file in files.items()}
    for row in rows:
        name = plan.part_of(row.digest)
        parts[name].add(row.data)
        if grouping is not None:
            grouping.note(row, name)
    return list(parts.values())
