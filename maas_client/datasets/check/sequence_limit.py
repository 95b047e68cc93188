"""The maximum sequence length: which rows are truncated, and which lose every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..rows.schemas import Problem, Row, Task

SEQUENCE_LENGTHS: Mapping[Task, int] = {"chat": 8192, "text": 4096}
"""The pipelines' default limits in tokens (azureml-assets, `oss_chat_completion_pipeline` 0.0.29 and its text twin)."""


class Counted(Protocol):
    """The tokens of a row at least: in total, and before the first answer; and the possible error of the total."""

    @property
    def least(self) -> int:
        """The lower end of the total."""
        ...

    @property
    def least_before_answers(self) -> int:
        """The lower end of the tokens before the first learned one; 0 if nothing is learned."""
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
        total, before = counted.least, counted.least_before_answers
        if total <= self.tokens:
            return None
        about = "" if counted.error == 0 else "at least "
        if before >= self.tokens:
            message = f"the first answer starts after {about}{before} tokens; the limit is {self.tokens}"
            return Problem("row-answer-cut-off", "", str(before), message)
        message = f"the row has {about}{total} tokens; the limit is {self.tokens}"
        return Problem("row-truncated", "", str(total), message)
