"""The maximum sequence length: which rows are truncated, and which lose every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..rows.schemas import Problem, Row, Task

SEQUENCE_LENGTHS: Mapping[Task, int] = {"chat": 8192, "text": 4096}
"""The pipelines' default limits in tokens (azureml-assets, `oss_chat_completion_pipeline` 0.0.29 and its text twin)."""


class Counted(Protocol):
    """The tokens of a row: in total, before the first answer (None without one), and the possible error."""

    @property
    def total(self) -> int:
        """Total number of tokens."""
        ...

    @property
    def first_assistant_at(self) -> int | None:
        """Tokens before the first learned one; None if nothing is learned."""
        ...

    @property
    def error(self) -> float:
        """Possible error of the total in tokens; 0 for an exact count."""
        ...


class Counter(Protocol):
    """Counts the tokens of a row."""

    def count(self, row: Row) -> Counted:
        """Count the tokens of one row, including the model's chat template."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum sequence length in tokens, and a row counter. Only rows that are certainly too long are reported."""

    tokens: int
    counter: Counter

    def may_exceed(self, size: int) -> bool:
        """Return whether a row of `size` bytes may be too long: no tokenizer produces more tokens than bytes."""
        return size > self.tokens

    def judge(self, row: Row) -> Problem | None:
        """Return the problem of a row that is truncated."""
        counted = self.counter.count(row)
        surely = 1 - min(1.0, counted.error / max(counted.total, 1))
        total, before = int(counted.total * surely), int((counted.first_assistant_at or 0) * surely)
        if total <= self.tokens:
            return None
        about = "" if counted.error == 0 else "at least "
        if before >= self.tokens:
            message = f"the first answer starts after {about}{before} tokens; the limit is {self.tokens}"
            return Problem("row-answer-cut-off", "", str(before), message)
        message = f"the row has {about}{total} tokens; the limit is {self.tokens}"
        return Problem("row-truncated", "", str(total), message)
