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
    from ..datasets.check import Checking

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)


@click.command(
    cls=Command,
    help="""Say what the service would make of every row of FILE. No request is sent.

    Ends with 6 when the service would refuse the file, or with --strict when anything at all was found.

    \b
    Example:
      maas check train.jsonl --model Phi-4-mini-instruct --validation-data validation.jsonl
    """,
)
@click.argument("file", type=FILE)
@click.option("--model", metavar="NAME", help="The base model, for what its chat template drops.")
@click.option("--task", type=click.Choice(["chat", "text"]), help="What is trained; told from the rows by default.")
@click.option("--role", type=click.Choice(["training", "validation"]), default="training", help="What the file is for.")
@click.option("--validation-data", "validation", type=FILE, help="Check this file, too, and find rows in both.")
@click.option("--strict", is_flag=True, help="Be content with nothing less than no finding.")
@click.option("--no-personal-data", "impersonal", is_flag=True, help="Do not look for personal data.")
@click.option("--jobs", type=click.IntRange(1), default=1, metavar="N", help="Processes; worth it from 100 MB on.")
@click.option("--sarif", type=OUT, metavar="OUT", help="Write the findings for code hosts, too.")
@pass_session
def check(
    session: Session,
    file: Path,
    model: str | None,
    task: Literal["chat", "text"] | None,
    role: Literal["training", "validation"],
    validation: Path | None,
    strict: bool,
    impersonal: bool,
    jobs: int,
    sarif: Path | None,
) -> None:
    """Check a data set."""
    from ..catalog import find
    from ..datasets.check import Checking

    checking = Checking(model=find(model) if model else None, task=task, role=role, personal=not impersonal)
    reports = _check(file, validation, checking, jobs)
    printer = session.printer
    if printer.is_json:
        first, *others = (report.to_dict() for report in reports.values())
        printer.document(first | {"validation": others[0]} if others else first)
    else:
        from .check_view import show

        for path, report in reports.items():
            show(printer, path, report, has_validation=validation is not None)
    if sarif is not None:
        _write_sarif(sarif, reports)
        printer.note(f"{sarif}: written")
    _judge(reports, strict=strict)


def _check(file: Path, validation: Path | None, checking: Checking, jobs: int) -> dict[Path, Report]:
    """Check the file, and the validation file against it."""
    from dataclasses import replace

    from ..datasets.parts import check_file

    with naming(file):
        reports = {file: check_file(file, checking, jobs=jobs)}
    if validation is not None:
        with naming(validation):
            other = check_file(validation, replace(checking, role="validation"), jobs=jobs)
        reports[validation] = other.against(reports[file])
    return reports


def _write_sarif(out: Path, reports: dict[Path, Report]) -> None:
    """Write a log with a run for each file."""
    import json

    from ..datasets.sarif import to_sarif

    logs = [to_sarif(report, path.as_posix()) for path, report in reports.items()]
    whole = {**logs[0], "runs": [run for log in logs for run in log["runs"]]}
    out.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _judge(reports: dict[Path, Report], *, strict: bool) -> None:
    """End badly when a file would be refused, or is not flawless though it must be."""
    for path, report in reports.items():
        if not report.ok:
            raise Failed(f"the service would refuse {path}", code=DATASET_REFUSED)
    for path, report in reports.items():
        if strict and report.counts:
            found = ", ".join(report.counts)
            raise Failed(f"{path} is not flawless: {found}", code=DATASET_REFUSED)
