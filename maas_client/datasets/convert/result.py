"""The result of a conversion: rows read and written, skipped rows, dropped keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from ...core.plain_values import PlainValue


class BadRow(NamedTuple):
    """A row that could not be converted: its line, or its number if there are no lines, from 1; and the reason."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCounts:
    """The lines of a table: `read` is the sum of all others.

    `header` has the lines up to the header's end, `blank` the blank ones, `written`, `left_out` and `skipped` those of
    the rows that were written, left out and skipped. `multiline_rows` of the written rows have line breaks within a
    quoted field; the first of them starts in line `first_multiline`. Of the `doubtful_rows` among them each line looks
    like a row of its own, so that stray quotation marks may have joined them; the first starts in `first_doubtful`.
    """

    read: int
    header: int
    blank: int
    written: int
    left_out: int
    skipped: int
    multiline_rows: int = 0
    first_multiline: int | None = None
    doubtful_rows: int = 0
    first_doubtful: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetConversion(PlainValue):
    """The result of a conversion.

    `source_format` is the format of the rows, and `columns` are the columns used; with a mapping the user's comes
    first, then the assistant's, then the system's. `left_out` counts the rows that are marked as not to be learned
    (`label`: false, a turn of the assistant with `messages.weight`: 0), by mark; they are not among the skipped rows,
    which are those that cannot be converted. Of preference rows the rejected answers are left out, and counted too.
    `dropped_keys` counts keys that chat rows do not have: columns by
    name, nested keys with a dot (`messages.weight`). `bad` are the first skipped rows, and `unit` says whether they are
    numbered by line or by row. `encoding` is the one that a file of text was read in, and `lines` counts a table's
    lines.
    """

    source_format: str = ""
    columns: tuple[str, ...] = ()
    rows_read: int = 0
    rows_written: int = 0
    rows_skipped: int = 0
    rows_left_out: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    rejected_answers_left_out: int = 0
    dropped_keys: Mapping[str, int]
    bad: tuple[BadRow, ...] = ()
    unit: str = "row"
    encoding: str = ""
    lines: LineCounts | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "source_format": self.source_format,
            "columns": list(self.columns),
            "rows_read": self.rows_read,
            "rows_written": self.rows_written,
            "rows_skipped": self.rows_skipped,
            "rows_left_out": self.rows_left_out,
            "left_out": dict(self.left_out),
            "rejected_answers_left_out": self.rejected_answers_left_out,
            "dropped_keys": dict(self.dropped_keys),
            "encoding": self.encoding,
            "lines": None if self.lines is None else asdict(self.lines),
            "bad": [{self.unit: each.number, "reason": each.reason} for each in self.bad],
        }
