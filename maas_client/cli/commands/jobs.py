"""`maas jobs`: show fine-tuning jobs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import MaasError
from ..app.lazy_group import LazyGroup
from ..app.options import JOB, Command, output_option
from ..app.session import Session, pass_session
from ..output.durations import format_duration

if TYPE_CHECKING:
    from ... import Job, MaasClient
    from ...jobs.run_details import RunDetails
    from ...jobs.step import JobStep

jobs = LazyGroup(
    "jobs",
    {
        "create": ("jobs_create:create", "Create a fine-tuning job."),
        "list": ("jobs_list:list_", "List jobs, newest first."),
        "show": ("jobs:show", "Show a job, and why it failed."),
        "watch": ("jobs_watch:watch", "Watch jobs until they end."),
        "compare": ("compare:compare", "Compare loss curves and settings of several jobs."),
        "cancel": ("jobs_changes:cancel", "Cancel jobs."),
        "archive": ("jobs_changes:archive", "Archive jobs, so that they are not listed."),
        "restore": ("jobs_changes:restore", "List archived jobs again."),
        "metrics": ("jobs_metrics:metrics", "Show a job's metrics as a table, data or image."),
        "logs": ("jobs_logs:logs", "Print or follow a job's log."),
        "events": ("jobs_events:events", "Print or follow a job's events (Foundry)."),
        "checkpoints": ("jobs_events:checkpoints", "List a job's checkpoints (Foundry)."),
        "pause": ("jobs_changes:pause", "Pause running jobs (Foundry)."),
        "resume": ("jobs_changes:resume", "Resume paused jobs (Foundry)."),
        "delete": ("jobs_changes:delete", "Delete ended jobs (Foundry)."),
        "schema": ("jobs_schema:schema", "Print the JSON Schema of job files."),
    },
    help="""Create, watch and inspect fine-tuning jobs.

    \b
    Example:
      maas jobs list --limit 10
    """,
)


@click.command(
    cls=Command,
    help="""Show a job: its settings and status, when it ran, the tokens it was trained on, and the error if it failed.

    \b
    Example:
      maas jobs show ft-support
      maas jobs show ft-support --output yaml > job.yaml
    """,
)
@click.argument("name", type=JOB)
@output_option("yaml", help="Output format; yaml is a job file for `maas jobs create -f`.")
@pass_session
def show(session: Session, name: str, output: str) -> None:
    """Show a job."""
    with session.client() as maas:
        job = maas.jobs.get(name)
        if output == "yaml":
            from ...job_files.writer import job_file_of

            click.echo(job_file_of(job), nl=False)
            return
        show_job(session, job, _run_details(session, maas, job), steps=_steps(maas, job))
        _note_shortages(session, maas, job)


def show_job(
    session: Session,
    job: Job,
    details: RunDetails | None = None,
    *,
    created: bool | None = None,
    steps: Sequence[JobStep] = (),
) -> None:
    """Print a job, and what run history knows of it; `created` says in JSON whether the command created it."""
    from ...jobs.job import job_summary
    from ...jobs.throughput import trained_tokens

    summary = job_summary(job)
    studio = summary.pop("studio")
    document: dict[str, Any] = job.model_dump(mode="json") | ({} if created is None else {"created": created})
    tokens = trained_tokens(job)
    if details is not None:
        error = ": ".join(part for part in (details.error_code, details.error_message) if part)
        ran = details.duration(datetime.now(UTC))
        known = {
            "error": error if job.phase == "failed" else "",
            "started": details.started,
            "ended": details.ended,
            "duration_seconds": None if ran is None else ran.total_seconds(),
            "trained_tokens": tokens,
        }
        document |= {name: value for name, value in known.items() if value not in ("", None)}
        summary |= {"started": details.started, "ended": details.ended, "duration": ran and format_duration(ran)}
    summary |= {"trained tokens": None if tokens is None else f"{tokens:,}", "studio": studio}
    if job.kind == "pipeline":
        document["steps"] = [step.model_dump(mode="json") for step in steps]
    failed = {"failed step": details.failed_step} if details is not None and details.failed_step else {}
    first = {"name": summary["name"], "status": summary["status"], "error": document.get("error", ""), **failed}
    shown = {f"step {step.name}": f"{step.status.value}  {step.run}" for step in steps}
    session.printer.record(document, first | summary | shown)


def _steps(maas: MaasClient, job: Job) -> Sequence[JobStep]:
    """Return the steps of a pipeline job that have begun; none if they cannot be read."""
    if job.kind != "pipeline":
        return ()
    try:
        return list(maas.jobs.children(job.name))
    except MaasError:
        return ()


def _note_shortages(session: Session, maas: MaasClient, job: Job) -> None:
    """Print what the service says about the clusters of a job that has not ended, such as that it has no machines."""
    from ...jobs.cluster_use import clusters_of  # here: most jobs have ended

    for name in () if job.status.is_final else sorted(clusters_of(job)):
        with suppress(MaasError):
            for error in maas.computes.get(name).errors:
                session.printer.note(f"cluster {name}: {error}")


def _run_details(session: Session, maas: MaasClient, job: Job) -> RunDetails | None:
    """Return what run history knows of a job that has started; if that cannot be read, print a note."""
    if job.status.is_waiting:
        return None
    try:
        return maas.jobs.details(job.name)
    except MaasError as error:
        from ..app.error_messages import message_of  # here: only failures need it

        what = "why the job failed" if job.phase == "failed" else "when the job ran"
        session.printer.note(f"cannot read {what}: {message_of(error)}")
        return None
