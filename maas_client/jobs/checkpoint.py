"""Checkpoints of a job: tuned models of earlier steps, which can be deployed or copied to another account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..core.plain_values import PlainValue
from ..core.timestamps import parse_timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint(PlainValue):
    """A checkpoint: `endpoints.create(model=checkpoint.id)` deploys it.

    `model` is the tuned model's name with its step, `metrics` what was measured at that step.
    """

    id: str
    job: str
    step: int
    model: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    created_at: str = ""

    @property
    def created(self) -> datetime | None:
        """When it was created, with its time zone; None if the service does not say."""
        return parse_timestamp(self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointCopy(PlainValue):
    """The copy of a checkpoint in another account: `status` is InProgress, Completed or Failed."""

    checkpoint: str
    account_id: str
    region: str
    status: str
