"""Which surface tunes a model: Azure ML or Azure AI Foundry."""

from __future__ import annotations

from typing import Literal

from .foundry_lookup import base_of_tuned, is_of_azure_ml, known_offer
from .model_id import ModelName

Surface = Literal["azureml", "foundry"]


def surface_of(model: str) -> Surface | None:
    """Return the surface that tunes a model, from its name or id; None for a model that neither catalogue has.

    A tuned model's id (`BASE.ft-JOB`) and a checkpoint's (`ftchkpt-…`) are Foundry's; an asset's id and `NAME:VERSION`
    are Azure ML's.
    """
    if base_of_tuned(model) or model.strip().startswith("ftchkpt-") or known_offer(model):
        return "foundry"
    return "azureml" if is_of_azure_ml(model) or ModelName.parse(model).version else None
