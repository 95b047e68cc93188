"""What a recording shows of each operation and status: shapes of bodies and headers, of all answers together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..contract.operation import Operation
from .answer_shapes import answer_shape, merged
from .exchange import BodyKind, ComparedExchange


@dataclass(frozen=True, slots=True)
class Observed:
    """What all answers of one operation with one status have together.

    Args:
        operation: the operation's name, or method and path.
        contract: the operation of the contract, if it has this one.
        status: the HTTP status.
        bodies: how many bodies there are of each kind; those that were not kept are left out.
        types: JSON types by pointer.
        words: words of enumerations by pointer.
        counts: in how many answers there is something at each pointer.
        headers: in how many answers there is each header.
        answers: how many answers there are whose content was kept.
    """

    operation: str
    contract: Operation | None
    status: int
    bodies: Mapping[BodyKind, int]
    types: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]
    counts: Mapping[str, int]
    headers: Mapping[str, int]
    answers: int

    @property
    def is_error(self) -> bool:
        """Whether this is an error."""
        return self.status >= 400

    def is_always_at(self, pointer: str) -> bool:
        """Whether every answer that has the place's parent has something there."""
        parent = pointer.rpartition("/")[0]
        return 0 < self.counts.get(parent, 0) == self.counts.get(pointer, 0)


def observed(exchanges: Iterable[ComparedExchange]) -> Mapping[tuple[str, int], Observed]:
    """Return what a recording shows, by operation and status."""
    groups: dict[tuple[str, int], list[ComparedExchange]] = defaultdict(list)
    for exchange in exchanges:
        if exchange.status is not None:
            groups[exchange.label, exchange.status].append(exchange)
    return {key: _together(*key, group) for key, group in groups.items()}


def _together(operation: str, status: int, group: list[ComparedExchange]) -> Observed:
    shapes = [answer_shape(exchange) for exchange in group]
    everything = merged(iter(shapes))
    known = [exchange for exchange in group if exchange.has_content]
    return Observed(
        operation=operation,
        contract=group[0].contract,
        status=status,
        bodies=Counter(exchange.body_kind for exchange in known),
        types=everything.types,
        words=everything.words,
        counts=Counter(pointer for shape in shapes for pointer in shape.types),
        headers=Counter(name for exchange in known for name in exchange.headers),
        answers=len(known),
    )
