"""`maas drift`: what differs in shape between two recordings, or between a recording and the mock server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.exit_codes import CONTRADICTED, Failed
from ..app.options import EXISTING_FILE, Command, output_option
from ..app.session import Session, pass_session
from ..output.printer import Printer
from .mock import not_installed

if TYPE_CHECKING:
    from ...drift.exchange import ComparedExchange
    from ...drift.finding import Finding
    from ...drift.report import Drift, Side

MOCK = "mock"
"""What stands for the mock server instead of a second recording."""

QUOTA = {"gpu": 1000}
"""Cores of the mock server: the quota of the recorded subscription is not in the recording."""


@click.command(
    cls=Command,
    help="""Compare two recordings: what differs in shape, by operation.

    Types of fields, words of enumerations, statuses and headers are compared, and no other values. Contradictions,
    which may break a client, are listed apart from additions, which do not. Each recording is held to the contract of
    this version, too. Instead of a second recording, mock stands for the mock server: it is sent the same requests,
    in their order.

    Exits with 7 if there is a contradiction.

    \b
    Example:
      maas drift monday.jsonl today.jsonl
      maas drift today.jsonl mock --output markdown > drift.md
    """,
)
@click.argument("left", type=EXISTING_FILE, metavar="FILE")
@click.argument("right", metavar="FILE|mock")
@output_option("markdown", help="Output format; markdown is a report to file as an issue.")
@pass_session
def drift(session: Session, left: Path, right: str, output: str) -> None:
    """Compare two recordings."""
    from ...drift.cassette import read_recording
    from ...drift.markdown import as_markdown
    from ...drift.report import drift_between

    first = read_recording(left)
    is_mock = right == MOCK
    if is_mock:
        second, name = _answers_of_mock(first), "the mock server"
    elif Path(right).is_file():
        second, name = read_recording(Path(right)), right
    else:
        raise Failed(f"{right}: no such file", code=2, hint="give a second recording, or mock for the mock server")
    found = drift_between(first, second, names=(str(left), name), same_requests=is_mock)
    if output == "markdown":
        click.echo(as_markdown(found), nl=False)
    elif session.printer.is_json:
        session.printer.document(found.to_dict())
    else:
        _print(session.printer, found)
    if found.has_contradictions:
        raise Failed(_summary(found), code=CONTRADICTED)


def _answers_of_mock(exchanges: Sequence[ComparedExchange]) -> Sequence[ComparedExchange]:
    """Send the requests of a recording to a mock server in this process."""
    try:
        from mock_server.server import serve
    except ImportError as error:
        raise not_installed(error) from error
    from ...core.blocking import run
    from ...drift.feeding import Feeder
    from ...drift.job_duration import job_seconds
    from ...wire import BlockingWire

    with (
        serve(clock="virtual", job_seconds=job_seconds(exchanges), quota=QUOTA) as server,
        closing(BlockingWire()) as wire,
    ):
        return run(Feeder(wire, server.endpoint, server.advance).feed(exchanges))


def _summary(found: Drift) -> str:
    sides = [one.difference for side in (found.left, found.right) for one in side.deviations]
    beyond = sum(one.is_contradiction for one in sides)
    return f"{len(found.contradictions)} contradictions between the sides, {beyond} with the contract"


def _print(printer: Printer, found: Drift) -> None:
    sides = found.left.name, found.right.name
    _print_findings(printer, "contradictions", found.contradictions, sides)
    _print_findings(printer, "additions", found.additions, sides)
    _print_findings(printer, "not comparable", found.not_comparable, sides)
    for side in (found.left, found.right):
        _print_side(printer, side)
    if not found.findings and not found.left.deviations and not found.right.deviations:
        printer.line(f"no differences: {found.left.requests} and {found.right.requests} requests")


def _print_findings(printer: Printer, title: str, findings: Sequence[Finding], sides: tuple[str, str]) -> None:
    if not findings:
        return
    printer.line(f"{title}:")
    columns: Mapping[str, Callable[[Finding], object]] = {
        "operation": lambda one: one.operation,
        "difference": lambda one: one.kind.value,
        "where": lambda one: one.where,
        sides[0]: lambda one: one.left,
        sides[1]: lambda one: one.right,
    }
    printer.table(list(columns), [[str(get(one)) for get in columns.values()] for one in findings])


def _print_side(printer: Printer, side: Side) -> None:
    from ...drift.contract_check import DEVIATION_COLUMNS  # here: the help does not need it

    if not side.deviations:
        return
    printer.line(f"{side.name} against the contract:")
    printer.table(list(DEVIATION_COLUMNS), [one.cells for one in side.deviations])
