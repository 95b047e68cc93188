"""Training prices from a small file, by model. None are built in."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from ...catalog.model_facts import ModelFacts
from ...core.errors import InvalidInput
from ...core.json_fields import is_object
from ...core.text_files import decode
from ..rows.excerpt import escape

_TRAINING, _CURRENCY, _HOSTING = "training_per_million_tokens", "currency", "hosting_per_hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A model's prices: training per million tokens, and hosting per hour if known."""

    training_per_million_tokens: float
    currency: str
    hosting_per_hour: float | None = None


def price_of(model: ModelFacts, path: str | PathLike[str]) -> Price:
    """Read a model's prices from a TOML file, or a JSON file if its name ends in .json; in UTF-8 or UTF-16.

    The file has a table `models` with a table for each model, by name: `training_per_million_tokens`, `currency` and
    optionally `hosting_per_hour`.

    Raises InvalidInput, naming the key, if the file is invalid or has no price for the model.
    """
    file = Path(path)
    tables = _tables(file)
    wanted = next((name for name in tables if name.lower() == model.name.lower()), None)
    if wanted is None:
        listed = ", ".join(map(escape, tables)) or "none"
        raise InvalidInput(f"{file}: there is no price for {model.name}; the prices are for: {listed}")
    return _price(file, f'models."{escape(wanted)}"', tables[wanted])


def _tables(file: Path) -> Mapping[str, object]:
    try:
        text = decode(file.read_bytes())
        content: object = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{file}: the prices cannot be read: {error}") from None
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
