"""Which part of a split a row goes to: decided by its digest alone, without a look at any other row, or by count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappush, heapreplace
from math import isclose, isfinite
from typing import Literal

from ...core.errors import InvalidInput
from ..rows.schemas import Row
from .row_key import DIGEST_BITS, key_for

PartName = Literal["train", "validation", "test"]

PARTS: tuple[PartName, ...] = ("train", "validation", "test")

DEFAULT_RATIO = (0.8, 0.2)

_END = 1 << DIGEST_BITS
_SHARE_BITS = 32
"""Bounds are that coarse, so that 80/20 and 0.8/0.2 have the same ones, whatever their last bits."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which digests go where: each part takes those below its bound that no part before it takes."""

    bounds: tuple[tuple[PartName, int], ...]

    @property
    def names(self) -> tuple[PartName, ...]:
        """The parts that there are: train, validation, test."""
        planned = {name for name, _ in self.bounds}
        return tuple(name for name in PARTS if name in planned)

    def part_of(self, digest: int) -> PartName:
        """Return the part that a digest goes to."""
        return next(name for name, bound in self.bounds if digest < bound)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows the smaller parts are to have; None for a part that is not wanted."""

    validation: int | None = None
    test: int | None = None

    def __post_init__(self) -> None:
        for name, count in (("validation", self.validation), ("test", self.test)):
            if count is not None and count < 1:
                raise InvalidInput(f"the count for {name} is {count}; it must be at least 1, or left out")

    @property
    def total(self) -> int:
        """Rows of both."""
        return (self.validation or 0) + (self.test or 0)

    @property
    def names(self) -> tuple[PartName, ...]:
        """The parts that are wanted: train, validation, test."""
        return tuple(name for name in PARTS if name == "train" or self.of(name) is not None)

    def of(self, name: PartName) -> int | None:
        """Return how many rows a part is to have; None for as many as there are."""
        return {"train": None, "validation": self.validation, "test": self.test}[name]


class Smallest:
    """Remembers the `capacity` smallest digests of all that it has seen, and how many rows have each."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._heap: list[int] = []  # of negative digests: the largest comes first
        self._rows: dict[int, int] = {}

    def add(self, digest: int) -> None:
        """Count a row."""
        if digest in self._rows:
            self._rows[digest] += 1
            return
        if len(self._heap) < self._capacity:
            heappush(self._heap, -digest)
        elif digest < -self._heap[0]:
            del self._rows[-heapreplace(self._heap, -digest)]
        else:
            return
        self._rows[digest] = 1

    def sizes(self) -> list[tuple[int, int]]:
        """Return the digests in order, each with its number of rows."""
        return sorted(self._rows.items())


def plan_by_ratio(ratio: Sequence[float]) -> Plan:
    """Plan parts by their shares: train, validation and, with three, test.

    Shares add up to 1 or to 100; a part with none is not planned. Raises InvalidInput for anything else.
    """
    shown = "/".join(f"{share:g}" for share in ratio)
    if len(ratio) not in {2, 3}:
        raise InvalidInput(
            f"the ratio {shown} has {len(ratio)} shares; expected train/validation or train/validation/test"
        )
    if not all(isfinite(share) and share >= 0 for share in ratio) or not ratio[0] or not any(ratio[1:]):
        raise InvalidInput(f"the ratio {shown} leaves no rows for training or for every other part; try 80/20")
    total = sum(ratio)
    if not any(isclose(total, whole, rel_tol=1e-6) for whole in (1, 100)):
        raise InvalidInput(f"the shares {shown} add up to {total:g}; they must add up to 100 or 1")
    shares: list[tuple[PartName, float]] = [(name, share) for name, share in zip(PARTS, ratio, strict=False) if share]
    bounds: list[tuple[PartName, int]] = []
    reached = 0.0
    for name, share in shares[:-1]:
        reached += share
        bounds.append((name, round(reached / total * (1 << _SHARE_BITS)) << (DIGEST_BITS - _SHARE_BITS)))
    return Plan((*bounds, (shares[-1][0], _END)))


def plan_by_counts(sizes: Sequence[tuple[int, int]], counts: Counts) -> Plan:
    """Plan parts by their rows: the smallest digests are for testing, the next for validation, the rest for training.

    What has one digest is not divided, so that a part may have more rows than were asked for.

    Args:
        sizes: the smallest digests of the file in order, each with its number of rows; `counts.total` of them, or all.
        counts: how many rows the parts are to have.
    """
    left = iter(sizes)
    test = _bound(left, counts.test, 0)
    validation = _bound(left, counts.validation, test)
    bounds: dict[PartName, int] = {"test": test, "validation": validation, "train": _END}
    return Plan(tuple((name, bound) for name, bound in bounds.items() if name in counts.names))


def _bound(left: Iterator[tuple[int, int]], wanted: int | None, below: int) -> int:
    """Return the bound of a part that takes digests from `below` on until it has as many rows as are wanted."""
    bound, missing = below, wanted or 0
    while missing > 0 and (smallest := next(left, None)) is not None:
        bound, missing = smallest[0] + 1, missing - smallest[1]
    return bound


def split_part_of(
    row: Row, *, ratio: Sequence[float] = DEFAULT_RATIO, by: str | None = None, seed: int = 0
) -> PartName:
    """Return the part that a row goes to in a split by ratio, whatever file it stands in.

    Args:
        row: the parsed row.
        ratio: shares of train, validation and test, which add up to 1 or 100.
        by: the column, or JSON pointer, whose value decides, so that a group stays together; the row's own words when
            left out.
        seed: a different seed gives a different split.

    Returns:
        The part's name.

    Raises:
        InvalidInput: the ratio or the pointer is none, or the row has no value there or is nested too deeply.
    """
    plan, key = plan_by_ratio(ratio), key_for(by, seed=seed)
    try:
        form = key.form_of(row)
    except RecursionError as error:
        raise InvalidInput("the row is nested too deeply to be assigned to a part") from error
    if form is None:
        raise InvalidInput(f"the row has no value at {by}, which decides its part")
    return plan.part_of(key.digest_of(form))
