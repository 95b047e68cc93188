"""One value of a metric of a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric. `step` counts optimizer steps, `at` is the service's time stamp (ISO 8601)."""

    step: int
    value: float
    at: str = ""
