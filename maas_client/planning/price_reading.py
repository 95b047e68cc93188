"""Reading the user's prices for a plan: a file may have those of the model, of machines, or both."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path

from ..catalog.foundry_offer import FoundryOffer
from ..catalog.model_facts import ModelFacts
from ..core.errors import InvalidInput
from ..datasets.cost.foundry_prices import foundry_price_of
from ..datasets.cost.price_file import content_of, model_names_in
from ..datasets.cost.prices import price_of
from .costs import Prices
from .machine_prices import machine_prices_in
from .region import Region


def read_prices(
    model: ModelFacts | FoundryOffer, path: str | PathLike[str] | None, region: Region | None = None
) -> Prices:
    """Return the prices of a file, and the region's of machines that it does not have; none without either.

    Raises InvalidInput if the file is invalid, or has a price for neither the model nor any machine.
    """
    found = Prices() if path is None else _prices_in(model, path)
    return found if region is None else replace(found, machines=found.machines.with_others(region.prices()))


def _prices_in(model: ModelFacts | FoundryOffer, path: str | PathLike[str]) -> Prices:
    machines = machine_prices_in(path)
    names = [name.lower() for name in model.names] if isinstance(model, FoundryOffer) else [model.name.lower()]
    listed = model_names_in(Path(path), content_of(Path(path)))
    if listed is not None and machines and not any(name.lower() in names for name in listed):
        return Prices(machines=machines)
    hosted = foundry_price_of(model, path) if isinstance(model, FoundryOffer) else price_of(model, path)
    return Prices(hosted=hosted, machines=machines)


def require_prices(prices: Prices, budget: float | None) -> None:
    """Refuse a budget without prices, or below 0."""
    if budget is None:
        return
    if budget < 0:
        raise InvalidInput(f"budget must not be negative, and it is {budget:g}")
    if not prices:
        raise InvalidInput("a budget needs prices: name a price file (--prices, `prices=`)")
