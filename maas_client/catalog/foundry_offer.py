"""Dated facts about a model that can be tuned on Azure AI Foundry. Nothing here reads a clock: dates are passed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ..core.plain_values import PlainValue
from .model_facts import Source
from .tuning_methods import TIERS, TrainingTier, TuningMethod

Serving = Literal["serverless", "managed compute or Fireworks", "special", "unknown"]
"""How a tuned model is served; this package makes serverless deployments."""

_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundryOffer(PlainValue):
    """What Azure AI Foundry offers for one model. `name` is its id in a request, `aliases` are other spellings.

    `standard_regions` are those of regional training and deployments, `global_regions` those whose accounts can train
    globally; empty if unknown. `new_customers_until` and `training_until` are the earliest days on which training
    ends, for accounts that have not tuned the model before and for all; `deployments_until` is the day on which
    deployments of tuned models end. `continuous` says whether a tuned model can be tuned again, `encoding` is
    tiktoken's.
    """

    name: str
    methods: tuple[TuningMethod, ...]
    tiers: tuple[TrainingTier, ...]
    serving: Serving
    sources: tuple[Source, ...]
    aliases: tuple[str, ...] = ()
    deployment_skus: tuple[str, ...] = ()
    standard_regions: tuple[str, ...] = ()
    global_regions: tuple[str, ...] = ()
    new_customers_until: date | None = None
    training_until: date | None = None
    deployments_until: date | None = None
    vision: bool = False
    reasoning: bool = False
    open_weights: bool = False
    continuous: bool = False
    preview: bool = False
    access: str = ""
    encoding: str | None = None

    @property
    def default_tier(self) -> TrainingTier:
        """The tier of a job that names none: global where it is offered, which costs less than a region."""
        return next(tier for tier in TIERS if tier in self.tiers)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that it is found by: with and without the date of its version."""
        return tuple(dict.fromkeys((self.name, _DATED.sub("", self.name), *self.aliases)))

    def training_retired(self, on: date) -> bool:
        """Return whether training may have ended for everybody by that day."""
        return self.training_until is not None and on >= self.training_until

    def for_existing_customers(self, on: date) -> bool:
        """Return whether by that day only accounts that have tuned the model before may continue."""
        return self.new_customers_until is not None and on >= self.new_customers_until

    def status_line(self, on: date) -> str:
        """Return one sentence on the model's availability on that day."""
        what = f"Fine-tuning of {self.name} ({', '.join(self.methods)})"
        if self.training_retired(on):
            line = f"{what} ends no earlier than {self.training_until}, which has passed"
        elif self.for_existing_customers(on):
            line = f"{what} is for existing customers only since {self.new_customers_until}"
        elif self.training_until:
            line = f"{what} is offered until {self.training_until} or later"
        else:
            line = f"{what} is offered"
        served = f"; deployments of tuned models end on {self.deployments_until}" if self.deployments_until else ""
        preview = " It is in preview." if self.preview else ""
        return f"{line}{served}.{preview}{f' {self.access}' if self.access else ''}"
