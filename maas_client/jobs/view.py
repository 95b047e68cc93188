"""A job and what run history knows of it at one moment: its clocks, its curves and what they warn of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.metrics import LOSSES, MetricPoint
from ..core.plain_values import PlainValue, brief
from ..core.timestamps import parse_timestamp
from ..rendering.curve_svg import curve_svg
from ..rendering.html import card, escaped, redacted
from .alarms import Alarm, alarms
from .job import Job, job_fields
from .run_details import RunDetails


@dataclass(frozen=True, slots=True)
class JobView(PlainValue):
    """A job as it stood at `at`. A notebook draws it with its curve."""

    job: Job
    details: RunDetails
    metrics: Mapping[str, Sequence[MetricPoint]]
    at: datetime

    @property
    def queued(self) -> timedelta | None:
        """How long the job has waited for its training to begin."""
        created = parse_timestamp(self.job.created_at)
        end = parse_timestamp(self.details.started) or parse_timestamp(self.details.ended) or self.at
        return None if created is None else _whole(end - created)

    @property
    def running(self) -> timedelta | None:
        """How long it has trained; None before it began."""
        started = parse_timestamp(self.details.started)
        return None if started is None else _whole((parse_timestamp(self.details.ended) or self.at) - started)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What its curves warn of."""
        return alarms(self.metrics)

    def __repr__(self) -> str:
        latest = {name: points[-1].value for name in LOSSES if (points := self.metrics.get(name))}
        clocks = {"queued": str(self.queued), "running": str(self.running)}
        about = {"name": self.job.name, "status": self.job.status.value, **clocks, **latest}
        return brief(type(self).__name__, {**about, "alarms": [each.kind for each in self.alarms]})

    def __str__(self) -> str:
        shown = next((name for name in ("loss", "reward") if self.metrics.get(name)), "")
        measured = f", step {(last := self.metrics[shown][-1]).step}, {shown} {last.value:.4g}" if shown else ""
        stage = f" ({self.details.stage})" if self.details.stage else ""
        return f"{self.job}{stage}{measured}"

    def _repr_html_(self) -> str:
        return job_view_html(self)


def _whole(span: timedelta) -> timedelta:
    """Return a span in whole seconds; clocks that differ never make it negative."""
    return timedelta(seconds=max(0, int(span.total_seconds())))


LONGEST_TITLE = 40
"""Characters for which there is room above a curve; the whole name stands above the drawing."""


def job_view_html(view: JobView) -> str:
    """Draw a job with its clocks, its curve, what that warns of, and why the job failed."""
    stage = [("stage", escaped(view.details.stage))] if view.details.stage else []
    clocks = [*stage, ("queued", escaped(view.queued)), ("running", escaped(view.running))]
    failure = ": ".join(filter(None, (view.details.error_code, view.details.error_message)))
    warnings = [f'<p class="bad">{redacted(each)}</p>' for each in (*view.alarms, *filter(None, [failure]))]
    curve = curve_html(view.metrics, view.job.name)
    return card(f"job {view.job.name}", job_fields(view.job, *clocks), *warnings, curve)


def curve_html(metrics: Mapping[str, Sequence[MetricPoint]], title: str) -> str:
    """Draw a job's losses as an inline SVG; nothing where nothing was measured."""
    title = title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
    return curve_svg(metrics, title=title) if any(metrics.get(metric) for metric in LOSSES) else ""
