"""What is known of jobs that are compared: how they differ, and which did best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...jobs.alarms import Alarm, alarms

if TYPE_CHECKING:
    from ... import Job, MetricPoint

CURVES = {"loss": "loss", "eval_loss": "eval loss"}
"""The metrics that can be compared, and what they are called."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the jobs, the letter that stands for it, what it has measured, and how long it has trained."""

    letter: str
    job: Job
    metrics: Mapping[str, Sequence[MetricPoint]]
    ran: timedelta | None

    def best(self, metric: str) -> MetricPoint | None:
        """Return the point with the least value of a metric."""
        finite = [point for point in self.metrics.get(metric, ()) if math.isfinite(point.value)]
        return min(finite, key=lambda point: point.value, default=None)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What its curves warn of."""
        return alarms(self.metrics)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON writes it."""
        best = {metric: self.best(metric) for metric in CURVES}
        return {
            "name": self.job.name,
            "status": self.job.status.value,
            "model": self.job.model,
            "training_data": self.job.training_data,
            "validation_data": self.job.validation_data,
            "hyperparameters": self.job.hyperparameters,
            "seconds": None if self.ran is None else self.ran.total_seconds(),
            "best": {metric: point and {"step": point.step, "value": point.value} for metric, point in best.items()},
            "alarms": [alarm.to_dict() for alarm in self.alarms],
        }


def ranking(jobs: Sequence[Compared]) -> list[Compared]:
    """Return the jobs, the best first; those that have measured nothing come last."""
    metric = "eval_loss" if any(each.best("eval_loss") for each in jobs) else "loss"
    return sorted(jobs, key=lambda each: best.value if (best := each.best(metric)) else math.inf)


def differences(jobs: Sequence[Job]) -> dict[str, list[str]]:
    """Return what the jobs were given differently, by its name: a value for each job, a dash for none."""
    given: dict[str, list[str]] = {"model": [job.model for job in jobs]}
    given["training data"] = [_asset(job.training_data) for job in jobs]
    given["validation data"] = [_asset(job.validation_data) for job in jobs]
    for name in sorted({name for job in jobs for name in job.hyperparameters}):
        given[name] = [job.hyperparameters.get(name, "-") for job in jobs]
    return {name: values for name, values in given.items() if len(set(values)) > 1}


def _asset(data: str) -> str:
    """Return the name and the version of a data asset, as far as its id has them."""
    return data.rpartition("/data/")[2].replace("/versions/", ":") or "-"
