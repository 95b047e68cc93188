"""Something that costs money for every hour in which it exists, as a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..core.plain_values import PlainValue

CostKind = Literal["cluster", "online deployment", "serverless endpoint", "foundry deployment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCost(PlainValue):
    """Something that costs money by the hour, whether it is used or not.

    `hourly_price` is of all instances together, by the service's own price; None where the service has none. `idle`
    is None where the service does not report whether it is used, and `reason` says what the answer rests on.
    `delete_command` ends its cost; it is empty for what is being deleted already, or ends by itself.
    """

    kind: CostKind
    name: str
    state: str
    endpoint: str | None = None
    size: str | None = None
    instances: int | None = None
    hourly_price: float | None = None
    currency: str | None = None
    idle: bool | None = None
    reason: str = ""
    created_at: str = ""
    delete_command: str = ""

    @property
    def label(self) -> str:
        """Its name; of an online deployment with its endpoint before it."""
        return f"{self.endpoint}/{self.name}" if self.endpoint else self.name

    def __str__(self) -> str:
        """Return what it is and costs, in a line."""
        price = "no price known" if self.hourly_price is None else f"{self.hourly_price:.2f} {self.currency or ''}/h"
        return f"{self.kind} {self.label}: {self.state}, {price.strip()}"


@dataclass(frozen=True, slots=True)
class Use:
    """Whether something is idle, None where that is not known, and what the answer rests on."""

    idle: bool | None
    reason: str


def hourly_totals(costs: Iterable[RunningCost]) -> Mapping[str, float]:
    """Return what is known of the price of all of them for an hour, by currency."""
    totals: dict[str, float] = defaultdict(float)
    for cost in costs:
        if cost.hourly_price is not None:
            totals[cost.currency or ""] += cost.hourly_price
    return dict(totals)


def dearest_first(costs: Iterable[RunningCost]) -> list[RunningCost]:
    """Return them by price, those without one last."""
    return sorted(
        costs, key=lambda cost: (cost.hourly_price is None, -(cost.hourly_price or 0.0), cost.kind, cost.label)
    )
