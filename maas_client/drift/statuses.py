"""The comparison of statuses: request by request where both sides have the same ones, else by operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from ..contract.operation import ACCESS, OUTAGE
from ..contract.table import OPERATIONS
from .exchange import ComparedExchange
from .finding import DriftKind, Finding, between

STATE = frozenset({404, 409, 410, 412})
"""Statuses that say that what a request relies on is there, or is not there."""

IN_PROGRESS = 202
"""The status of an operation that has not ended."""

ENDS = frozenset({200, IN_PROGRESS, 204})
"""Statuses of what is asked of something: it depends on its state whether anything is left to be done."""

UNSURE = ACCESS | OUTAGE
"""Statuses about a credential or an outage, and not about the operation."""


def compare_requests(left: Sequence[ComparedExchange], right: Sequence[ComparedExchange]) -> Iterator[Finding]:
    """Yield where the same request was answered with another status; equal differences once, with their requests."""
    found: dict[tuple[str, DriftKind, str, str], list[int]] = defaultdict(list)
    for one, other in zip(left, right, strict=True):
        if one.status != other.status:
            key = (one.label, _kind(one, other), _said(one), _said(other))
            found[key].append(one.n)
    for (label, kind, on_left, on_right), numbers in found.items():
        yield Finding(label, kind, "status", on_left, on_right, tuple(numbers))


def _kind(one: ComparedExchange, other: ComparedExchange) -> DriftKind:
    if one.status is None or other.status is None:
        return DriftKind.STATE
    differing = {one.status, other.status}
    if differing & (STATE | UNSURE):
        return DriftKind.STATE
    if one.method == "PUT" and differing == {200, 201}:
        return DriftKind.STATE  # created on the one side, replaced on the other
    if one.method == "GET" and IN_PROGRESS in differing:
        return DriftKind.STATE  # the one side was still at work
    if _is_of_an_end(one.label, differing):
        return DriftKind.STATE
    return DriftKind.OTHER_STATUS


def _is_of_an_end(label: str, statuses: Set[int | None]) -> bool:
    """Return whether all are a success that the operation may have: accepted, or nothing left to be done."""
    known = OPERATIONS.get(label)
    return known is not None and known.method in {"DELETE", "POST"} and statuses <= known.answers.keys() & ENDS


def _said(exchange: ComparedExchange) -> str:
    return exchange.failure or "no answer" if exchange.status is None else str(exchange.status)


def compare_operations(left: Iterable[ComparedExchange], right: Iterable[ComparedExchange]) -> Iterator[Finding]:
    """Yield where an operation has other statuses, or is in one recording only."""
    on_left, on_right = _by_operation(left), _by_operation(right)
    for label in sorted(on_left.keys() | on_right.keys()):
        sides = [side.get(label, frozenset[int]()) for side in (on_left, on_right)]
        if not all(sides):
            there = [_listed(statuses) for statuses in sides]
            yield between(label, DriftKind.STATE, "operation", there)
        elif sides[0] != sides[1]:
            yield from _differing(label, *sides)


def _differing(label: str, left: frozenset[int], right: frozenset[int]) -> Iterator[Finding]:
    successes = [frozenset(one for one in side if one < 400) for side in (left, right)]
    if all(successes) and not successes[0] & successes[1]:
        kind = DriftKind.STATE if _is_of_an_end(label, successes[0] | successes[1]) else DriftKind.OTHER_STATUS
        yield between(label, kind, "status", [_listed(one) for one in successes])
        left, right = left - successes[0], right - successes[1]
    elif not left & right:
        yield between(label, DriftKind.STATE, "status", [_listed(left), _listed(right)])
        return
    for status in sorted(left ^ right):
        there = [str(status) if status in side else "nothing" for side in (left, right)]
        yield between(label, DriftKind.STATE if status in STATE | UNSURE else DriftKind.STATUS_TOO, "status", there)


def _by_operation(exchanges: Iterable[ComparedExchange]) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for exchange in exchanges:
        if exchange.status is not None:
            found[exchange.label].add(exchange.status)
    return {label: frozenset(statuses) for label, statuses in found.items()}


def _listed(statuses: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(statuses))) or "nothing"
