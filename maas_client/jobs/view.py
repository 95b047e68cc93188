"""A job and what run history knows of it at one moment: its clocks, its curves and what they warn of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.metrics import MetricPoint
from ..core.timestamps import moment
from .alarms import Alarm, alarms
from .job import Job
from .run_history import RunDetails


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it stood at `at`. A notebook draws it with its curve."""

    job: Job
    details: RunDetails
    metrics: Mapping[str, Sequence[MetricPoint]]
    at: datetime

    @property
    def queued(self) -> timedelta | None:
        """How long the job has waited for its training to begin."""
        created = moment(self.job.created_at)
        end = moment(self.details.started) or moment(self.details.ended) or self.at
        return None if created is None else _whole(end - created)

    @property
    def running(self) -> timedelta | None:
        """How long it has trained; None before it began."""
        started = moment(self.details.started)
        return None if started is None else _whole((moment(self.details.ended) or self.at) - started)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What its curves warn of."""
        return alarms(self.metrics)

    def __str__(self) -> str:
        loss = self.metrics.get("loss")
        measured = f", step {loss[-1].step}, loss {loss[-1].value:.4g}" if loss else ""
        return f"{self.job}{measured}"

    def _repr_html_(self) -> str:
        from ..notebook.views import job_view_html

        return job_view_html(self)


def _whole(span: timedelta) -> timedelta:
    """Return a span in whole seconds; clocks that differ never make it negative."""
    return timedelta(seconds=max(0, int(span.total_seconds())))
