"""What each value of ours looks like in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..curve import SERIES
from ..curve_svg import curve_svg
from .html import bars, card, fields, link, state, table, text

if TYPE_CHECKING:
    from ..datasets.report import Report
    from ..datasets.resource import Dataset
    from ..endpoint import Endpoint
    from ..evaluation import Evaluation
    from ..job import Job
    from ..job_view import JobView
    from ..runs import MetricPoint
    from ..sweep_plan import Sweep

LISTED = 20
"""Findings, rows and jobs that are listed at most."""


def job_html(job: Job) -> str:
    """Draw a job."""
    return card(f"job {job.name}", _job_fields(job))


def job_view_html(view: JobView) -> str:
    """Draw a job with its clocks, its curve and its alarms."""
    clocks = fields([("queued", text(view.queued)), ("running", text(view.running))])
    warnings = "".join(f'<p class="bad">{text(alarm)}</p>' for alarm in view.alarms)
    return card(
        f"job {view.job.name}", _job_fields(view.job), clocks, warnings, curve_html(view.metrics, view.job.name)
    )


def curve_html(metrics: Mapping[str, Sequence[MetricPoint]], title: str) -> str:
    """Draw a job's losses as an inline SVG; nothing where nothing was measured."""
    return curve_svg(metrics, title=title) if any(metrics.get(metric) for metric in SERIES) else ""


def _job_fields(job: Job) -> str:
    return fields(
        [
            ("status", state(job.status.value)),
            ("model", text(job.model)),
            ("tuned model", text(job.output_model)),
            ("training data", text(job.training_data)),
            ("hyperparameters", text(", ".join(f"{key}={value}" for key, value in job.hyperparameters.items()))),
            ("created", text(job.created_at[:19])),
            ("studio", link(job.studio_url, "open") if job.studio_url else ""),
        ]
    )


def endpoint_html(endpoint: Endpoint) -> str:
    """Draw an endpoint; a key is never among what is known of it."""
    return card(
        f"endpoint {endpoint.name}",
        fields(
            [
                ("state", state(endpoint.state.value)),
                ("model", text(endpoint.model)),
                ("address", text(endpoint.scoring_url)),
                ("authentication", text(endpoint.auth_mode)),
                ("region", text(endpoint.location)),
                ("created", text(endpoint.created_at[:19])),
            ]
        ),
    )


def dataset_html(dataset: Dataset) -> str:
    """Draw a data asset."""
    return card(
        f"data set {dataset.name}:{dataset.version}",
        fields([("address", text(dataset.uri)), ("created", text(dataset.created_at[:19]))]),
    )


def report_html(report: Report) -> str:
    """Draw a report: what becomes of the rows, the findings, and how long the rows are."""
    lost = ", ".join(f"{count} {rule}" for rule, count in report.dropped.items())
    found = [
        [state(each.severity), text(each.rule), text(each.line or "-"), text(each.message), text(each.remedy)]
        for each in report.findings[:LISTED]
    ]
    more = sum(report.counts.values()) - len(found)
    parts = [
        fields(
            [
                ("verdict", state("ok" if report.ok else "refused")),
                ("rows", text(report.rows)),
                ("kept", text(report.kept)),
                ("lost", text(lost) if lost else ""),
            ]
        )
    ]
    if found:
        parts.append(table(["", "rule", "line", "what was found", "what to do"], found))
    if found and more > 0:
        parts.append(f"<p>and {more} more</p>")
    if report.survey is not None and (lengths := report.survey.histogram()):
        parts.append("<p>row length in bytes</p>")
        parts.append(bars((f"below {below}", count) for below, count in lengths))
    return card(report.summary, *parts)


def evaluation_html(evaluation: Evaluation) -> str:
    """Draw an evaluation: what each endpoint came to, and the rows that the last one answered worst."""
    came_to = [
        [
            text(each.endpoint),
            text(each.answered),
            text(each.errors),
            *(f"{score:.3f}" for score in (each.exact, each.normalised, each.rouge_l)),
            f"{each.seconds:.2f}",
        ]
        for each in evaluation.summaries()
    ]
    titles = ["endpoint", "answered", "errors", "exact", "normalised", "ROUGE-L", "seconds"]
    worst = [
        [
            text(row.line),
            text(row.question),
            text(row.reference),
            *(text(each.text or each.error) for each in row.answers),
        ]
        for row in evaluation.worst()
    ]
    asked = ["line", "question", "reference", *evaluation.endpoints]
    return card(f"{len(evaluation.rows)} rows", table(titles, came_to), "<p>answered worst</p>", table(asked, worst))


def sweep_html(sweep: Sweep) -> str:
    """Draw a sweep, the best job first."""
    rows = [
        [
            text(each.job.name if each.job else "-"),
            state(each.job.status.value if each.job else "not made"),
            text(", ".join(f"{key}={value}" for key, value in each.cell.hyperparameters.items())),
            text("-" if each.eval_loss is None else f"{each.eval_loss:.4g}"),
            text("-" if each.loss is None else f"{each.loss:.4g}"),
        ]
        for each in sweep.outcomes
    ]
    return card(f"sweep of {len(rows)}", table(["job", "status", "hyperparameters", "eval loss", "loss"], rows))
