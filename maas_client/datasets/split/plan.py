"""Deciding the part of a row, from its digest alone (by ratio) or by count."""

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
"""Bounds are rounded to this many bits, so that 80/20 and 0.8/0.2 have the same ones despite rounding errors."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Maps digests to parts: each part takes those below its bound that no earlier part takes."""

    bounds: tuple[tuple[PartName, int], ...]

    @property
    def names(self) -> tuple[PartName, ...]:
        """The names of the planned parts, in the order train, validation, test."""
        planned = {name for name, _ in self.bounds}
        return tuple(name for name in PARTS if name in planned)

    def part_of(self, digest: int) -> PartName:
        """Return the part of a digest."""
        return next(name for name, bound in self.bounds if digest < bound)


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of rows for validation and testing; None for a part that is not requested."""

    validation: int | None = None
    test: int | None = None

    def __post_init__(self) -> None:
        for name, count in (("validation", self.validation), ("test", self.test)):
            if count is not None and count < 1:
                raise InvalidInput(f"the count for {name} is {count}; it must be at least 1, or left out")

    @property
    def total(self) -> int:
        """The rows requested for both parts."""
        return (self.validation or 0) + (self.test or 0)

    @property
    def names(self) -> tuple[PartName, ...]:
        """The names of the requested parts, in the order train, validation, test."""
        return tuple(name for name in PARTS if name == "train" or self.of(name) is not None)

    def of(self, name: PartName) -> int | None:
        """Return the requested number of rows of a part; None for all that remain."""
        return {"train": None, "validation": self.validation, "test": self.test}[name]


class Smallest:
    """Keeps the `capacity` smallest digests added to it, each with its number of rows."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._heap: list[int] = []  # of negated digests: the largest comes first
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

    Shares must add up to 1 or 100, otherwise InvalidInput is raised; a part with a share of 0 is left out.
    """
    shown = "/".join(f"{share:g}" for share in ratio)
    if len(ratio) not in {2, 3}:
        raise InvalidInput(
            f"the ratio {shown} has {len(ratio)} share{'s' * (len(ratio) != 1)}; "
            "write train/validation or train/validation/test, such as 80/20"
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
    """Plan parts by count: the smallest digests are for testing, the next for validation, the rest for training.

    Rows with equal digests are not divided, so a part may have more rows than requested.

    Args:
        sizes: the smallest digests of the file in order, each with its number of rows; `counts.total` of them, or all.
        counts: the requested numbers of rows.
    """
    left = iter(sizes)
    test = _bound(left, counts.test, 0)
    validation = _bound(left, counts.validation, test)
    bounds: dict[PartName, int] = {"test": test, "validation": validation, "train": _END}
    return Plan(tuple((name, bound) for name, bound in bounds.items() if name in counts.names))


def _bound(left: Iterator[tuple[int, int]], wanted: int | None, below: int) -> int:
    """Return the bound of a part that takes digests from `below` on until it has the requested number of rows."""
    bound, missing = below, wanted or 0
    while missing > 0 and (smallest := next(left, None)) is not None:
        bound, missing = smallest[0] + 1, missing - smallest[1]
    return bound


def split_part_of(
    row: Row, *, ratio: Sequence[float] = DEFAULT_RATIO, by: str | None = None, seed: int = 0
) -> PartName:
    """Return the part of a row in a split by ratio, independent of the file.

    Args:
        row: the parsed row.
        ratio: shares of train, validation and test, which add up to 1 or 100.
        by: the column or JSON pointer whose value decides, so that a group stays together; by default the row's own
            text.
        seed: a different seed gives a different split.

    Returns:
        The part's name.

    Raises:
        InvalidInput: the ratio or the pointer is invalid, or the row has no value there or is nested too deeply.
    """
    plan, key = plan_by_ratio(ratio), key_for(by, seed=seed)
    try:
        form = key.form_of(row)
    except RecursionError as error:
        raise InvalidInput("the row is nested too deeply to be assigned to a part") from error
    if form is None:
        raise InvalidInput(f"the row has no value at {by}, which decides its part")
    return plan.part_of(key.digest_of(form))
