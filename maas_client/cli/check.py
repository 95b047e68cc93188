"""`maas check`: the verdict on a data set, and every finding with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .exits import DATASET_REFUSED, Failed, naming
from .options import Command
from .session import Session, pass_session

if TYPE_CHECKING:
    from .. import Report
    from .render import Printer

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    cls=Command,
    help="""Say what the service would make of every row of FILE. No request is sent.

    Ends with 6 when the service would refuse the file.

    \b
    Example:
      maas check train.jsonl --model Phi-4-mini-instruct
    """,
)
@click.argument("file", type=FILE)
@click.option("--model", metavar="NAME", help="The base model, for what its chat template drops.")
@click.option("--task", type=click.Choice(["chat", "text"]), help="What is trained; told from the rows by default.")
@click.option("--role", type=click.Choice(["training", "validation"]), default="training", help="What the file is for.")
@pass_session
def check(
    session: Session,
    file: Path,
    model: str | None,
    task: Literal["chat", "text"] | None,
    role: Literal["training", "validation"],
) -> None:
    """Check a data set."""
    from ..catalog import find
    from ..datasets.check import Checking
    from ..datasets.parts import check_file

    with naming(file):
        report = check_file(file, Checking(model=find(model) if model else None, task=task, role=role))
    printer = session.printer
    if printer.is_json:
        printer.document(report.to_dict())
    else:
        _show(printer, file, report)
    if not report.ok:
        raise Failed(f"the service would refuse {file}", code=DATASET_REFUSED)


def _show(printer: Printer, file: Path, report: Report) -> None:
    """Write a line per finding, as compilers do, then what to do about each kind, then the sum."""
    for each in report.findings:
        where = f"{file}:{each.line}" if each.line else str(file)
        at = f" at {each.pointer}" if each.pointer else ""
        printer.line(f"{where}: {each.severity}: {each.rule}{at}: {each.message}")
    listed = [finding.rule for finding in report.findings]
    remedies = {each.rule: each.remedy for each in report.findings}
    for rule, remedy in remedies.items():
        count, more = report.counts[rule], report.counts[rule] - listed.count(rule)
        note = f" ({more} of them not listed)" if more > 0 else ""
        printer.line(f"{rule}: {count} time{'s' * (count != 1)}{note}. {remedy}")
    printer.line(f"{file}: {report.summary}")
