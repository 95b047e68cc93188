"""What a way costs by the user's prices: hours of a machine, or tokens of a hosted job."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..datasets.cost.foundry_prices import FoundryPrice
from ..datasets.cost.prices import Price
from .machine import Machine
from .machine_prices import MachinePrices
from .training import Training
from .way import Cost, Hours


@dataclass(frozen=True, slots=True)
class Prices:
    """The user's prices: of the model where it is hosted, and of machines."""

    hosted: Price | FoundryPrice | None = None
    machines: MachinePrices = field(default_factory=MachinePrices)

    def __bool__(self) -> bool:
        return self.hosted is not None or bool(self.machines)


def machine_cost(machine: Machine, hours: Hours | None, prices: Prices) -> Cost | None:
    """Return the cost of hours on a machine, without its start; None without a price or a time."""
    price = prices.machines.of(machine)
    if price is None or hours is None:
        return None
    return Cost(hours.low * price.amount, hours.high * price.amount, price.currency)


def hosted_cost(training: Training, prices: Prices) -> Cost | None:
    """Return the cost of a hosted job, billed by its training tokens; None without a price by tokens."""
    price = prices.hosted
    if price is None or price.training_per_million_tokens is None:
        return None
    size = training.size
    million = size.tokens * training.epochs / 1e6 * price.training_per_million_tokens
    return Cost(million * (1 - size.error_bound), million * (1 + size.error_bound), price.currency)
