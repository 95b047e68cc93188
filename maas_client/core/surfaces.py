"""The services that fine-tune models: their short names, as options spell them, and their titles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Surface = Literal["azureml", "foundry"]
"""A service that fine-tunes: Azure Machine Learning, or Azure AI Foundry."""

SURFACE_TITLES: Mapping[Surface, str] = {"azureml": "Azure Machine Learning", "foundry": "Azure AI Foundry"}
