"""`maas jobs watch`: jobs followed to their end, in a live view or in plain lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ...core.errors import WaitTimeout
from ...jobs.errors import JobError
from ..app.exit_codes import JOB_FAILED, Failed, exit_code_of, message_of
from ..app.options import Command, given_options
from ..app.session import Session, pass_session
from ..live.watch_view import WatchView
from .jobs_logs import since_option

if TYPE_CHECKING:
    from ... import Job


@click.command(
    cls=Command,
    help="""Follow jobs to their end; without names, all of the workspace that are under way.

    A terminal gets a live view: state, clocks, steps, curves, the end of the log. Elsewhere, and with --follow, each
    change is a line. The exit code tells the outcome: 0, or 5 when one failed or was canceled. A warning tells of a
    loss that is no number, runs away, or rises on the validation set only. --since goes by the time that a line of a
    log begins with.

    \b
    Example:
      maas jobs watch ft-support --timeout 7200
      maas jobs watch ft-a ft-b ft-c
      maas jobs watch --follow --tail 20
    """,
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="S", help="Give up after so many seconds.")
@click.option("--max-queue", type=click.FloatRange(min=0), metavar="S", help="Or if one has not begun to train then.")
@click.option("--follow", "-f", "lines", is_flag=True, help="Write what the jobs write, too, as plain lines.")
@since_option
@click.option(
    "--tail", type=click.IntRange(min=0), metavar="N", help="Only the last N lines of a log; in the view 5 without it."
)
@click.option("--stop-on-alarm", is_flag=True, help="Cancel a job whose loss is no number or runs away.")
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
) -> None:
    """Watch jobs."""
    printer = session.printer
    if lines and printer.output == "json":
        raise click.UsageError("--follow writes line by line, and json is one document; take --output jsonl")
    names = list(dict.fromkeys(names)) or _active_jobs(session)
    resume_command = session.command("jobs", "watch", *names, *given_options(click.get_current_context()))
    view = WatchView(session, names, resume_command, lines=lines, since=since, tail=tail, stop_on_alarm=stop_on_alarm)
    if len(names) > 1:
        try:
            ended = view.follow_all(timeout=timeout, max_queue=max_queue)
        except WaitTimeout as error:  # whose own words tell of one job only
            raise Failed(message_of(error), code=exit_code_of(error), hint=f"all of them: {resume_command}") from error
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
    printer.note(f"tuned model: {job.output_model}\nnext: {session.command('deploy', names[0])}")


def wait_and_show(session: Session, name: str) -> Job:
    """Wait for a job and show what happens to it; stdout is kept for what follows.

    Raises what `jobs.wait` raises, and Failed with the way to resume on Ctrl-C.
    """
    return WatchView(session, [name], session.command("jobs", "watch", name), to_stderr=True).follow_one()


def _active_jobs(session: Session) -> list[str]:
    """Return the names of the jobs that have not ended; raise Failed when there are none."""
    with session.client() as maas:
        names = [job.name for job in maas.jobs.list() if not job.status.is_final]
    if not names:
        raise Failed("no job is under way", code=3, hint=f"those that were: {session.command('jobs', 'list')}")
    return names


def _report_outcome(session: Session, ended: Sequence[Job]) -> None:
    """Say what became of several jobs; raise Failed when not all have completed."""
    printer = session.printer
    if printer.output == "json":
        printer.document([job.model_dump(mode="json") for job in ended])
    failed = [job for job in ended if job.status.value != "Completed"]
    if failed:
        names_and_states = ", ".join(f"{job.name} {job.status.value}" for job in failed)
        hint = f"why: {session.command('jobs', 'show', failed[0].name)}"
        raise Failed(
            f"{len(failed)} of {len(ended)} jobs did not complete: {names_and_states}", code=JOB_FAILED, hint=hint
        )
    printer.note(
        f"all {len(ended)} completed\nnext: {session.command('jobs', 'compare', *[job.name for job in ended])}"
    )
