"""`maas jobs watch`: a job followed to its end, in a live view or in plain lines."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..errors import JobError, MaasError
from .exits import resumable
from .options import Command
from .session import Session, pass_session

if TYPE_CHECKING:
    from .. import Job


@click.command(
    cls=Command,
    help="""Follow a job to its end. The exit code tells the outcome: 0, or 5 when it failed or was canceled.

    \b
    Example:
      maas jobs watch ft-support --timeout 7200
    """,
)
@click.argument("name")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="S", help="Give up after so many seconds.")
@click.option("--max-queue", type=click.FloatRange(min=0), metavar="S", help="Or if it has not begun to train by then.")
@pass_session
def watch(session: Session, name: str, timeout: float | None, max_queue: float | None) -> None:
    """Watch a job."""
    printer = session.printer
    try:
        job = follow(session, name, timeout=timeout, max_queue=max_queue)
    except JobError as error:
        if printer.output == "json":
            printer.document(error.job.model_dump(mode="json"))
        raise
    if printer.output == "json":
        printer.document(job.model_dump(mode="json"))
    printer.note(f"tuned model: {job.output_model}\nnext: {session.command('deploy', name)}")


def follow(
    session: Session,
    name: str,
    *,
    timeout: float | None = None,
    max_queue: float | None = None,
    quietly: bool = False,
) -> Job:
    """Wait for a job and show what happens to it; `quietly` keeps stdout for what follows.

    Raises what `jobs.wait` raises, and Failed with the way to resume on Ctrl-C.
    """
    resume = session.command("jobs", "watch", name)
    if session.printer.is_live:
        return _follow_live(session, name, resume, timeout, max_queue)
    tell = _teller(session, quietly)
    with session.client() as maas, resumable(resume, "the job goes on"):
        return maas.jobs.wait(name, timeout=timeout, max_queue=max_queue, on_update=tell)


def _teller(session: Session, quietly: bool) -> Callable[[Job], None]:
    """Return what tells each status: JSON lines are data, and so is the plain line of `watch` itself."""
    printer = session.printer

    def tell(job: Job) -> None:
        if printer.output == "jsonl" and not quietly:
            printer.document(job.model_dump(mode="json"))
            return
        line = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {job.name}  {job.status.value}"
        if quietly or printer.is_json:
            printer.note(line)
        else:
            printer.line(line)

    return tell


def _follow_live(session: Session, name: str, resume: str, timeout: float | None, max_queue: float | None) -> Job:
    from .live import Panel, panel
    from .looking import LookingWire

    def look() -> None:
        """Fetch what run history knows; a view that cannot be fed goes on with what it has."""
        if shown.job.status.is_waiting:
            return
        with suppress(MaasError):
            details = maas.jobs.details(name)
            shown.ran(details.started, details.ended)
            shown.metrics = maas.jobs.metrics(name)

    def update(job: Job) -> None:
        shown.job = job
        if job.status.is_final:
            look()

    shown = Panel(name)
    with session.client(LookingWire(look)) as maas, resumable(resume, "the job goes on"), panel(shown):
        return maas.jobs.wait(name, timeout=timeout, max_queue=max_queue, on_update=update)
