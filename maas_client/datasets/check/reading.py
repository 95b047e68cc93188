"""What the checker needs of a reading: the rows of a file under one schema, counted."""

from __future__ import annotations

from typing import Protocol

from ..rows.schemas import Problem, Row
from .fast_path import FastPath
from .line_batch import LineBatch
from .row_shapes import ShapedRow
from .task_reading import TaskReading


class Reading(Protocol):
    """Counts rows and findings under one schema."""

    @property
    def fast_path(self) -> FastPath | None:
        """Finds clean rows; None if there is no fast path for rows of this schema."""
        ...

    @property
    def knows_mismatches(self) -> bool:
        """Whether a further row of another schema would only be counted, not kept as a finding."""
        ...

    def judge(self, row: Row, *, line: int, byte: int, size: int, broken: Problem | None = None) -> bool:
        """Count a row of `size` bytes and its problems; return whether it is a row of this schema."""
        ...

    def add_types(self, row: Row, *, line: int, byte: int) -> None:
        """Record the column types of a clean row; all clean rows have the same."""
        ...

    def add_size(self, size: int) -> None:
        """Count the bytes of clean rows, which are loaded."""
        ...

    def add_clean(self, rows: int) -> None:
        """Count clean rows."""
        ...

    def add_mismatches(self, first: int, last: int) -> None:
        """Count lines whose rows follow another schema."""
        ...

    def shaped(self, batch: LineBatch) -> list[ShapedRow] | None:
        """Return the shapes of rows of which some may be known; None if that is no shorter way."""
        ...

    def add_shaped(self, row: ShapedRow, *, line: int, size: int) -> bool:
        """Count a row of `size` bytes whose shape is known and whose findings would not be kept; else return False."""
        ...

    def remember(self, row: ShapedRow, *, line: int) -> None:
        """Remember the shape of the row of a line, if that row was judged last and is kept."""
        ...

    def may_cut(self, size: int) -> bool:
        """Return whether a row of `size` bytes may exceed the maximum sequence length."""
        ...

    def result(self) -> TaskReading:
        """Return what has been counted so far."""
        ...
