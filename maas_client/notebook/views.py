"""What lives in the workspace, as a notebook draws it: jobs with their curves, sweeps, endpoints, data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..rendering.curve_svg import curve_svg
from ..rendering.curves import SERIES
from ..rendering.html import address, card, fields, link, state, table, text
from .chat_views import reply_parts

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint
    from ..datasets.dataset import Dataset
    from ..endpoints.endpoint import Endpoint
    from ..jobs.job import Job
    from ..jobs.view import JobView
    from ..sweeps.grid import Sweep
    from ..workflow.steps import PipelineResult

LONGEST_TITLE = 40
"""Characters for which there is room above a curve; the whole name stands above the drawing."""


def job_html(job: Job) -> str:
    """Draw a job."""
    return card(f"job {job.name}", _job_fields(job))


def job_view_html(view: JobView) -> str:
    """Draw a job with its clocks, its curve, what that warns of, and why the job failed."""
    clocks = [("queued", text(view.queued)), ("running", text(view.running))]
    failure = ": ".join(filter(None, (view.details.error_code, view.details.error_message)))
    warnings = [f'<p class="bad">{address(each)}</p>' for each in (*view.alarms, *filter(None, [failure]))]
    curve = curve_html(view.metrics, view.job.name)
    return card(f"job {view.job.name}", _job_fields(view.job, *clocks), *warnings, curve)


def curve_html(metrics: Mapping[str, Sequence[MetricPoint]], title: str) -> str:
    """Draw a job's losses as an inline SVG; nothing where nothing was measured."""
    title = title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
    return curve_svg(metrics, title=title) if any(metrics.get(metric) for metric in SERIES) else ""


def _job_fields(job: Job, *clocks: tuple[str, str]) -> str:
    return fields(
        [
            ("status", state(job.status.value)),
            ("model", text(job.model)),
            ("tuned model", text(job.output_model)),
            ("training data", address(job.training_data)),
            ("validation data", address(job.validation_data)),
            ("hyperparameters", _pairs(job.hyperparameters)),
            ("created", _moment(job.created_at)),
            *clocks,
            ("studio", link(job.studio_url, "open in the studio") if job.studio_url else ""),
        ]
    )


def _pairs(values: Mapping[str, str]) -> str:
    return address(", ".join(f"{name}={value}" for name, value in values.items()))


def _moment(stamp: str) -> str:
    """Write a time stamp to the second."""
    return text(stamp[:19].replace("T", " "))


def endpoint_html(endpoint: Endpoint) -> str:
    """Draw an endpoint; a key is never among what is known of it."""
    return card(f"endpoint {endpoint.name}", _endpoint_fields(endpoint))


def _endpoint_fields(endpoint: Endpoint) -> str:
    return fields(
        [
            ("state", state(endpoint.state.value)),
            ("model", text(endpoint.model)),
            ("address", address(endpoint.scoring_url)),
            ("authentication", text(endpoint.auth_mode)),
            ("region", text(endpoint.location)),
            ("created", _moment(endpoint.created_at)),
        ]
    )


def dataset_html(dataset: Dataset) -> str:
    """Draw a data asset."""
    return card(
        f"data set {dataset.name}:{dataset.version}",
        fields(
            [
                ("address", address(dataset.uri)),
                ("created", _moment(dataset.created_at)),
                ("sent", f"{dataset.bytes_sent:,} bytes" if dataset.bytes_sent else ""),
            ]
        ),
    )


def sweep_html(sweep: Sweep) -> str:
    """Draw a sweep, the best job first."""
    rows = [
        [
            text(each.job.name if each.job else "-"),
            state(each.job.status.value if each.job else "not made"),
            _pairs(each.cell.hyperparameters),
            *("-" if loss is None else f"{loss:.4g}" for loss in (each.eval_loss, each.loss)),
            "-" if each.cost is None else f"{each.cost:,.2f} {text(sweep.currency)}",
        ]
        for each in sweep.outcomes
    ]
    titles = ["job", "status", "hyperparameters", "eval loss", "loss", "costs at most"]
    return card(f"sweep of {len(rows)}, the best one first", table(titles, rows))


def pipeline_html(result: PipelineResult) -> str:
    """Draw what a whole job came to: the job, its endpoint, and what that has answered."""
    parts = [_job_fields(result.job)]
    if result.endpoint is not None:
        parts += [f"<p>endpoint {text(result.endpoint.name)}</p>", _endpoint_fields(result.endpoint)]
    if result.reply is not None:
        parts += [f"<p>{text(result.prompt)}</p>", *reply_parts(result.reply)]
    return card(f"job {result.job.name}", *parts)
