"""The maximum sequence length: which rows are cut there, and which lose every answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .rows import Problem, Row


class Counted(Protocol):
    """The tokens of a row: in all, and ahead of the first answer."""

    @property
    def total(self) -> int:
        """Tokens in all."""
        ...

    @property
    def first_assistant_at(self) -> int | None:
        """Tokens ahead of the first that is learned; None where nothing is."""
        ...


class Counter(Protocol):
    """What counts the tokens of a row."""

    def count(self, row: Row) -> Counted:
        """Count one row's tokens, with the model's template around them."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum sequence length in tokens.

    `counter` counts rows; `error` is the share by which its counts may be wrong, 0 for an exact one. A row is said to
    be cut only if it is for certain.
    """

    tokens: int
    counter: Counter
    error: float = 0.0

    def may_exceed(self, size: int) -> bool:
        """Say whether a row of so many bytes may be too long: no tokenizer makes more tokens than there are bytes."""
        return size > self.tokens

    def judge(self, row: Row) -> Problem | None:
        """Explain a row that is cut."""
        counted = self.counter.count(row)
        total, before = self._at_least(counted.total), self._at_least(counted.first_assistant_at or 0)
        if total <= self.tokens:
            return None
        about = "" if self.error == 0 else "at least "
        if before >= self.tokens:
            message = f"the first answer begins behind {about}{before} tokens, and {self.tokens} are read"
            return Problem("row-answer-cut-off", "", str(before), message)
        message = f"the row has {about}{total} tokens, and {self.tokens} are read"
        return Problem("row-truncated", "", str(total), message)

    def _at_least(self, tokens: int) -> int:
        return int(tokens * (1 - self.error))
