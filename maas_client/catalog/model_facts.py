"""Dated facts about models. Nothing here reads a clock: dates are passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ..core.plain_values import PlainValue
from .model_id import REGISTRY

ContentKind = Literal["string", "parts", "none"]
"""What the `content` of a message is: a string, a list of parts, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source document of facts, and its date if it has one."""

    document: str
    date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A family's chat template: the roles that it renders (None: any), and the kinds of `content` that it accepts.

    A turn whose content is of another kind ends the job: most templates add the content to a string, so that a list of
    parts or no content at all is an error. `tools` says whether tool definitions are rendered: as a string in the
    `tools` of a system message.
    """

    family: str
    roles: tuple[str, ...] | None
    tools: bool
    content: tuple[ContentKind, ...]

    def renders(self, role: str) -> bool:
        """Return whether messages of this role reach the model."""
        return self.roles is None or role in self.roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """The smallest VM size for fine-tuning on your own compute."""

    cpus: int
    gpus: int
    memory_gib: int
    disk_gib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The registry's training defaults for a model; None if it states none."""

    lora: bool | None = None
    deepspeed_stage: int | None = None
    learning_rate: float | None = None
    learning_rate_range: tuple[float, float] | None = None
    epochs: int | None = None
    batch_size: int | None = None
    gradient_accumulation_steps: int | None = None
    max_seq_length: int | None = None
    scheduler: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts(PlainValue):
    """The facts about one model. `version` is the latest known; `live` says whether the registry was queried.

    `parameter_count` counts what a full fine-tuning trains.
    """

    name: str
    version: str
    licence: str
    parameters: str
    parameter_count: int
    context_tokens: int
    max_output_tokens: int | None
    finetune_regions: tuple[str, ...]
    deploy_regions: tuple[str, ...]
    finetune_from: date | None
    finetune_until: date | None
    legacy: date | None
    finetune_deprecation: date | None
    finetune_retirement: date | None
    inference_deprecation: date | None
    inference_retirement: date | None
    successor: str | None
    availability: str
    template: Template
    tokenizer: str
    finetune_min_sku: Sku | None
    defaults: Defaults
    sources: tuple[Source, ...]
    archived: bool = False
    live: bool = False

    @property
    def serverless_finetuning(self) -> bool:
        """Whether it was ever offered for serverless fine-tuning."""
        return bool(self.finetune_regions)

    def registry_id(self, version: str | None = None) -> str:
        """Return the asset id, with a version only if one is given: base models are deployed without one."""
        base = f"azureml://registries/{REGISTRY}/models/{self.name}"
        return f"{base}/versions/{version}" if version else base

    def is_retired(self, on: date) -> bool:
        """Return whether the model is no longer served on that day."""
        return self.inference_retirement is not None and on >= self.inference_retirement

    def finetune_retired(self, on: date) -> bool:
        """Return whether serverless fine-tuning has ended by that day: withdrawn from the registry, or retired."""
        return any(end is not None and on >= end for end in (self.finetune_until, self.finetune_retirement))

    def status_line(self, on: date) -> str:
        """Return one sentence on the model's availability on that day, with its successor if there is one."""
        instead = f"; use {self.successor} instead" if self.successor else ""
        if self.is_retired(on):
            never = "" if self.serverless_finetuning else " and was never offered for serverless fine-tuning"
            return f"{self.name} was retired on {self.inference_retirement}{never}{instead}."
        if not self.serverless_finetuning:
            return f"{self.name} was never offered for serverless fine-tuning, only for inference{instead}."
        if self.finetune_retired(on):
            ended = min(end for end in (self.finetune_until, self.finetune_retirement) if end is not None)
            return f"Serverless fine-tuning of {self.name} ended on {ended}{instead}."
        where = ", ".join(self.finetune_regions)
        if self.finetune_from is not None and on < self.finetune_from:
            return f"{self.name} can be fine-tuned from {self.finetune_from} in {where}."
        ends = f" until {self.finetune_retirement}{instead}" if self.finetune_retirement else ""
        return f"{self.name} can be fine-tuned in {where}{ends}."
