"""`maas jobs watch`: watch jobs until they end, in a live view or as plain lines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ...core.errors import NotOffered, WaitTimeout
from ...jobs.errors import JobError
from ..app.duration_option import DURATION, since_option
from ..app.error_messages import exit_code_of, message_of
from ..app.exit_codes import JOB_FAILED, Failed
from ..app.options import JOB, Command, given_options
from ..app.session import Session, pass_session
from ..live.watch_view import WatchView
from .job_end import JobEndActions, NotifyUrl, masked

if TYPE_CHECKING:
    from ... import Job
    from ...wire import BlockingWire


@click.command(
    cls=Command,
    help="""Watch jobs until they end; without names, all active jobs of the workspace.

    On a terminal, shows a live view: status, durations, steps, curves, end of the log. Otherwise, and with --follow,
    prints a line per change. Exits with 0 if all jobs complete, with 5 if one fails or is canceled. Warns about a loss
    that is NaN, diverges, or rises only on the validation set. --since uses the timestamp at the start of a log line.

    --exec runs its command once for each job that ends, with MAAS_JOB_NAME, MAAS_JOB_STATUS and MAAS_JOB_OUTPUT_MODEL
    in its environment and a JSON document on stdin. If it fails although all jobs completed, the exit code is 1.
    --notify posts the same document; a failure of this is only a warning.

    \b
    Example:
      maas jobs watch ft-support --timeout 2h
      maas jobs watch ft-a ft-b ft-c
      maas jobs watch --follow --tail 20
      maas jobs watch ft-support --exec "python after_training.py" --notify https://example.org/hook
    """,
)
@click.argument("names", nargs=-1, type=JOB, metavar="[NAME]...")
@click.option("--timeout", type=DURATION, metavar="TIME", help="Stop waiting after this time, such as 2h or 90s.")
@click.option(
    "--max-queue", type=DURATION, metavar="TIME", help="Stop if a job is still queued after this time, such as 30m."
)
@click.option("--follow", "-f", "lines", is_flag=True, help="Print the job logs as well, as plain lines.")
@since_option("lines")
@click.option(
    "--tail",
    type=click.IntRange(min=0),
    metavar="N",
    help="Only the last N lines of a log; 5 in the live view by default.",
)
@click.option("--stop-on-alarm", is_flag=True, help="Cancel a job whose loss is NaN or diverges.")
@click.option(
    "--exec", "exec_command", metavar="COMMAND", help="Command to run for each job that ends, without a shell."
)
@click.option(
    "--notify", type=NotifyUrl(), metavar="URL", help="URL to post a JSON document to for each job that ends."
)
@pass_session
def watch(
    session: Session,
    names: Sequence[str],
    timeout: float | None,
    max_queue: float | None,
    lines: bool,
    since: datetime | None,
    tail: int | None,
    stop_on_alarm: bool,
    exec_command: str | None,
    notify: str | None,
) -> None:
    """Watch jobs."""
    printer = session.printer
    if lines and printer.output == "json":
        raise click.UsageError("--follow prints line by line and cannot write json; use --output jsonl")
    names = list(dict.fromkeys(names)) or _active_jobs(session)
    options = [masked(word) if word == notify else word for word in given_options(click.get_current_context())]
    resume_command = session.command("jobs", "watch", *names, *options)
    on_end = JobEndActions(exec_command, notify, session.wire or _new_wire)
    view = WatchView(
        session,
        names,
        resume_command,
        lines=lines,
        since=since,
        tail=tail,
        stop_on_alarm=stop_on_alarm,
        on_end=on_end,
    )
    _follow(session, names, view, resume_command, timeout=timeout, max_queue=max_queue)
    if on_end.failed:
        raise Failed(f"--exec failed for {', '.join(on_end.failed)}; all jobs completed")


def _new_wire() -> BlockingWire:
    from ...wire import BlockingWire

    return BlockingWire()


def _follow(
    session: Session,
    names: Sequence[str],
    view: WatchView,
    resume_command: str,
    *,
    timeout: float | None,
    max_queue: float | None,
) -> None:
    """Watch until all jobs have ended, and print the outcome; raise unless all have completed."""
    printer = session.printer
    if len(names) > 1:
        try:
            ended = view.follow_all(timeout=timeout, max_queue=max_queue)
        except WaitTimeout as error:  # its message names one job only
            raise Failed(message_of(error), code=exit_code_of(error), hint=f"resume with: {resume_command}") from error
        _report_outcome(session, ended)
        return
    try:
        job = view.follow_one(timeout=timeout, max_queue=max_queue)
    except JobError as error:
        if printer.output == "json":
            printer.document(error.job.model_dump(mode="json"))
        raise
    if printer.output == "json":
        printer.document(job.model_dump(mode="json"))
    printer.note(f"tuned model: {job.output_model}\nnext: {deploy_command(session, job)}")


def deploy_command(session: Session, job: Job) -> str:
    """Return the command that deploys a job's model; that of a pipeline is served by a machine of one's own."""
    command = session.command("deploy", job.name)
    return f"{command} --instance-type SIZE" if job.kind == "pipeline" else command


def wait_and_show(session: Session, name: str, *, timeout: float | None = None) -> Job:
    """Wait for a job and show its progress; stdout stays free for what the command prints afterwards.

    Raises what `jobs.wait` raises, and Failed with the resume command on Ctrl-C.
    """
    return WatchView(session, [name], session.command("jobs", "watch", name), to_stderr=True).follow_one(
        timeout=timeout
    )


def _active_jobs(session: Session) -> list[str]:
    """Return the names of the jobs that have not ended; raise Failed if there are none."""
    with session.client() as maas:
        jobs = list(maas.jobs.list())
        with suppress(NotOffered):  # Foundry has no pipelines
            jobs += maas.jobs.list(kind="pipeline")
        names = [job.name for job in jobs if not job.status.is_final]
    if not names:
        raise Failed("no active jobs", code=3, hint=f"all jobs: {session.command('jobs', 'list')}")
    return names


def _report_outcome(session: Session, ended: Sequence[Job]) -> None:
    """Print the outcome of several jobs; raise Failed if not all have completed."""
    printer = session.printer
    if printer.output == "json":
        printer.document([job.model_dump(mode="json") for job in ended])
    failed = [job for job in ended if job.phase != "done"]
    if failed:
        names_and_states = ", ".join(f"{job.name} {job.status.value}" for job in failed)
        hint = f"why: {session.command('jobs', 'show', failed[0].name)}"
        raise Failed(
            f"{len(failed)} of {len(ended)} jobs did not complete: {names_and_states}", code=JOB_FAILED, hint=hint
        )
    printer.note(
        f"all {len(ended)} jobs completed\nnext: {session.command('jobs', 'compare', *[job.name for job in ended])}"
    )
