"""`maas check`: whether the service accepts a dataset, and every finding with its line."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ..app.exit_codes import DATASET_REFUSED, Failed
from ..app.options import EXISTING_FILE, EXISTING_FOLDER, NEW_FILE, Command, output_option
from ..app.renamed_options import RenamedOption
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import CheckReport
    from ...catalog.model_facts import ModelFacts
    from ...datasets.check.checker import CheckOptions
    from ...datasets.repair.changes import Repair
    from ...datasets.tokens.counter_choice import LazyModelCounter
    from ..output.printer import Printer

_STDIN = "-"
_WORTH_ANOTHER = 16 << 20
"""Bytes for each process, if their number is not given: a file of 32 MiB is checked by two."""

_COUNTED = 4 << 20
"""Bytes of a file up to which its tokens are counted."""

_EVERY = 100_000
"""Findings of each rule that are listed with --verbose and --output jsonl."""

Role = Literal["training", "validation"]


@click.command(
    cls=Command,
    help="""Check every row of each FILE as the service would. No request is sent.

    FILE is a JSONL file, a pattern such as 'data/*.jsonl', or - for standard input. Exits with 6 if the service would
    reject a file or the whole job would fail on it, or with --strict if there is any finding. With --fix OUT a repaired
    copy of the file is written, and the copy is checked instead.

    \b
    Example:
      maas check raw.jsonl --fix train.jsonl
      maas check train.jsonl --model Phi-4-mini-instruct --validation-data validation.jsonl
    """,
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
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
@click.option("--verbose", "-v", is_flag=True, help="Also print a line for every finding.")
@click.option(
    "--processes",
    cls=RenamedOption,
    former=["--jobs"],
    type=click.IntRange(1),
    metavar="N",
    help="Number of processes; by default all processors from 32 MiB on.",
)
@click.option(
    "--sarif", type=NEW_FILE, metavar="OUT", help="Also write the findings as SARIF, for code hosting platforms."
)
@output_option("github", help="Output format; jsonl is a line per finding, github is annotations of GitHub Actions.")
@pass_session
def check(
    session: Session,
    files: tuple[str, ...],
    model: str | None,
    task: Literal["chat", "text"] | None,
    role: Role,
    validation: Path | None,
    max_seq_length: int | None,
    tokenizer: Path | None,
    fix: Path | None,
    overwrite: bool,
    strict: bool,
    no_personal_data: bool,
    verbose: bool,
    processes: int | None,
    sarif: Path | None,
    output: str,
) -> None:
    """Check datasets."""
    from ...catalog.lookup import find_model
    from ...datasets.check.checker import CheckOptions
    from ...datasets.tokens.counter_choice import LazyModelCounter

    facts = find_model(model) if model else None
    if facts is None and (max_seq_length or tokenizer):
        raise click.UsageError("--max-seq-length and --tokenizer require --model")
    names = _named(files)
    if len(names) > 1 and (fix or validation):
        raise click.UsageError("--fix and --validation-data require a single FILE")
    if fix and names == [_STDIN]:
        raise click.UsageError("--fix reads FILE twice, which standard input does not allow")
    if facts is not None:
        _warn_of_retirement(session.printer, facts)
    counter = LazyModelCounter(facts, str(tokenizer) if tokenizer else None, task) if facts else None
    checking = CheckOptions(
        model=facts,
        task=task,
        role=role,
        max_seq_length=max_seq_length,
        counter=counter,
        personal=not no_personal_data,
    )
    if verbose or output == "jsonl":
        checking = replace(checking, keep=_EVERY)
    repair = None if fix is None else _repair(names[0], fix, checking, overwrite=overwrite)
    if fix is not None:
        names = [str(fix)]
    reports = _check(names, validation, checking, processes)
    if repair is not None and not session.printer.is_json:
        _show_repair(session.printer, files[0], str(fix), repair)
    counted = partial(_tokens, counter, max_seq_length) if counter else None
    _show(session.printer, reports, output, repair, verbose=verbose, validation=validation, tokens=counted)
    if sarif is not None:
        from .check_annotations import write_sarif

        write_sarif(sarif, reports)
        session.printer.note(f"SARIF report written to {sarif}")
    _raise_if_refused(reports, strict=strict)


def _named(files: Iterable[str]) -> list[str]:
    """Return the names of files and of those that patterns match, each once; raise UsageError for what is not there."""
    names: dict[str, None] = {}
    for name in files:
        if name == _STDIN or Path(name).is_file() or Path(name).is_fifo():
            names[name] = None
        elif glob.has_magic(name) and not Path(name).exists():
            found = glob.glob(name, recursive=True)  # noqa: PTH207 -- Path.glob takes no absolute pattern
            matches = sorted(match for match in found if Path(match).is_file())
            if not matches:
                raise click.UsageError(f"no file matches {name!r}")
            names |= dict.fromkeys(matches)
        elif Path(name).is_dir():
            raise click.UsageError(f"{name!r} is a folder; name its files: {str(Path(name) / '*.jsonl')!r}")
        elif not Path(name).exists():
            raise click.UsageError(f"there is no file {name!r}")
        else:
            names[name] = None
    return list(names)


def _warn_of_retirement(printer: Printer, model: ModelFacts) -> None:
    """Say that fine-tuning of a model has ended, as `jobs create` does."""
    today = datetime.now(UTC).date()
    if model.finetune_retired(today):
        printer.note(f"warning: {model.status_line(today)} The registry decides whether it is accepted anyway.")


def _check(
    names: list[str], validation: Path | None, checking: CheckOptions, processes: int | None
) -> dict[str, CheckReport]:
    """Check the files, and compare the validation file with the only one."""
    reports = {name: _check_one(name, checking, processes) for name in names}
    if validation is not None:
        from ...datasets.validation_data import refuse_own_validation

        refuse_own_validation(names[0], validation)
        other = _check_one(str(validation), replace(checking, role="validation"), processes)
        reports[str(validation)] = other.against(reports[names[0]])
    return reports


def _check_one(name: str, checking: CheckOptions, processes: int | None) -> CheckReport:
    from ...datasets.parts import check_file

    if name != _STDIN:
        return check_file(name, checking, jobs=processes or processes_for(Path(name)))
    checker = checking.checker()
    while data := sys.stdin.buffer.read(1 << 18):
        checker.feed(data)
    return checker.finish()


def processes_for(file: Path) -> int:
    """Return how many processes check a file fastest: one for each 16 MiB, at most one for each processor."""
    size = file.stat().st_size
    return max(1, min(_processors(), size // _WORTH_ANOTHER))


def _processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # not on Windows and macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _repair(name: str, out: Path, checking: CheckOptions, *, overwrite: bool) -> Repair:
    """Write a repaired copy of the file."""
    from ...datasets.repair.file_repair import fix_file

    return fix_file(Path(name), out, model=checking.model, task=checking.task, overwrite=overwrite)


def _show(
    printer: Printer,
    reports: Mapping[str, CheckReport],
    output: str,
    repair: Repair | None,
    *,
    verbose: bool,
    validation: Path | None,
    tokens: Callable[[str, CheckReport], str | None] | None,
) -> None:
    """Print the reports in the format that was asked for; `tokens` describes those of a file."""
    if output == "jsonl":
        for name, report in reports.items():
            for finding in report.findings:
                printer.document({"file": name, **finding.to_dict()})
            for group in report.groups:
                if len(group.first) == _EVERY < group.count:
                    more = group.count - len(group.first)
                    printer.note(f"{name}: {more:,} more findings of {group.rule.id} are not listed")
    elif output == "json":
        printer.document(_document(reports, repair, validation))
    elif output == "github":
        from .check_annotations import github_annotations

        for line in github_annotations(reports):
            printer.line(line)
    else:
        from .check_report import show_report

        for name, report in reports.items():
            counted = tokens(name, report) if tokens else None
            show_report(printer, name, report, every=verbose, has_validation=validation is not None, tokens=counted)
        if len(reports) > 1 and validation is None:
            accepted = sum(report.ok for report in reports.values())
            printer.line(f"{accepted} of {len(reports)} files would be accepted")


def _tokens(counter: LazyModelCounter, max_seq_length: int | None, name: str, report: CheckReport) -> str | None:
    """Return the tokens of the kept rows as `maas estimate` counts them; that takes longer than the check."""
    from ...datasets.cost.token_report import sum_up

    if not report.kept or name == _STDIN:
        return None
    if report.bytes > _COUNTED:
        return "`maas estimate` counts them"
    task = None if report.task_from == "assumed" else report.task
    found = sum_up(name, counter.chosen, model=counter.model, max_seq_length=max_seq_length, task=task)
    bound = "" if found.exact else f", estimated within {found.error_bound:.0%} for most text"
    return f"{found.total:,} in {found.kept:,} rows{bound}"


def _document(reports: Mapping[str, CheckReport], repair: Repair | None, validation: Path | None) -> dict[str, object]:
    """Return the JSON of one file, with that of its validation file and its repair, or of several."""
    if validation is None and len(reports) > 1:
        return {
            "ok": all(report.ok for report in reports.values()),
            "files": [{"file": name, **report.to_dict()} for name, report in reports.items()],
        }
    first, *others = (report.to_dict() for report in reports.values())
    more: dict[str, object] = {"validation": others[0]} if others else {}
    more |= {"repair": repair.to_dict()} if repair else {}
    return first | more


def _show_repair(printer: Printer, name: str, out: str, repair: Repair) -> None:
    """Print a line per change, the number of changes per rule, and the summary."""
    for change in repair.changes:
        where = f"{name}:{change.source_line}" if change.source_line else name
        target = f" (line {change.target_line} of {out})" if change.target_line else ""
        at = f" at {change.pointer}" if change.pointer else ""
        printer.line(f"{where}: repaired: {change.rule}{at}: {change.done}{target}")
    for rule, count in repair.counts.items():
        printer.line(f"{rule}: {count} change{'s' * (count != 1)}")
    printer.line(f"{out}: {repair.summary}")


def _raise_if_refused(reports: Mapping[str, CheckReport], *, strict: bool) -> None:
    """Raise Failed if the service would reject a file, or with `strict` if there is any finding."""
    for name, report in reports.items():
        if not report.ok:
            raise Failed(report.failure(name), code=DATASET_REFUSED)
    for name, report in reports.items():
        if strict and report.counts:
            found = ", ".join(report.counts)
            raise Failed(f"--strict: findings in {name}: {found}", code=DATASET_REFUSED)
