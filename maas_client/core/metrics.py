"""Metrics of a training: one value, how the service may write it, and what the losses are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf

from .plain_values import PlainValue
from .timestamps import parse_timestamp

LOSSES: Mapping[str, str] = {"loss": "loss", "eval_loss": "eval loss"}
"""The metrics of training and validation loss, and their labels."""


@dataclass(frozen=True, slots=True)
class MetricPoint(PlainValue):
    """One value of a metric. `step` counts optimizer steps, `at` is the service's timestamp (ISO 8601)."""

    step: int
    value: float
    at: str = ""

    @property
    def time(self) -> datetime | None:
        """When it was measured, with its time zone; None if the service does not say."""
        return parse_timestamp(self.at)


def metric_value(value: object) -> float | None:
    """Return a metric's value from JSON, NaN and the infinities included; None if it is not a number.

    A number may be a JSON number, one of the literals NaN and Infinity that Python's json writes, or text: JSON has no
    NaN, so .NET and protobuf write "NaN", "Infinity" and "-Infinity", and other writers "nan", "inf" or "∞".
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value.strip().replace("∞", "inf") if isinstance(value, str) else value)
    except OverflowError:  # an integer that no float can hold
        return inf if isinstance(value, int) and value > 0 else -inf
    except ValueError:
        return None
