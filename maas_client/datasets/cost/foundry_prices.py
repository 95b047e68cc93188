"""Prices of Azure AI Foundry from the user's file: by tokens or by the hour, and by tier. None are built in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from ...catalog.foundry_offer import FoundryOffer
from ...catalog.tuning_methods import TIERS, TrainingTier, tier_named
from ...core.errors import InvalidInput
from ...core.json_fields import is_object
from ..rows.excerpt import escape
from .price_file import CURRENCY, amount, content_of, currency_at, refuse_others, table_at, tables_in
from .retail_prices import items_of

_TOKENS, _HOUR, _HOSTING = "training_per_million_tokens", "training_per_hour", "hosting_per_hour"
_KEYS = frozenset({_TOKENS, _HOUR, _HOSTING, CURRENCY})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundryPrice:
    """A model's prices: training per million tokens or, of reinforcement, per hour; and hosting per hour."""

    currency: str
    training_per_million_tokens: float | None = None
    training_per_hour: float | None = None
    hosting_per_hour: float | None = None


def foundry_price_of(
    offer: FoundryOffer, path: str | PathLike[str], *, tier: TrainingTier | None = None
) -> FoundryPrice:
    """Read a model's prices from a TOML or JSON file, in UTF-8 or UTF-16.

    The table of a model has `currency`, `training_per_million_tokens` or (for reinforcement) `training_per_hour`, and
    optionally `hosting_per_hour`; a table within it that has the name of a training tier overrides them for that tier.

    Raises InvalidInput, naming the key and showing the expected lines, if the file is invalid or has no price for the
    model.
    """
    try:
        return _price_of(offer, Path(path), tier or offer.default_tier)
    except InvalidInput as error:
        lines = "\n".join(f"  {line}" for line in price_lines(offer, "1.50", hosting="1.70"))
        raise InvalidInput(
            f"{error}\nexpected lines such as (the numbers are examples):\n{lines}\n"
            "try: maas estimate --prices-template > prices.toml"
        ) from None


def foundry_template(offers: Iterable[FoundryOffer]) -> str:
    """Return the tables of models in a price file to fill in."""
    return "".join(
        "\n" + "\n".join(price_lines(offer, "nan", hosting="nan", explained=True)) + "\n" for offer in offers
    )


def price_lines(offer: FoundryOffer, training: str, *, hosting: str, explained: bool = False) -> tuple[str, ...]:
    """Return the lines of a model in a price file."""
    by_hour = offer.methods == ("reinforcement",)
    note = "of training" if by_hour else "of training tokens: those of a file times the epochs"
    return (
        f'[models."{offer.name}"]',
        f"{_HOUR if by_hour else _TOKENS} = {training}{f'  # {note}, {offer.default_tier}' if explained else ''}",
        f'{CURRENCY} = "USD"',
        f"# {_HOSTING} = {hosting}  # optional: of a Standard or GlobalStandard deployment, used or not",
    )


def _price_of(offer: FoundryOffer, file: Path, tier: TrainingTier) -> FoundryPrice:
    content = content_of(file)
    if items_of(content) is not None:
        raise InvalidInput(f"{file}: a response of the price API is understood for models of Azure ML only")
    tables = tables_in(file, content)
    names = [name.lower() for name in offer.names]
    wanted = next((name for name in tables if name.lower() in names), None)
    if wanted is None:
        listed = ", ".join(map(escape, tables)) or "none"
        raise InvalidInput(f"{file}: there is no price for {offer.name}; the prices are for: {listed}")
    return _price(
        file, f'models."{escape(wanted)}"', table_at(file, f'models."{escape(wanted)}"', tables[wanted]), tier
    )


def _price(file: Path, name: str, entry: Mapping[str, object], tier: TrainingTier) -> FoundryPrice:
    of_tiers = {key: value for key, value in entry.items() if is_object(value) and tier_named(key)}
    own = {key: value for key, value in entry.items() if key not in of_tiers}
    refuse_others(file, f"{name}.", own, {*_KEYS, *(each for each in TIERS)})
    for key, table in of_tiers.items():
        refuse_others(file, f"{name}.{escape(key)}.", table_at(file, f"{name}.{escape(key)}", table), set(_KEYS))
        if tier_named(key) == tier:
            own, name = {**own, **table_at(file, key, table)}, f"{name}.{escape(key)}"
    if _TOKENS not in own and _HOUR not in own:
        raise InvalidInput(f"{file}: {name} has neither {_TOKENS} nor {_HOUR}")
    amounts = {key: amount(file, f"{name}.{key}", own[key]) for key in (_TOKENS, _HOUR, _HOSTING) if key in own}
    return FoundryPrice(currency=currency_at(file, name, own), **amounts)
