"""One difference between an answer and its contract: what it is, where, and whether it contradicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..core.text import one_line


class DifferenceKind(StrEnum):
    """What is different."""

    UNKNOWN_FIELD = "unknown field"
    UNKNOWN_VALUE = "unknown value"
    MISSING_FIELD = "missing field"
    RENAMED_FIELD = "renamed field"
    WRONG_TYPE = "wrong type"
    MISSING_HEADER = "missing header"
    UNEXPECTED_STATUS = "unexpected status"
    ERROR_SHAPE = "error shape"


ADDITIONS = frozenset({DifferenceKind.UNKNOWN_FIELD})
"""What a service may do at any time without breaking a client: answer more than is known of it.

Another word of an enumeration is none: code that decides by the word cannot know what it means.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between an answer and its contract.

    Args:
        operation: the operation's name, such as `jobs.get`.
        kind: what is different.
        where: `status`, `header NAME`, or a JSON pointer into the body with `*` for array indices and names.
        expected: what the contract says, in words.
        found: what the answer has: a type, a status, or a word of an enumeration; never another value.
    """

    operation: str
    kind: DifferenceKind
    where: str
    expected: str
    found: str

    @property
    def is_contradiction(self) -> bool:
        """Whether the client relies on what is different; an addition is only news."""
        return self.kind not in ADDITIONS

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        return one_line(f"{self.operation}: {self.kind} at {self.where}: expected {self.expected}, found {self.found}")
