"""The report of a comparison: contradictions apart from additions, and what could not be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .comparison import compare
from .contract_check import Deviation, held_to_contract
from .exchange import ComparedExchange
from .finding import DriftKind, Finding
from .observations import observed
from .statuses import compare_operations, compare_requests


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its name, and how it differs from the contract."""

    name: str
    requests: int
    deviations: tuple[Deviation, ...]

    @property
    def contradicts_contract(self) -> bool:
        """Whether an answer contradicts the contract."""
        return any(one.difference.is_contradiction for one in self.deviations)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        return {
            "name": self.name,
            "requests": self.requests,
            "contract": [one.to_dict() for one in self.deviations],
        }


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs between two sides."""

    left: Side
    right: Side
    findings: tuple[Finding, ...]

    @property
    def contradictions(self) -> tuple[Finding, ...]:
        """What a client that relies on one side may break on."""
        return tuple(one for one in self.findings if one.is_contradiction)

    @property
    def additions(self) -> tuple[Finding, ...]:
        """What one side has besides what both have."""
        return tuple(one for one in self.findings if not one.is_contradiction and one.kind is not DriftKind.STATE)

    @property
    def not_comparable(self) -> tuple[Finding, ...]:
        """What depends on a state, a credential or an outage that only one side had."""
        return tuple(one for one in self.findings if one.kind is DriftKind.STATE)

    @property
    def has_contradictions(self) -> bool:
        """Whether the sides contradict each other, or one of them the contract."""
        return bool(self.contradictions) or self.left.contradicts_contract or self.right.contradicts_contract

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        return {
            "left": self.left.to_dict(),
            "right": self.right.to_dict(),
            "contradictions": [one.to_dict() for one in self.contradictions],
            "additions": [one.to_dict() for one in self.additions],
            "not_comparable": [one.to_dict() for one in self.not_comparable],
        }


def drift_between(
    left: Sequence[ComparedExchange],
    right: Sequence[ComparedExchange],
    *,
    names: tuple[str, str],
    same_requests: bool = False,
) -> Drift:
    """Compare two recordings.

    Args:
        left: the exchanges of the first.
        right: the exchanges of the second.
        names: what to call the two.
        same_requests: the second has the answers to the requests of the first, in the same order.

    Returns:
        What differs, by operation; each side is held to the contract, too.
    """
    statuses = compare_requests(left, right) if same_requests else compare_operations(left, right)
    on_left, on_right = observed(left), observed(right)
    shapes = [finding for key in on_left.keys() & on_right.keys() for finding in compare(on_left[key], on_right[key])]
    return Drift(
        Side(names[0], len(left), held_to_contract(left)),
        Side(names[1], len(right), held_to_contract(right)),
        tuple(sorted([*statuses, *shapes], key=lambda one: (one.operation, one.where, one.kind, one.left, one.right))),
    )
