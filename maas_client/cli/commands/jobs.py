"""`maas jobs`: list, show and cancel fine-tuning jobs."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import MaasError
from ..app.lazy_group import LazyGroup
from ..app.options import JOB, Command, output_option
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import Job, MaasClient

jobs = LazyGroup(
    "jobs",
    {
        "create": ("jobs_create:create", "Create a fine-tuning job."),
        "list": ("jobs:list_", "List jobs, newest first."),
        "show": ("jobs:show", "Show a job, and why it failed."),
        "watch": ("jobs_watch:watch", "Watch jobs until they end."),
        "compare": ("compare:compare", "Compare loss curves and settings of several jobs."),
        "cancel": ("jobs:cancel", "Cancel a job."),
        "metrics": ("jobs_metrics:metrics", "Show a job's metrics as a table, data or image."),
        "logs": ("jobs_logs:logs", "Print or follow a job's log."),
        "schema": ("jobs_schema:schema", "Print the JSON Schema of job files."),
    },
    help="""Create, watch and inspect fine-tuning jobs.

    \b
    Example:
      maas jobs list --limit 10
    """,
)


@click.command(
    "list",
    cls=Command,
    help="""List the workspace's fine-tuning jobs, newest first.

    \b
    Example:
      maas jobs list --limit 10 --output json
    """,
)
@click.option("--tag", metavar="TAG", help="Only jobs with this tag.")
@click.option("--archived", is_flag=True, help="List archived jobs instead.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Maximum number of jobs.")
@pass_session
def list_(session: Session, tag: str | None, archived: bool, limit: int | None) -> None:
    """List jobs."""
    from ...jobs.job import SUMMARY_COLUMNS  # here: the help of the commands does not need it

    with session.client() as maas:
        found = maas.jobs.list(tag=tag, view="ArchivedOnly" if archived else "ActiveOnly")
        session.printer.rows(
            islice(found, limit),
            {label: partial(_column, label) for label in SUMMARY_COLUMNS},
            document=lambda job: job.model_dump(mode="json"),
        )


@click.command(
    cls=Command,
    help="""Show a job: its settings, its status, and the error if it failed.

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
        show_job(session, job, error=_failure_reason(session, maas, job))


def show_job(session: Session, job: Job, *, error: str = "", created: bool | None = None) -> None:
    """Print a job; `created` says in JSON whether the command created it."""
    from ...jobs.job import job_summary

    document: dict[str, Any] = job.model_dump(mode="json") | ({"error": error} if error else {})
    document |= {} if created is None else {"created": created}
    summary = job_summary(job)
    session.printer.record(document, {"name": summary["name"], "status": summary["status"], "error": error} | summary)


def _column(label: str, job: Job) -> Any:
    from ...jobs.job import job_summary

    value = job_summary(job)[label]
    return value[:19] if label == "created" else value


def _failure_reason(session: Session, maas: MaasClient, job: Job) -> str:
    """Return why a job failed, from run history; if that cannot be read, print a note."""
    if job.status.value != "Failed":
        return ""
    try:
        details = maas.jobs.details(job.name)
    except MaasError as error:
        from ..app.error_messages import message_of  # here: only failures need it

        session.printer.note(f"cannot read why the job failed: {message_of(error)}")
        return ""
    return ": ".join(part for part in (details.error_code, details.error_message) if part)


@click.command(
    cls=Command,
    help="""Request the cancellation of a job.

    \b
    Example:
      maas jobs cancel ft-support
    """,
)
@click.argument("name", type=JOB)
@pass_session
def cancel(session: Session, name: str) -> None:
    """Cancel a job."""
    with session.client() as maas:
        job = maas.jobs.cancel(name)
    fields = {"name": job.name, "status": job.status.value}
    session.printer.record(job.model_dump(mode="json"), fields)
