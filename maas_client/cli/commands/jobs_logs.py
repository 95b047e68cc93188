"""`maas jobs logs`: print or follow a job's log."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

import click

from ...jobs.log_lines import Since
from ..app.duration_option import since_option
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.options import JOB, Command
from ..app.renamed_options import RenamedOption
from ..app.session import Session, pass_session


@click.command(
    cls=Command,
    help="""Print a log file of a job, by default its standard output.

    --follow keeps printing until the job has ended; after a lost connection no line is missed or repeated. --since
    uses the timestamp at the start of a line; lines without one belong to the previous line.

    \b
    Example:
      maas jobs logs ft-support --tail 20 --follow
      maas jobs logs ft-support --since 30m
    """,
)
@click.argument("name", type=JOB)
@click.option(
    "--log-file",
    "file",
    cls=RenamedOption,
    former=["--file"],
    metavar="FILE",
    help="Log file; an unknown name lists the available files.",
)
@click.option("--follow", "-f", is_flag=True, help="Keep printing until the job has ended.")
@since_option("lines")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="Only the last N existing lines.")
@pass_session
def logs(session: Session, name: str, file: str | None, follow: bool, since: datetime | None, tail: int | None) -> None:
    """Print a log."""
    printer = session.printer
    file_option = ["--log-file", file] if file else []
    with (
        session.client() as maas,
        resume_hint_on_interrupt(
            session.command("jobs", "logs", name, *file_option, "--follow"), "the job keeps running"
        ),
    ):
        if follow:
            lines = maas.jobs.follow_logs(name, file, since=since, tail=tail)
        else:
            lines = filter(Since(since).keeps, maas.jobs.logs(name, file))
            lines = lines if tail is None else iter(deque(lines, maxlen=tail))
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
