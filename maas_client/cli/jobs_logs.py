"""`maas jobs logs`: what a job wrote, whole or as it is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import click

from ..training_pace import moment
from .exits import resumable
from .moments import span_of
from .options import Command
from .session import Session, pass_session


@click.command(
    cls=Command,
    help="""Print a log file of a job, its standard output by default.

    With --follow the command stays until the job has ended; a connection that is lost costs no line and repeats none.
    --since goes by the time that a line begins with; lines without one belong to the line before.

    \b
    Example:
      maas jobs logs ft-support --tail 20 --follow
      maas jobs logs ft-support --since 30m
    """,
)
@click.argument("name")
@click.option("--file", metavar="FILE", help="Another log file; a wrong name lists those there are.")
@click.option("--follow", "-f", is_flag=True, help="Go on as the job writes, until it has ended.")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="Only the last N of the lines that are there.")
@click.option("--since", metavar="WHEN", help="Only lines since then: a duration (90s, 30m, 2h) or a time (ISO 8601).")
@pass_session
def logs(session: Session, name: str, file: str | None, follow: bool, tail: int | None, since: str | None) -> None:
    """Print a log."""
    printer, begin = session.printer, None if since is None else _begin(since)
    with session.client() as maas, resumable(session.command("jobs", "logs", name, "--follow"), "the job goes on"):
        if follow:
            # What --since leaves out does not count for --tail.
            lines = maas.jobs.follow(name, file, tail=tail if begin is None else None)
        else:
            lines = maas.jobs.logs(name, file)
        if begin is not None:
            lines = lines_since(lines, begin)
        if tail is not None and not follow:
            lines = iter(deque(lines, maxlen=tail))
        if printer.output == "json":
            printer.document(list(lines))
            return
        _write(lines, printer.document if printer.is_json else None, printer.line)


def _write(lines: Iterable[str], document: Callable[[object], None] | None, line: Callable[[str], None]) -> None:
    for each in lines:
        if document is not None:
            document({"line": each})
        else:
            line(each)


def _begin(since: str) -> datetime:
    """Read when to begin: a duration before now, or a time."""
    if (span := span_of(since)) is not None:
        return datetime.now(UTC) - span
    if (found := moment(since)) is not None:
        return found
    raise click.BadParameter(f"{since!r} is neither a duration like 30m nor a time like 2026-01-31T12:00:00Z")


def lines_since(lines: Iterable[str], begin: datetime) -> Iterator[str]:
    """Leave out the lines before a time, by the times that lines begin with."""
    late = False
    for line in lines:
        at = moment(line.split(" ", 1)[0])
        late = late if at is None else at >= begin
        if late:
            yield line
