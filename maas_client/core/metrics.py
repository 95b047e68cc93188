"""Metrics of a training: one value, and what the losses are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LOSSES: Mapping[str, str] = {"loss": "loss", "eval_loss": "eval loss"}
"""The metrics of training and validation loss, and their labels."""


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric. `step` counts optimizer steps, `at` is the service's timestamp (ISO 8601)."""

    step: int
    value: float
    at: str = ""
