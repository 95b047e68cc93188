"""The models of the catalogue by name. The facts are in `catalog.json`, each with its source documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from ..core.errors import UnknownModel
from ..core.json_fields import day
from .model_facts import Defaults, ModelFacts, Sku, Source, Template
from .model_id import REGISTRY, ModelName


def list_models() -> tuple[ModelFacts, ...]:
    """Return every model of the catalogue, oldest family first."""
    return _load()


def find_model(name: str) -> ModelFacts:
    """Return a model by its case-insensitive name, or by its registry id, whose version is then used.

    Raises UnknownModel, with the nearest names.
    """
    wanted = ModelName.parse(name)
    plain = wanted.name if wanted.registry == REGISTRY else name
    for facts in list_models():
        if facts.name.lower() == plain.lower():
            return replace(facts, version=wanted.version) if wanted.version else facts
    raise unknown_model(name, plain)


def unknown_model(name: str, plain: str) -> UnknownModel:
    """Return the error about a model that Azure ML does not have, with the nearest names or the surface that has it."""
    from .foundry_lookup import known_offer  # here: only an error needs it

    elsewhere = "Azure AI Foundry (--surface foundry), not on Azure ML" if known_offer(plain) else ""
    return UnknownModel(name, nearest(plain), elsewhere=elsewhere)


def nearest(name: str) -> tuple[str, ...]:
    """Return up to three names of the catalogue that look like this one."""
    names = {facts.name.lower(): facts.name for facts in list_models()}
    return tuple(names[close] for close in get_close_matches(name.lower(), names, cutoff=0.5))


@cache
def _load() -> tuple[ModelFacts, ...]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("catalog.json").read_text(encoding="utf-8"))
    sources = {
        key: Source(document=source["document"], date=day(source["date"])) for key, source in content["sources"].items()
    }
    templates = {
        family: Template(
            family=family, roles=_tuple(template["roles"]), tools=template["tools"], content=tuple(template["content"])
        )
        for family, template in content["templates"].items()
    }
    return tuple(_facts(model, sources, templates) for model in content["models"])


def _facts(model: dict[str, Any], sources: Mapping[str, Source], templates: Mapping[str, Template]) -> ModelFacts:
    sku, defaults = model["finetune_min_sku"], model["defaults"]
    dates = "finetune_from", "finetune_until", "legacy", "finetune_deprecation", "finetune_retirement"
    read: dict[str, Any] = {
        **{key: day(model[key]) for key in (*dates, "inference_deprecation", "inference_retirement")},
        **{key: tuple(model[key]) for key in ("finetune_regions", "deploy_regions")},
        "template": templates[model["template"]],
        "sources": tuple(sources[key] for key in model["sources"]),
        "finetune_min_sku": Sku(**sku) if sku else None,
        "defaults": Defaults(**{**defaults, "learning_rate_range": _tuple(defaults.get("learning_rate_range"))}),
    }
    return ModelFacts(**{**model, **read})


def _tuple(value: Any) -> Any:
    return None if value is None else tuple(value)


def known(model: str) -> ModelFacts | None:
    """Return the catalogue's facts about a base model, or None."""
    try:
        return find_model(ModelName.parse(model).name)
    except UnknownModel:
        return None
