"""Training prices from a small file, by model, or from a response of Azure's price API. None are built in."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput
from ...core.json_fields import is_object
from ...core.text_files import decode
from ..rows.excerpt import escape
from .retail_prices import Retail, items_of, retail_price

_TRAINING, _CURRENCY, _HOSTING = "training_per_million_tokens", "currency", "hosting_per_hour"
_JSON = re.compile(r"\s*(?:\{|\[\s*[{\]])")
"""How JSON begins and TOML does not: an object, or a list of objects."""


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
        f'{_CURRENCY} = "USD"',
        f"# {_HOSTING} = {hosting}  # optional: of the tuned model's deployment, used or not",
    )


def _price_of(model: ModelFacts, file: Path) -> Price:
    top = _content(file)
    if (items := items_of(top)) is not None:
        return _retail(file, retail_price(model, items))
    tables = _tables(file, top)
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


def _content(file: Path) -> object:
    try:
        text = decode(file.read_bytes())
        content: object = json.loads(text) if file.suffix == ".json" or _JSON.match(text) else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{file}: the prices cannot be read: {error}") from None
    return content


def _tables(file: Path, content: object) -> Mapping[str, object]:
    top = _table(file, "the file", content)
    _refuse_others(file, "", top, {"models"})
    return _table(file, "models", top.get("models"))


def _price(file: Path, name: str, content: object) -> Price:
    entry = _table(file, name, content)
    _refuse_others(file, f"{name}.", entry, {_TRAINING, _CURRENCY, _HOSTING})
    currency = entry.get(_CURRENCY)
    if not isinstance(currency, str) or not currency.strip():
        raise InvalidInput(f'{file}: {name}.{_CURRENCY} must be a string such as "USD", but is {_shown(currency)}')
    hosting = entry.get(_HOSTING)
    return Price(
        training_per_million_tokens=_amount(file, f"{name}.{_TRAINING}", entry.get(_TRAINING)),
        currency=currency.strip(),
        hosting_per_hour=None if hosting is None else _amount(file, f"{name}.{_HOSTING}", hosting),
    )


def _amount(file: Path, name: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return float(value)
    raise InvalidInput(f"{file}: {name} must be a non-negative number, but is {_shown(value)}")


def _table(file: Path, name: str, value: object) -> Mapping[str, object]:
    if not is_object(value):
        raise InvalidInput(f"{file}: {name} must be a table of prices, but is {_shown(value)}")
    return value


def _refuse_others(file: Path, where: str, table: Mapping[str, object], known: set[str]) -> None:
    """Reject unknown keys: a misspelled one would go unnoticed."""
    for key in table:
        if key not in known:
            raise InvalidInput(
                f"{file}: {where}{escape(key)} is an unknown key; known keys are {', '.join(sorted(known))}"
            )


def _shown(value: object) -> str:
    return "missing" if value is None else escape(repr(value))
