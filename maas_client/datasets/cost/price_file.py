"""A file of prices, TOML or JSON: a table `models` with a table for each model, in which every key is checked.

A table `machines`, of what machines cost by the hour, may be beside it.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from ...core.errors import InvalidInput
from ...core.json_fields import is_object
from ...core.text_files import decode
from ..rows.excerpt import escape

CURRENCY = "currency"
_JSON = re.compile(r"\s*(?:\{|\[\s*[{\]])")
"""How JSON begins and TOML does not: an object, or a list of objects."""


def content_of(file: Path) -> object:
    """Return what a file of prices holds; raise InvalidInput if it cannot be read."""
    try:
        text = decode(file.read_bytes())
        content: object = json.loads(text) if file.suffix == ".json" or _JSON.match(text) else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{file}: the prices cannot be read: {error}") from None
    return content


def tables_in(file: Path, content: object) -> Mapping[str, object]:
    """Return the tables of the models, by name."""
    return table_at(file, "models", _top(file, content).get("models"))


def model_names_in(file: Path, content: object) -> list[str] | None:
    """Return the models that a price file has tables for; None for a saved response of the price API."""
    if not is_object(content) or "Items" in content:
        return None
    return list(table_at(file, "models", _top(file, content).get("models", {})))


def machine_tables_in(file: Path, content: object) -> Mapping[str, object]:
    """Return the tables of the machines by name, none where the file has no such table."""
    if not is_object(content) or "Items" in content:
        return {}  # a saved response of the price API is about models
    return table_at(file, "machines", _top(file, content).get("machines", {}))


def _top(file: Path, content: object) -> Mapping[str, object]:
    top = table_at(file, "the file", content)
    refuse_others(file, "", top, {"models", "machines"})
    return top


def currency_at(file: Path, name: str, entry: Mapping[str, object]) -> str:
    """Return the currency of a model's prices."""
    currency = entry.get(CURRENCY)
    if isinstance(currency, str) and currency.strip():
        return currency.strip()
    raise InvalidInput(f'{file}: {name}.{CURRENCY} must be a string such as "USD", but is {_shown(currency)}')


def amount(file: Path, name: str, value: object) -> float:
    """Return a price, which is a number of 0 or more."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return float(value)
    raise InvalidInput(f"{file}: {name} must be a non-negative number, but is {_shown(value)}")


def table_at(file: Path, name: str, value: object) -> Mapping[str, object]:
    """Return a table, or raise InvalidInput."""
    if not is_object(value):
        raise InvalidInput(f"{file}: {name} must be a table of prices, but is {_shown(value)}")
    return value


def refuse_others(file: Path, where: str, table: Mapping[str, object], known: set[str]) -> None:
    """Reject unknown keys: a misspelled one would go unnoticed."""
    for key in table:
        if key not in known:
            raise InvalidInput(
                f"{file}: {where}{escape(key)} is an unknown key; known keys are {', '.join(sorted(known))}"
            )


def _shown(value: object) -> str:
    return "missing" if value is None else escape(repr(value))
