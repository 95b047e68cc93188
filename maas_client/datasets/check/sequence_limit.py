"""The maximum sequence length: which rows are cut there, and which lose every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..rows.schemas import Problem, Row, Task

SEQUENCE_LENGTHS: Mapping[Task, int] = {"chat": 8192, "text": 4096}
"""Tokens, by the pipelines' own defaults (azureml-assets, `oss_chat_completion_pipeline` 0.0.29 and its text twin)."""


class Counted(Protocol):
    """The tokens of a row: in all, ahead of the first answer (None without one), and how many it may be off."""

    @property
    def total(self) -> int:
        """Tokens in all."""
        ...

    @property
    def first_assistant_at(self) -> int | None:
        """Tokens ahead of the first that is learned; None where nothing is."""
        ...

    @property
    def error(self) -> float:
        """Tokens that the total may be off by; 0 for an exact count."""
        ...


class Counter(Protocol):
    """What counts the tokens of a row."""

    def count(self, row: Row) -> Counted:
        """Count one row's tokens, with the model's template around them."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum sequence length in tokens, and what counts rows. A row is said to be cut only if it is for certain."""

    tokens: int
    counter: Counter

    def may_exceed(self, size: int) -> bool:
        """Say whether a row of so many bytes may be too long: no tokenizer makes more tokens than there are bytes."""
        return size > self.tokens

    def judge(self, row: Row) -> Problem | None:
        """Explain a row that is cut."""
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
