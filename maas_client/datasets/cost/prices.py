"""Training prices from a small file, by model, or from a response of Azure's price API. None are built in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput
from ..rows.excerpt import escape
from .price_file import CURRENCY, amount, content_of, currency_at, refuse_others, table_at, tables_in
from .retail_prices import Retail, items_of, retail_price

_TRAINING, _HOSTING = "training_per_million_tokens", "hosting_per_hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A model's prices: training per million tokens, and hosting per hour if known. `note` says what was ignored."""

    training_per_million_tokens: float
    currency: str
    hosting_per_hour: float | None = None
    note: str = ""


def price_of(model: ModelFacts, path: str | PathLike[str]) -> Price:
    """Read a model's prices from a TOML or JSON file, in UTF-8 or UTF-16.

    The file has a table `models` with a table for each model, by name: `training_per_million_tokens`, `currency` and
    optionally `hosting_per_hour`. A response of Azure's retail price API (`Items`) is understood as well.

    Raises InvalidInput, naming the key and showing the expected lines, if the file is invalid or has no price for the
    model.
    """
    try:
        return _price_of(model, Path(path))
    except InvalidInput as error:
        lines = "\n".join(f"  {line}" for line in _lines(model.name, "1.50", hosting="0.80"))
        raise InvalidInput(
            f"{error}\nexpected lines such as (the numbers are examples):\n{lines}\n"
            "try: maas estimate --prices-template > prices.toml"
        ) from None


def template(models: Iterable[ModelFacts]) -> str:
    """Return a price file to fill in, with a table for each model. Until then it is refused, not taken as free."""
    head = (
        "# Prices for `maas estimate --prices FILE` and --max-cost. None are built in: replace each nan by the price",
        '# on the model\'s page in the portal ("Pricing and terms"), and delete the models that you do not use.',
    )
    tables = ("\n".join(_lines(model.name, "nan", hosting="nan", explained=True)) for model in models)
    return "\n\n".join(("\n".join(head), *tables)) + "\n"


def _lines(model: str, training: str, *, hosting: str, explained: bool = False) -> tuple[str, ...]:
    """Return the lines of a model in a price file."""
    return (
        f'[models."{model}"]',
        f"{_TRAINING} = {training}" + ("  # of training tokens: those of a file times the epochs" if explained else ""),
        f'{CURRENCY} = "USD"',
        f"# {_HOSTING} = {hosting}  # optional: of the tuned model's deployment, used or not",
    )


def _price_of(model: ModelFacts, file: Path) -> Price:
    top = content_of(file)
    if (items := items_of(top)) is not None:
        return _retail(file, retail_price(model, items))
    tables = tables_in(file, top)
    wanted = next((name for name in tables if name.lower() == model.name.lower()), None)
    if wanted is None:
        listed = ", ".join(map(escape, tables)) or "none"
        raise InvalidInput(f"{file}: there is no price for {model.name}; the prices are for: {listed}")
    return _price(file, f'models."{escape(wanted)}"', tables[wanted])


def _retail(file: Path, retail: Retail) -> Price:
    if retail.problem:
        raise InvalidInput(f"{file}: {retail.problem}")
    return Price(
        training_per_million_tokens=retail.training_per_million_tokens,
        currency=retail.currency,
        hosting_per_hour=retail.hosting_per_hour,
        note=f"{file}: {retail.note}" if retail.note else "",
    )


def _price(file: Path, name: str, content: object) -> Price:
    entry = table_at(file, name, content)
    refuse_others(file, f"{name}.", entry, {_TRAINING, CURRENCY, _HOSTING})
    hosting = entry.get(_HOSTING)
    return Price(
        currency=currency_at(file, name, entry),
        training_per_million_tokens=amount(file, f"{name}.{_TRAINING}", entry.get(_TRAINING)),
        hosting_per_hour=None if hosting is None else amount(file, f"{name}.{_HOSTING}", hosting),
    )
