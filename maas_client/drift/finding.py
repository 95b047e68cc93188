"""One difference between two recordings: what it is, where, and whether the sides contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..core.text import one_line


class DriftKind(StrEnum):
    """What is different."""

    FIELD = "field on one side"
    VALUE = "value on one side"
    TYPE_TOO = "another type as well"
    HEADER = "header on one side"
    STATUS_TOO = "another status as well"
    OTHER_TYPE = "other type"
    MISSING_FIELD = "missing field"
    MISSING_HEADER = "missing header"
    OTHER_STATUS = "other status"
    OTHER_BODY = "other kind of body"
    ERROR_SHAPE = "error shape"
    STATE = "not comparable"


ADDITIONS = frozenset({DriftKind.FIELD, DriftKind.VALUE, DriftKind.TYPE_TOO, DriftKind.HEADER, DriftKind.STATUS_TOO})
"""What one side has besides what both have, and which a client need not know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between the sides.

    Args:
        operation: the operation's name, or method and path where the contract has none.
        kind: what is different.
        where: `status`, `body`, `header NAME`, or a JSON pointer with `*` for array indices and names.
        left: what the first side has: types, a status, or a word of an enumeration; never another value.
        right: what the second side has.
        requests: the numbers of the requests, where the sides have the same ones.
    """

    operation: str
    kind: DriftKind
    where: str
    left: str
    right: str
    requests: tuple[int, ...] = ()

    @property
    def is_contradiction(self) -> bool:
        """Whether a client that relies on the one side may break on the other."""
        return self.kind not in ADDITIONS and self.kind is not DriftKind.STATE

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        return one_line(f"{self.operation}: {self.kind} at {self.where}: {self.left} against {self.right}")

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        return {
            "operation": self.operation,
            "kind": self.kind.value,
            "where": self.where,
            "left": self.left,
            "right": self.right,
            "requests": list(self.requests),
        }


def between(operation: str, kind: DriftKind, where: str, sides: Sequence[str]) -> Finding:
    """Return a finding from what the two sides have."""
    left, right = sides
    return Finding(operation, kind, where, left, right)
