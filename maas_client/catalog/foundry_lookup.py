"""Looking up what Azure AI Foundry offers. The facts are in `foundry_models.json`, each model with its sources."""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from ..core.errors import UnknownModel
from ..core.json_fields import day
from .foundry_offer import FoundryOffer
from .model_facts import Source

TUNED = ".ft-"
"""What stands between the base model and the job in the id of a tuned model."""

CHECKPOINT = "ftchkpt-"
"""How the id of a checkpoint begins, which a deployment names as its model."""

_OF_AZURE_ML = ("phi-", "azureml:", "/subscriptions/")
"""How names and ids of models that Azure ML tunes begin, in lower case."""

_DATES = ("new_customers_until", "training_until", "deployments_until")
_LISTS = ("methods", "tiers", "aliases", "deployment_skus", "standard_regions")


def list_offers() -> tuple[FoundryOffer, ...]:
    """Return every model that can be tuned on Azure AI Foundry."""
    return _load()


def find_offer(name: str) -> FoundryOffer:
    """Return what Azure AI Foundry offers for a model, by its id in any case, or by its name without a date.

    Raises UnknownModel, with the nearest names; for a model that only Azure ML tunes it says so.
    """
    offer = known_offer(name)
    if offer is not None:
        return offer
    raise unknown_offer(name)


def unknown_offer(name: str, *, instead: str = "") -> UnknownModel:
    """Return the error about a model that Azure AI Foundry does not tune; `instead` is what to do about it."""
    elsewhere = "Azure ML (--surface azureml), not on Azure AI Foundry" if is_of_azure_ml(name) else ""
    return UnknownModel(name, nearest_offers(name), elsewhere=elsewhere, instead=instead)


def known_offer(name: str) -> FoundryOffer | None:
    """Return what Azure AI Foundry offers for a model, or None."""
    wanted = name.strip().lower()
    return next((offer for offer in list_offers() if wanted in map(str.lower, offer.names)), None)


def nearest_offers(name: str) -> tuple[str, ...]:
    """Return up to three models of Azure AI Foundry whose names look like this one."""
    names = {spelling.lower(): offer.name for offer in list_offers() for spelling in offer.names}
    close = (names[found] for found in get_close_matches(name.strip().lower(), names, n=6, cutoff=0.5))
    return tuple(dict.fromkeys(close))[:3]


def base_of_tuned(model: str) -> str | None:
    """Return the base model's name in the id of a tuned model (`BASE.ft-JOB[-SUFFIX]`); None for any other name."""
    base, mark, _ = model.strip().partition(TUNED)
    return base if base and mark else None


def is_tuned(model: str) -> bool:
    """Return whether a name is that of a model that Azure AI Foundry has tuned, or of a checkpoint of one."""
    return base_of_tuned(model) is not None or model.strip().startswith(CHECKPOINT)


def is_of_azure_ml(model: str) -> bool:
    """Return whether a model is tuned on Azure ML: it is of the family in that catalogue, or has an id there."""
    return model.strip().lower().startswith(_OF_AZURE_ML)


@cache
def _load() -> tuple[FoundryOffer, ...]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("foundry_models.json").read_text(encoding="utf-8"))
    sources = {
        key: Source(document=source["document"], date=day(source["date"])) for key, source in content["sources"].items()
    }
    return tuple(_offer(model, content["region_sets"], sources) for model in content["models"])


def _offer(model: dict[str, Any], region_sets: dict[str, list[str]], sources: dict[str, Source]) -> FoundryOffer:
    facts = dict(model)
    regions = chain.from_iterable(region_sets[name] for name in facts.pop("global_region_sets", ()))
    without = facts.pop("without_regions", ())
    read: dict[str, Any] = {
        **{key: day(facts[key]) for key in _DATES if key in facts},
        **{key: tuple(facts[key]) for key in _LISTS if key in facts},
        "global_regions": tuple(sorted(region for region in regions if region not in without)),
        "sources": tuple(sources[key] for key in facts["sources"]),
    }
    return FoundryOffer(**{**facts, **read})
