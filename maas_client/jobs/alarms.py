"""Alarms from a job's curves: NaN or infinite losses, divergence, overfitting."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from ..core.metrics import LOSSES, MetricPoint
from ..core.plain_values import PlainValue

AlarmKind = Literal["not-a-number", "divergence", "overfitting"]

WINDOW = 10
"""Points of the training loss per window: a single step is too noisy."""

DIVERGED = 2.0
"""Times the least loss of a window from which on a loss has run away,"""

LEAST_RISE = 0.5
"""and by how much it has to have risen at the least: near 0 a factor says little."""

RISES = 3
"""Evaluations in a row that have to get worse"""

WORSE = 1.05
"""and the factor by which the last of them is worse than the best."""


@dataclass(frozen=True, slots=True)
class Alarm(PlainValue):
    """An alarm in a job's curves: which metric, at which step, and what it means."""

    kind: AlarmKind
    metric: str
    step: int
    message: str

    @property
    def is_fatal(self) -> bool:
        """Whether further training cannot improve the model."""
        return self.kind != "overfitting"

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON writes it."""
        return {"kind": self.kind, "metric": self.metric, "step": self.step, "message": self.message}

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


def alarms(metrics: Mapping[str, Sequence[MetricPoint]]) -> tuple[Alarm, ...]:
    """Return the alarms of a job's curves, each kind at most once per metric, in the order of steps.

    Args:
        metrics: points in the order of steps, by metric, as `jobs.metrics` returns them.

    Returns:
        `not-a-number`: a loss that is not finite. `divergence`: the mean of ten points is twice the least such mean
        before, and half a unit more. `overfitting`: three evaluations in a row got worse, the last by a twentieth of
        the best, while the training loss went down.
    """
    found = [*_not_numbers(metrics), *_divergence(metrics.get("loss", ())), *_overfitting(metrics)]
    return tuple(sorted(found, key=lambda alarm: alarm.step))


def _not_numbers(metrics: Mapping[str, Sequence[MetricPoint]]) -> Iterator[Alarm]:
    for metric in LOSSES:
        broken = next((point for point in metrics.get(metric, ()) if not math.isfinite(point.value)), None)
        if broken is not None:
            message = f"{metric} is {broken.value} at step {broken.step}; try a smaller learning rate"
            yield Alarm("not-a-number", metric, broken.step, message)


def _divergence(points: Sequence[MetricPoint]) -> Iterator[Alarm]:
    finite = [point for point in points if math.isfinite(point.value)]
    sums = [0.0, *accumulate(point.value for point in finite)]
    least = math.inf
    for end in range(WINDOW, len(finite) + 1):
        mean = (sums[end] - sums[end - WINDOW]) / WINDOW
        if mean >= max(least * DIVERGED, least + LEAST_RISE):
            step = finite[end - 1].step
            message = f"loss rose from {least:.4g} to {mean:.4g} by step {step}; try a smaller learning rate"
            yield Alarm("divergence", "loss", step, message)
            return
        least = min(least, mean)


def _overfitting(metrics: Mapping[str, Sequence[MetricPoint]]) -> Iterator[Alarm]:
    checks = [point for point in metrics.get("eval_loss", ()) if math.isfinite(point.value)]
    if not checks:
        return
    best = checks[0]
    for last, point in enumerate(checks):
        best = point if point.value < best.value else best
        recent = checks[max(last - RISES, 0) : last + 1]
        worse = len(recent) > RISES and all(later.value > earlier.value for earlier, later in pairwise(recent))
        if not worse or point.value < best.value * WORSE:
            continue
        if _falls(metrics.get("loss", ()), best.step, recent[-1].step):
            step = recent[-1].step
            message = (
                f"eval_loss rose from {best.value:.4g} (step {best.step}) to {recent[-1].value:.4g} at step {step}; "
                "fewer epochs or more data may help"
            )
            yield Alarm("overfitting", "eval_loss", step, message)
            return


def _falls(points: Sequence[MetricPoint], begin: int, end: int) -> bool:
    """Say whether the training loss goes down between two steps."""
    between = [point.value for point in points if begin <= point.step <= end and math.isfinite(point.value)]
    half = len(between) // 2
    return half > 0 and sum(between[half:]) / (len(between) - half) < sum(between[:half]) / half
