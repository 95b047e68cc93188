"""`maas check`: whether the service accepts a dataset, and every finding with its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ..app.exit_codes import DATASET_REFUSED, Failed
from ..app.options import EXISTING_FILE, EXISTING_FOLDER, NEW_FILE, Command
from ..app.session import Session, pass_session
from ..output.printer import format_size

if TYPE_CHECKING:
    from ... import CheckReport
    from ...datasets.check.checker import CheckOptions
    from ...datasets.repair.changes import Repair
    from ..output.printer import Printer

_BAR_WIDTH = 40
_BAR_EIGHTHS = " ▏▎▍▌▋▊▉"


@click.command(
    cls=Command,
    help="""Check every row of FILE as the service would. No request is sent.

    Exits with 6 if the service would reject the file, or with --strict if there is any finding. With --fix OUT a
    repaired copy of the file is written, and the copy is checked instead.

    \b
    Example:
      maas check raw.jsonl --fix train.jsonl
      maas check train.jsonl --model Phi-4-mini-instruct --validation-data validation.jsonl
    """,
)
@click.argument("file", type=EXISTING_FILE)
@click.option("--model", metavar="NAME", help="Base model, to find what its chat template drops.")
@click.option("--task", type=click.Choice(["chat", "text"]), help="Task; detected from the rows by default.")
@click.option("--role", type=click.Choice(["training", "validation"]), default="training", help="Purpose of the file.")
@click.option(
    "--validation-data",
    "validation",
    type=EXISTING_FILE,
    help="Also check this file, and report rows that are in both.",
)
@click.option(
    "--max-seq-length", type=click.IntRange(1), metavar="N", help="Maximum tokens per row; the rest is truncated."
)
@click.option(
    "--tokenizer",
    type=EXISTING_FOLDER,
    metavar="DIR",
    help="Folder with the model's tokenizer, for exact token counts.",
)
@click.option("--fix", type=NEW_FILE, metavar="OUT", help="Write a repaired copy of the file, and check the copy.")
@click.option("--overwrite", is_flag=True, help="Let --fix overwrite an existing file.")
@click.option("--strict", is_flag=True, help="Exit with 6 on any finding.")
@click.option("--no-personal-data", is_flag=True, help="Do not search for personal data.")
@click.option(
    "--jobs", type=click.IntRange(1), default=1, metavar="N", help="Number of processes; useful from about 100 MB."
)
@click.option(
    "--sarif", type=NEW_FILE, metavar="OUT", help="Also write the findings as SARIF, for code hosting platforms."
)
@pass_session
def check(
    session: Session,
    file: Path,
    model: str | None,
    task: Literal["chat", "text"] | None,
    role: Literal["training", "validation"],
    validation: Path | None,
    max_seq_length: int | None,
    tokenizer: Path | None,
    fix: Path | None,
    overwrite: bool,
    strict: bool,
    no_personal_data: bool,
    jobs: int,
    sarif: Path | None,
) -> None:
    """Check a dataset."""
    from ...catalog.lookup import find_model
    from ...datasets.check.checker import CheckOptions
    from ...datasets.tokens.counter_choice import LazyModelCounter

    facts = find_model(model) if model else None
    if facts is None and (max_seq_length or tokenizer):
        raise click.UsageError("--max-seq-length and --tokenizer require --model")
    checking = CheckOptions(
        model=facts,
        task=task,
        role=role,
        max_seq_length=max_seq_length,
        counter=LazyModelCounter(facts, str(tokenizer)) if facts and tokenizer else None,
        personal=not no_personal_data,
    )
    printer = session.printer
    repair = None if fix is None else _repair(file, fix, checking, overwrite=overwrite)
    reports = _check(fix or file, validation, checking, jobs)
    if printer.is_json:
        first, *others = (report.to_dict() for report in reports.values())
        more = {"validation": others[0]} if others else {}
        more |= {"repair": repair.to_dict()} if repair else {}
        printer.document(first | more)
    else:
        if repair is not None and fix is not None:
            _show_repair(printer, file, fix, repair)
        for path, report in reports.items():
            _show_report(printer, path, report, has_validation=validation is not None)
    if sarif is not None:
        _write_sarif(sarif, reports)
        printer.note(f"SARIF report written to {sarif}")
    _raise_if_refused(reports, strict=strict)


def _check(file: Path, validation: Path | None, checking: CheckOptions, jobs: int) -> dict[Path, CheckReport]:
    """Check the file, and compare the validation file with it."""
    from dataclasses import replace

    from ...datasets.parts import check_file

    reports = {file: check_file(file, checking, jobs=jobs)}
    if validation is not None:
        other = check_file(validation, replace(checking, role="validation"), jobs=jobs)
        reports[validation] = other.against(reports[file])
    return reports


def _repair(file: Path, out: Path, checking: CheckOptions, *, overwrite: bool) -> Repair:
    """Write a repaired copy of the file."""
    from ...datasets.repair.file_repair import fix_file

    return fix_file(file, out, model=checking.model, task=checking.task, overwrite=overwrite)


def _show_repair(printer: Printer, file: Path, out: Path, repair: Repair) -> None:
    """Print a line per change, the number of changes per rule, and the summary."""
    for change in repair.changes:
        where = f"{file}:{change.source_line}" if change.source_line else str(file)
        target = f" (line {change.target_line} of {out})" if change.target_line else ""
        at = f" at {change.pointer}" if change.pointer else ""
        printer.line(f"{where}: repaired: {change.rule}{at}: {change.done}{target}")
    for rule, count in repair.counts.items():
        printer.line(f"{rule}: {count} change{'s' * (count != 1)}")
    printer.line(f"{out}: {repair.summary}")


def _write_sarif(out: Path, reports: dict[Path, CheckReport]) -> None:
    """Write a SARIF log with one run per file."""
    import json

    from ...datasets.check.sarif import to_sarif

    logs = [to_sarif(report, path.as_posix()) for path, report in reports.items()]
    merged = {**logs[0], "runs": [run for log in logs for run in log["runs"]]}
    out.write_text(json.dumps(merged, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _raise_if_refused(reports: dict[Path, CheckReport], *, strict: bool) -> None:
    """Raise Failed if the service would reject a file, or with `strict` if there is any finding."""
    for path, report in reports.items():
        if not report.ok:
            raise Failed(report.failure(str(path)), code=DATASET_REFUSED)
    for path, report in reports.items():
        if strict and report.counts:
            found = ", ".join(report.counts)
            raise Failed(f"--strict: findings in {path}: {found}", code=DATASET_REFUSED)


def _show_report(printer: Printer, file: Path, report: CheckReport, *, has_validation: bool) -> None:
    """Print the report of a file; `has_validation` is whether a validation file is used with it."""
    for each in report.findings:
        where = f"{file}:{each.line}" if each.line else str(file)
        at = f" at {each.pointer}" if each.pointer else ""
        printer.line(f"{where}: {each.severity}: {each.rule}{at}: {each.message}")
    for line in _remedies(report):
        printer.line(line)
    for title, line in _overview(report, has_validation=has_validation):
        printer.line(f"  {title:<12}{line}")
    printer.line(f"{file}: {report.summary}")


def _remedies(report: CheckReport) -> Iterator[str]:
    """Yield the count and the remedy of each rule."""
    listed = [finding.rule for finding in report.findings]
    remedies = {each.rule: each.remedy for each in report.findings}
    for rule, remedy in remedies.items():
        count, more = report.counts[rule], report.counts[rule] - listed.count(rule)
        note = f" ({more} not listed)" if more > 0 else ""
        yield f"{rule}: {count} time{'s' * (count != 1)}{note}. {remedy}"


def _overview(report: CheckReport, *, has_validation: bool) -> Iterator[tuple[str, str]]:
    """Yield an overview of the rows and how the service uses them, as (title, text)."""
    if report.dropped:
        yield "dropped", ", ".join(f"{count} {rule}" for rule, count in report.dropped.items())
    if report.reading.roles:
        yield "turns", ", ".join(f"{count} {role}" for role, count in report.reading.roles)
    if report.role == "training" and report.ok:
        from ...datasets.automatic_split import automatic_split

        split = automatic_split(report.kept, has_validation=has_validation)
        shares = [f"{split.training} training"]
        shares += [f"{split.validation} validation"] if split.validation else []
        yield "split", ", ".join([*shares, f"{split.test} test"]) + ", split by the service"
    if report.model and report.task == "chat" and report.kept:
        from ...datasets.tokens.estimation import FROM_BYTES_ERROR

        error = f"±{FROM_BYTES_ERROR:.0%} for English, more for other scripts"
        yield "tokens", f"about {_tokens(report):,} per epoch, {error}; `maas estimate` counts them"
    if report.survey is None:
        return
    bars = report.survey.histogram()
    longest = max((count for _, count in bars), default=1)
    for number, (below, count) in enumerate(bars):
        yield (
            "" if number else "row length",
            f"below {format_size(below):>9}  {_bar(count / longest):<{_BAR_WIDTH}} {count}",
        )


def _tokens(report: CheckReport) -> int:
    """Estimate the tokens of the kept rows from the file size."""
    from ...catalog.lookup import find_model
    from ...datasets.tokens.estimation import tokens_from_bytes

    kept = report.bytes * report.kept // max(report.rows, 1)
    turns = sum(count for _, count in report.reading.roles)
    return tokens_from_bytes(kept, rows=report.kept, messages=turns, model=find_model(report.model or ""))


def _bar(share: float) -> str:
    """Draw a bar with a resolution of an eighth of a character."""
    full, eighth = divmod(max(1, round(share * _BAR_WIDTH * 8)), 8)
    return "█" * full + (_BAR_EIGHTHS[eighth] if eighth else "")
