"""The result of a split: the parts, skipped lines, and warnings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...core.plain_values import PlainValue
from ..check.report import FEWEST_ROWS
from .plan import Counts, PartName


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPart:
    """A written part: its file, rows, bytes, and SHA-256 in hexadecimal."""

    name: PartName
    path: Path
    rows: int
    bytes: int
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**asdict(self), "path": str(self.path)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSplit(PlainValue):
    """The result of a split.

    `groups` is the number of groups in all parts, None if rows were not grouped by a key. `blank` counts blank lines
    and `skipped` invalid ones; neither are in any part. `warnings` are sentences.
    """

    parts: tuple[SplitPart, ...]
    groups: int | None = None
    blank: int = 0
    skipped: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows in all parts."""
        return sum(part.rows for part in self.parts)

    @property
    def summary(self) -> str:
        """One sentence: total rows, rows in each part, and skipped lines."""
        shown = ", ".join(f"{part.rows} {part.name}" for part in self.parts)
        groups = "" if self.groups is None else f" in {self.groups} group{'s' * (self.groups != 1)}"
        left = f"; {self.blank} blank and {self.skipped} bad lines skipped" if self.blank or self.skipped else ""
        return f"{self.rows} row{'s' * (self.rows != 1)}{groups}: {shown}{left}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "rows": self.rows,
            "parts": [part.to_dict() for part in self.parts],
            "groups": self.groups,
            "blank": self.blank,
            "skipped": self.skipped,
            "warnings": list(self.warnings),
        }


def size_warnings(part: SplitPart, counts: Counts) -> Iterator[str]:
    """Yield warnings about a part's number of rows."""
    fewest, wanted = FEWEST_ROWS["training"], counts.of(part.name)
    if not part.rows:
        yield f"{part.name} is empty"
    elif part.name == "train" and part.rows < fewest:
        yield f"train has {part.rows} rows; training needs at least {fewest}"
    if wanted is not None and part.rows > wanted:
        yield f"{part.name} has {part.rows} rows, not {wanted}: groups are never divided"
    elif wanted is not None and 0 < part.rows < wanted:
        yield f"{part.name} has {part.rows} rows, not {wanted}: there are no more"
