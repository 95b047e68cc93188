"""How the models of both surfaces are shown: the columns of the list, the fields of one model, and their JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields as dataclass_fields
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from ...catalog.architecture_facts import architecture_document, architecture_line, architecture_source
from ...catalog.foundry_offer import FoundryOffer
from ...catalog.model_facts import ModelFacts, Source

if TYPE_CHECKING:
    from ...catalog.surface_of_model import Surface

Model = ModelFacts | FoundryOffer


def columns(today: date) -> Mapping[str, Callable[[Model], object]]:
    """Return the columns of the list."""
    return {
        "name": lambda model: model.name,
        "surface": surface,
        "methods": methods,
        "fine-tuning": lambda model: state(model, today),
        "tiers": lambda model: getattr(model, "tiers", None),
        "context": lambda model: getattr(model, "context_tokens", None),
        "regions": _regions,
        "successor": lambda model: getattr(model, "successor", None),
    }


def more_columns() -> Mapping[str, Callable[[Model], object]]:
    """Return the columns that the list shows only if --fields names them: every fact of either surface."""
    names = [field.name for kind in (ModelFacts, FoundryOffer) for field in dataclass_fields(kind)]
    return {name: partial(_fact, name) for name in names}


def _fact(name: str, model: Model) -> object:
    return getattr(model, name, None)


def surface(model: Model) -> Surface:
    """Return the surface that tunes a model."""
    return "foundry" if isinstance(model, FoundryOffer) else "azureml"


def methods(model: Model) -> tuple[str, ...]:
    """Return the methods by which a model can be tuned."""
    return model.methods if isinstance(model, FoundryOffer) else ("supervised",)


def state(model: Model, today: date) -> str:
    """Return the fine-tuning status of a model today."""
    return _state_of_offer(model, today) if isinstance(model, FoundryOffer) else _state_of_facts(model, today)


def is_over(model: Model, today: date) -> bool:
    """Return whether a model cannot be tuned any more, or never could."""
    if isinstance(model, FoundryOffer):
        return model.training_retired(today)
    return model.finetune_retired(today) or model.is_retired(today) or not model.serverless_finetuning


def document(model: Model, today: date) -> dict[str, Any]:
    """Return a model as JSON has it: its facts, its surface and its status today."""
    known = model.to_dict() if isinstance(model, FoundryOffer) else _document_of_facts(model)
    about = {"surface": surface(model), "methods": list(methods(model))}
    return {**known, **about, "today": model.status_line(today), "state": state(model, today)}


def shown_fields(model: Model, today: date) -> dict[str, object]:
    """Return the fields of one model."""
    return _fields_of_offer(model, today) if isinstance(model, FoundryOffer) else _fields_of_facts(model, today)


def _regions(model: Model) -> object:
    if isinstance(model, ModelFacts):
        return model.finetune_regions
    return f"{len(model.global_regions)} regions" if model.global_regions else None


def _document_of_facts(facts: ModelFacts) -> dict[str, Any]:
    return {**asdict(facts), "architecture": architecture_document(facts.name)}


def _state_of_facts(facts: ModelFacts, today: date) -> str:
    if not facts.serverless_finetuning:
        return "never offered"
    if facts.finetune_retired(today) or facts.is_retired(today):
        ends = facts.finetune_until, facts.finetune_retirement, facts.inference_retirement
        return f"ended {min(end for end in ends if end is not None)}"
    if facts.finetune_from is not None and today < facts.finetune_from:
        return f"from {facts.finetune_from}"
    return f"until {facts.finetune_retirement}" if facts.finetune_retirement else "open"


def _state_of_offer(offer: FoundryOffer, today: date) -> str:
    if offer.training_retired(today):
        return f"ended {offer.training_until}"
    if offer.for_existing_customers(today):
        return "existing customers only"
    if offer.preview:
        return "preview"
    return f"until {offer.training_until}" if offer.training_until else "open"


def _fields_of_facts(facts: ModelFacts, today: date) -> dict[str, object]:
    return {
        "name": facts.name,
        "surface": "Azure ML",
        "today": facts.status_line(today),
        "version": facts.version,
        "id": facts.registry_id(facts.version),
        "licence": facts.licence,
        "parameters": facts.parameters,
        "context": facts.context_tokens,
        "architecture": architecture_line(facts.name),
        "longest answer": facts.max_output_tokens,
        "fine-tuning": state(facts, today),
        "fine-tune regions": facts.finetune_regions,
        "deploy regions": facts.deploy_regions,
        "successor": facts.successor,
        "roles": facts.template.roles,
        "tools": _yes_or_no(facts.template.tools),
        "availability": facts.availability,
        "sources": [*_sources(facts), _written(architecture_source(facts.name))],
    }


def _fields_of_offer(offer: FoundryOffer, today: date) -> dict[str, object]:
    return {
        "name": offer.name,
        "surface": "Azure AI Foundry",
        "today": offer.status_line(today),
        "also found as": offer.names[1:],
        "methods": offer.methods,
        "training tiers": [f"{tier} (default)" if tier == offer.default_tier else tier for tier in offer.tiers],
        "served by": offer.serving,
        "deployment skus": offer.deployment_skus,
        "standard regions": offer.standard_regions,
        "global regions": offer.global_regions,
        "training until": offer.training_until,
        "deployments until": offer.deployments_until,
        "images": _yes_or_no(offer.vision),
        "reasoning": _yes_or_no(offer.reasoning),
        "open weights": _yes_or_no(offer.open_weights),
        "can be tuned again": _yes_or_no(offer.continuous),
        "sources": _sources(offer),
    }


def _sources(model: Model) -> list[str]:
    return [_written(source) for source in model.sources]


def _written(source: Source) -> str:
    return f"{source.document} ({source.date or 'no date'})"


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
