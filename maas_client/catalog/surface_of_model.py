"""Which surface tunes a model: Azure ML or Azure AI Foundry."""

from __future__ import annotations

from ..core.errors import UnknownModel
from ..core.surfaces import Surface as Surface
from .foundry_lookup import base_of_tuned, is_of_azure_ml, is_tuned, known_offer, nearest_offers
from .foundry_offer import FoundryOffer
from .lookup import find_model
from .model_facts import ModelFacts
from .model_id import ModelName

SURFACES: tuple[Surface, ...] = ("azureml", "foundry")


def surface_of(model: str) -> Surface | None:
    """Return the surface that tunes a model, from its name or id; None for a model that neither catalogue has.

    A tuned model's id (`BASE.ft-JOB`) and a checkpoint's (`ftchkpt-…`) are Foundry's; an asset's id and `NAME:VERSION`
    are Azure ML's.
    """
    if is_tuned(model) or known_offer(model):
        return "foundry"
    return "azureml" if is_of_azure_ml(model) or ModelName.parse(model).version else None


def find_on_any_surface(name: str) -> ModelFacts | FoundryOffer:
    """Return a model of either catalogue, by its name or id; for a tuned model of Foundry its base model.

    Raises UnknownModel, with the nearest names of both.
    """
    if offer := known_offer(base_of_tuned(name) or name):
        return offer
    try:
        return find_model(name)
    except UnknownModel as error:
        raise UnknownModel(name, (*error.nearest, *nearest_offers(name))[:3]) from None
