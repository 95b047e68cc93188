"""Prices from a response of Azure's retail price API: which of its meters are those of a model's fine-tuning.

The API (https://prices.azure.com/api/retail/prices) documents the fields of an item but not how a meter is named. So a
meter counts only if its words name the model and say training or hosting, and its unit fits; all others are reported.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...catalog.lookup import list_models
from ...catalog.model_facts import ModelFacts
from ...core.json_fields import is_array, is_object
from ..rows.excerpt import escape

Item = Mapping[str, object]
_WORD = re.compile(r"[a-z0-9.]+")
_TOKENS = re.compile(r"(?P<count>[\d.,]+)\s*(?:(?P<factor>[km])(?:\s*tokens?)?|tokens?)", re.IGNORECASE)
_HOUR = re.compile(r"(?P<count>[\d.,]+)(?:\s*/)?\s*hours?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1e3, "m": 1e6}
_AFTER_A_MODEL = ("instruct", "ft", "fine", "finetun", "train", "host", "tuned", "custom")
"""How the word after a model's name begins: any other word, such as `reasoning`, makes it another model."""
_NAMED = 3
"""Ignored meters that a note names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retail:
    """What a response says of a model; `problem` says why it has no usable price."""

    training_per_million_tokens: float = 0.0
    currency: str = ""
    hosting_per_hour: float | None = None
    note: str = ""
    problem: str = ""


def items_of(content: object) -> Sequence[object] | None:
    """Return the items of a response, or of a list of items; None if the content is neither."""
    items = content.get("Items") if is_object(content) else content
    return items if is_array(items) else None


def retail_price(model: ModelFacts, items: Iterable[object]) -> Retail:
    """Find a model's prices among the items of a response."""
    found: dict[str, list[tuple[float, Item]]] = {"training": [], "hosting": []}
    ignored: list[str] = []
    for item in items:
        kind, price = _meter(model, item) if is_object(item) else ("", 0.0)
        if kind and is_object(item):
            found[kind].append((price, item))
        else:
            ignored.append(_name(item))
    if problem := _problem(model, found, ignored):
        return Retail(problem=problem)
    training, hosting = found["training"], found["hosting"]
    return Retail(
        training_per_million_tokens=training[0][0],
        currency=_text(training[0][1], "currencyCode"),
        hosting_per_hour=hosting[0][0] if hosting else None,
        note=_note(model, ignored),
    )


def _problem(model: ModelFacts, found: Mapping[str, list[tuple[float, Item]]], ignored: Sequence[str]) -> str:
    if not found["training"]:
        return f"none of the {len(ignored)} meters is a price for training {model.name}{_examples(model, ignored)}"
    for kind, prices in found.items():
        if len({price for price, _ in prices}) > 1:
            shown = ", ".join(f"{price:g} ({_text(item, 'armRegionName') or 'no region'})" for price, item in prices)
            return f"there are several prices for {kind} of {model.name}: {shown}; keep the items of your region"
    currencies = {_text(item, "currencyCode") for prices in found.values() for _, item in prices}
    if len(currencies) > 1 or not all(currencies):
        return f"the prices are in {' and '.join(sorted(currencies)) or 'no currency'}; `currencyCode` must be one"
    return ""


def _note(model: ModelFacts, ignored: Sequence[str]) -> str:
    if not ignored:
        return ""
    what = "1 meter was" if len(ignored) == 1 else f"{len(ignored)} meters were"
    return f"{what} ignored, as not for training or hosting {model.name}{_examples(model, ignored)}"


def _examples(model: ModelFacts, ignored: Sequence[str]) -> str:
    """Name a few meters, those that look most like the model's first."""
    words = set(_words(model.name))
    nearest = sorted(dict.fromkeys(ignored), key=lambda name: -len(words.intersection(_words(name))))[:_NAMED]
    return f": {', '.join(map(escape, nearest))}{', …' if len(set(ignored)) > _NAMED else ''}" if nearest else ""


def _meter(model: ModelFacts, item: Item) -> tuple[str, float]:
    """Return what an item is the price of, `training` or `hosting`, and the price; an empty string for neither."""
    words = [word for key in ("productName", "skuName", "meterName") for word in _words(_text(item, key))]
    price = item.get("retailPrice", item.get("unitPrice"))
    is_price = isinstance(price, int | float) and not isinstance(price, bool) and math.isfinite(price) and price >= 0
    is_plain = item.get("type", "Consumption") == "Consumption" and not item.get("tierMinimumUnits")
    if not is_plain or not is_price or _named(words) != model.name:
        return "", 0.0
    assert isinstance(price, int | float)
    unit = _text(item, "unitOfMeasure").strip()
    if any(word.startswith("train") for word in words) and (tokens := _TOKENS.fullmatch(unit)):
        count = _count(tokens["count"]) * _FACTORS[(tokens["factor"] or "").lower()]
        return ("training", price / count * 1e6) if count else ("", 0.0)
    if any(word.startswith("host") for word in words) and (hours := _HOUR.fullmatch(unit)):
        count = _count(hours["count"])
        return ("hosting", price / count) if count else ("", 0.0)
    return "", 0.0


def _named(words: Sequence[str]) -> str:
    """Return the model that a meter's words name, the longest name first; empty if they name none of the catalogue."""
    names = {facts.name: [word for word in _words(facts.name) if word != "instruct"] for facts in list_models()}
    for name, own in sorted(names.items(), key=lambda pair: -len(pair[1])):
        for start in range(len(words) - len(own) + 1):
            after = words[start + len(own) : start + len(own) + 1]
            if list(words[start : start + len(own)]) == own and all(word.startswith(_AFTER_A_MODEL) for word in after):
                return name
    return ""


def _count(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _text(item: Item, key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _name(item: object) -> str:
    return (_text(item, "meterName") if is_object(item) else "") or "an item without meterName"
