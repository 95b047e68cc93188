"""`maas jobs events` and `checkpoints`: what Foundry records of a job."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

import click

from ..app.duration_option import since_option
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.list_options import list_options
from ..app.options import JOB, Command
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import MaasClient
    from ...jobs.job_event import JobEvent


@click.command(
    cls=Command,
    help="""Print what the service has recorded of a job, the oldest event first: its stages, losses, warnings and what
    it is billed for. Foundry keeps no other log of a job.

    \b
    Example:
      maas jobs events ft-support --tail 20 --follow
    """,
)
@click.argument("name", type=JOB)
@click.option("--follow", "-f", is_flag=True, help="Keep printing until the job has ended.")
@since_option("events")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="Only the last N existing events.")
@pass_session
def events(session: Session, name: str, follow: bool, since: datetime | None, tail: int | None) -> None:
    """Print events."""
    printer, again = session.printer, session.command("jobs", "events", name, "--follow")
    with session.client() as maas, resume_hint_on_interrupt(again, "the job keeps running"):
        if follow:
            for line in _followed(maas, name, since, tail):
                _write(session, line)
            return
        found = _events(maas, name, since, tail)
        if printer.is_json:
            printer.documents([event.to_dict() for event in found], single=False)
            return
        for event in found:
            printer.line(str(event))


def _events(maas: MaasClient, name: str, since: datetime | None, tail: int | None) -> list[JobEvent]:
    """Return the selected events, oldest first; no more pages are fetched than that takes."""

    def is_late(event: JobEvent) -> bool:
        return since is None or event.time is None or event.time >= since

    newest_first = takewhile(is_late, maas.jobs.events(name))
    wanted = newest_first if tail is None else (event for event, _ in zip(newest_first, range(tail), strict=False))
    return list(wanted)[::-1]


def _followed(maas: MaasClient, name: str, since: datetime | None, tail: int | None) -> Iterator[str]:
    """Yield the selected events that there are as lines, and the later ones as they come."""
    from ...jobs.log_lines import Since  # here: the help does not need it

    part = maas.jobs.activity(name)
    late = filter(Since(since).keeps, part.lines)
    yield from late if tail is None else deque(late, maxlen=tail)
    yield from maas.jobs.follow_activity(name, offset=part.offset)


def _write(session: Session, line: str) -> None:
    if session.printer.is_json:
        session.printer.document({"line": line})
    else:
        session.printer.line(line)


@click.command(
    cls=Command,
    help="""List the checkpoints of a job of Foundry, the last one first. Each can be deployed by its id.

    \b
    Example:
      maas jobs checkpoints ft-support
    """,
)
@click.argument("name", type=JOB)
@list_options
@pass_session
def checkpoints(session: Session, name: str) -> None:
    """List checkpoints."""
    with session.client() as maas:
        session.printer.listing(
            maas.jobs.checkpoints(name),
            {
                "id": attrgetter("id"),
                "step": attrgetter("step"),
                "loss": lambda checkpoint: checkpoint.metrics.get("loss"),
                "eval loss": lambda checkpoint: checkpoint.metrics.get("eval_loss"),
                "created": lambda checkpoint: checkpoint.created_at[:19],
            },
            document=lambda checkpoint: checkpoint.to_dict(),
            more={"model": attrgetter("model"), "job": attrgetter("job")},
        )
