"""What a verification may cost at most: its tokens, its hosting and its machines, for as long as it may take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..contract.operation import Level, Surface
from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue
from .machine_choice import MachineChoice
from .step import LEVELS

CANCELLATION_HOURS = 0.5
"""Hours for which a job that is canceled at once may have a machine at most."""


class TooExpensive(InvalidInput):
    """A verification may cost more than its limit, or its price is unknown; nothing was sent that costs money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePart(PlainValue):
    """One part of a price: what is paid for, and at most how much; None where no price is known."""

    what: str
    most: float | None = None
    currency: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {'price not known' if self.most is None else f'at most {self.most:,.2f} {self.currency}'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPrice(PlainValue):
    """What a verification may cost at most, in parts; without any it is free."""

    parts: tuple[PricePart, ...] = ()

    @property
    def most(self) -> Mapping[str, float] | None:
        """The most that it may cost by currency; None where a part's price is not known."""
        total: dict[str, float] = {}
        for part in self.parts:
            if part.most is None:
                return None
            total[part.currency] = total.get(part.currency, 0.0) + part.most
        return total

    def __str__(self) -> str:
        return "; ".join(map(str, self.parts)) or "free"

    def check(self, limit: float | None) -> None:
        """Raise TooExpensive if it may cost more than a limit, or its price is unknown."""
        if limit is None:
            return
        if unknown := [part.what for part in self.parts if part.most is None]:
            raise TooExpensive(
                f"no price is known for {', '.join(unknown)}, so nothing holds it below {limit:,.2f}: name a price "
                "file (--prices), or choose a lower level. Nothing was sent that costs money."
            )
        most = self.most or {}
        if len(most) > 1:
            raise TooExpensive(f"the prices are in several currencies ({', '.join(most)}): one limit cannot hold them")
        for currency, amount in most.items():
            if amount > limit:
                raise TooExpensive(
                    f"it may cost {amount:,.2f} {currency}, more than {limit:,.2f}. Nothing was sent that costs money."
                )


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """What a file of prices says of a model: one training over the rows, and hosting by the hour."""

    training: float | None = None
    hosting_per_hour: float | None = None
    currency: str = ""


def price_of(
    surfaces: Sequence[Surface],
    level: Level,
    *,
    hours: float,
    tokens: TokenPrices,
    machine: MachineChoice,
    hosting_is_free: bool = False,
) -> VerificationPrice:
    """Return what the steps of a level cost at most.

    Args:
        surfaces: those that are verified.
        level: the level.
        hours: how long it may take with its clean-up, for what is paid by the hour.
        tokens: prices of the model.
        machine: the machine of own compute.
        hosting_is_free: whether the deployment has no price by the hour.
    """
    return VerificationPrice(
        parts=tuple(_parts(surfaces, level, hours, tokens, machine, hosting_is_free=hosting_is_free))
    )


def _parts(
    surfaces: Sequence[Surface],
    level: Level,
    hours: float,
    tokens: TokenPrices,
    machine: MachineChoice,
    *,
    hosting_is_free: bool,
) -> Iterator[PricePart]:
    if LEVELS.index(level) < LEVELS.index(Level.JOB):
        return
    is_full = level == Level.FULL
    if Surface.AZURE_ML in surfaces or Surface.FOUNDRY in surfaces:
        jobs = 2 if is_full else 1
        cost = None if tokens.training is None else jobs * tokens.training
        yield PricePart(what=f"the tokens of {jobs} x 20 rows", most=cost, currency=tokens.currency)
        if is_full and not hosting_is_free:
            hosting = None if tokens.hosting_per_hour is None else hours * tokens.hosting_per_hour
            yield PricePart(what=f"hosting for {hours:g} h", most=hosting, currency=tokens.currency)
    if Surface.OWN_COMPUTE in surfaces and machine.size is not None:
        times = 2 * hours if is_full and not machine.lacks else CANCELLATION_HOURS
        cost = None if machine.hourly_price is None else times * machine.hourly_price
        yield PricePart(what=f"{machine.size} for {times:g} h", most=cost, currency=machine.currency)


def token_prices(rows: Path, model: str, prices: Path | None) -> TokenPrices:
    """Read what a file of prices says of a model, if there is one; raise InvalidInput if it is wrong."""
    if prices is None:
        return TokenPrices()
    from ..catalog.surface_of_model import find_on_any_surface
    from ..datasets.cost.training_estimate import estimate_training

    estimate = estimate_training(rows, model=find_on_any_surface(model), epochs=1, prices=prices)
    money, price = estimate.money, estimate.price
    return TokenPrices(
        None if money is None else money.most,
        None if price is None else price.hosting_per_hour,
        "" if price is None else price.currency,
    )
