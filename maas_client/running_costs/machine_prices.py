"""What machines of a size cost by the hour, by the service's own prices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..catalog.gpu_sizes import same_size
from ..computes.compute_size import ComputeSize


class Price(NamedTuple):
    """An amount for an hour and its currency; None where the service has no price."""

    amount: float | None = None
    currency: str | None = None


class MachinePrices:
    """The prices of the region's sizes."""

    def __init__(self, sizes: Iterable[ComputeSize] = ()) -> None:
        self._sizes = tuple(sizes)

    def of(self, size: str, count: int, *, low_priority: bool = False) -> Price:
        """Return what a number of machines of a size cost for an hour together."""
        known = next((each for each in self._sizes if same_size(each.name, size)), None)
        each = None if known is None else known.price(low_priority=low_priority)
        if known is None or each is None:
            return Price()
        return Price(round(each * count, 6), known.currency or None)
