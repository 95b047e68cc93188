"""The fine-tuning that a plan is made for: a model, data, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..catalog.foundry_offer import FoundryOffer
from ..catalog.model_facts import ModelFacts
from ..core.errors import InvalidInput
from .training_size import TrainingSize

EFFECTIVE_BATCH = 8
"""Rows between two steps of the optimizer, of all GPUs together, where the batch is not larger anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A model, the data's size, and how it is trained. `data` is the file as it was named, for commands."""

    model: ModelFacts | FoundryOffer
    size: TrainingSize
    today: date
    data: str | None = None
    epochs: int = 3
    rank: int = 16
    batch_size: int = 1

    def __post_init__(self) -> None:
        for name, value in (("epochs", self.epochs), ("rank", self.rank), ("batch_size", self.batch_size)):
            if value < 1:
                raise InvalidInput(f"{name} must be at least 1, not {value}")

    def accumulation(self, gpus: int) -> int:
        """Return how often a step's gradients are added up: until the batch of all GPUs is large enough."""
        return max(EFFECTIVE_BATCH // (self.batch_size * gpus), 1)
