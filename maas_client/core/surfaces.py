"""The services that fine-tune models: their short names, as options spell them, and their titles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .errors import NotOffered

Surface = Literal["azureml", "foundry"]
"""A service that fine-tunes: Azure Machine Learning, or Azure AI Foundry."""

SURFACE_TITLES: Mapping[Surface, str] = {"azureml": "Azure Machine Learning", "foundry": "Azure AI Foundry"}


def not_offered(operation: str, surface: Surface, *, offered_by: Surface, instead: str = "") -> NotOffered:
    """Return the error for what a service lacks, and another offers; `instead` says what can be done here."""
    return NotOffered(operation, SURFACE_TITLES[surface], offered_by=[SURFACE_TITLES[offered_by]], instead=instead)
