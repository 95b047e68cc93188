"""`maas check`: whether the service accepts a dataset, and every finding with its line."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Sequence
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
from .check_output import STDIN, Checked, Tokens, foundry_tokens_of, show, show_repair, tokens_of

if TYPE_CHECKING:
    from ... import CheckReport
    from ...catalog.model_facts import ModelFacts
    from ...core.surfaces import Surface
    from ...datasets.check.checker import CheckOptions
    from ...datasets.repair.changes import Repair
    from ..output.printer import Printer

_WORTH_ANOTHER = 16 << 20
"""Bytes for each process, if their number is not given: a file of 32 MiB is checked by two."""

_EVERY = 100_000
"""Findings of each rule that are listed with --verbose and --output jsonl."""

Role = Literal["training", "validation"]
Method = Literal["supervised", "dpo", "reinforcement"]


@click.command(
    cls=Command,
    help="""Check every row of each FILE as the service would. No request is sent.

    FILE is a JSONL file, a pattern such as 'data/*.jsonl', or - for standard input. Exits with 6 if the service would
    reject a file or the whole job would fail on it, or with --strict if there is any finding. With --fix OUT a repaired
    copy of the file is written, and the copy is checked instead.

    Azure Machine Learning and Azure AI Foundry have rules of their own; --for says whose are applied. Foundry's are by
    method, too: that of most rows, unless --method names it.

    \b
    Example:
      maas check raw.jsonl --fix train.jsonl
      maas check train.jsonl --for both
      maas check train.jsonl --model Phi-4-mini-instruct --validation-data validation.jsonl
    """,
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--for",
    "service",
    type=click.Choice(["azureml", "foundry", "both"]),
    help="Service whose rules are applied; by default that of the method, the model or the selected platform.",
)
@click.option(
    "--method",
    type=click.Choice(["supervised", "dpo", "reinforcement"]),
    help="Method of fine-tuning, for Foundry; detected from the rows by default.",
)
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
    service: Literal["azureml", "foundry", "both"] | None,
    method: Method | None,
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
    from ...core.surfaces import not_offered
    from ...datasets.check.checker import CheckOptions
    from ...datasets.surface_choice import check_foundry_model, choose_rules
    from ...datasets.tokens.counter_choice import LazyModelCounter

    surfaces = _surfaces(service, method, model, default=session.platform())
    owner = None if model is None else surfaces[0] if len(surfaces) == 1 else choose_rules(None, None, model).surface
    facts = find_model(model) if model and owner == "azureml" else None
    if model is None and (max_seq_length or tokenizer):
        raise click.UsageError("--max-seq-length and --tokenizer require --model")
    if owner == "foundry" and max_seq_length:
        raise not_offered("--max-seq-length", "foundry", offered_by="azureml")
    names = _named(files)
    if len(names) > 1 and (fix or validation):
        raise click.UsageError("--fix and --validation-data require a single FILE")
    if fix and names == [STDIN]:
        raise click.UsageError("--fix reads FILE twice, which standard input does not allow")
    if fix and len(surfaces) > 1:
        raise click.UsageError("--fix writes a file for one service: choose --for azureml or --for foundry")
    if facts is not None:
        _warn_of_retirement(session.printer, facts)
    counter = LazyModelCounter(facts, str(tokenizer) if tokenizer else None, task) if facts else None
    common = CheckOptions(role=role, personal=not no_personal_data)
    if verbose or output == "jsonl":
        common = replace(common, keep=_EVERY)
    azure_ml = replace(common, model=facts, task=task, max_seq_length=max_seq_length, counter=counter)
    tuned = check_foundry_model(model) if model and owner == "foundry" else None
    foundry = replace(common, surface="foundry", method=method, foundry_model=tuned)
    checkings = [azure_ml if surface == "azureml" else foundry for surface in surfaces]
    repair = None if fix is None else _repair(names[0], fix, checkings[0], overwrite=overwrite)
    if fix is not None:
        names = [str(fix)]
    checked = [each for name in names for each in _check(name, validation, checkings, processes)]
    if repair is not None and not session.printer.is_json:
        show_repair(session.printer, files[0], str(fix), repair)
    tokens: dict[Surface, Tokens] = {}
    if counter:
        tokens["azureml"] = partial(tokens_of, counter, max_seq_length)
    if tuned:
        tokens["foundry"] = partial(foundry_tokens_of, tuned, tokenizer)
    show(session.printer, checked, output, repair, verbose=verbose, tokens=tokens)
    reports = [report for each in checked for report in each.reports]
    if service is None:
        _name_other_service(session.printer, checked)
    if sarif is not None:
        from .check_annotations import write_sarif

        write_sarif(sarif, reports)
        session.printer.note(f"SARIF report written to {sarif}")
    _raise_if_refused(reports, strict=strict)


_OF_FOUNDRY = frozenset({"chat-content-missing", "chat-content-not-text", "chat-graded-row"})
"""Rules of Azure Machine Learning about rows that Azure AI Foundry may train on as they are."""


def _name_other_service(printer: Printer, checked: Sequence[Checked]) -> None:
    """Say of files with tool calls, images, preferences or references that Foundry may train on them."""
    for each in checked:
        report = each.report
        if report.surface == "azureml" and not report.ok:
            kinds = {finding.found for finding in report.findings if finding.rule == "schema-of-other-tool"}
            if report.counts.keys() & _OF_FOUNDRY or "preference (DPO) rows" in kinds:
                printer.note(f"Azure AI Foundry has other rules for such rows: maas check {each.name} --for foundry")


def _surfaces(
    service: Literal["azureml", "foundry", "both"] | None,
    method: Method | None,
    model: str | None,
    *,
    default: Surface,
) -> Sequence[Surface]:
    """Return the services whose rules are applied; raise NotOffered for a method that one of them does not have."""
    from ...datasets.surface_choice import choose_rules

    asked = ("azureml", "foundry") if service == "both" else (service,)
    return [choose_rules(each, method, model, default=default).surface for each in asked]


def _named(files: Iterable[str]) -> list[str]:
    """Return the names of files and of those that patterns match, each once; raise UsageError for what is not there."""
    names: dict[str, None] = {}
    for name in files:
        if name == STDIN or Path(name).is_file() or Path(name).is_fifo():
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
    name: str, validation: Path | None, checkings: Sequence[CheckOptions], processes: int | None
) -> list[Checked]:
    """Check a file by the rules of each service, and compare the validation file with it."""
    reports = _check_one(name, checkings, processes)
    if validation is None:
        return [Checked(name, report) for report in reports]
    from ...datasets.validation_data import refuse_own_validation

    refuse_own_validation(name, validation)
    checkings = [replace(checking, role="validation") for checking in checkings]
    others = _check_one(str(validation), checkings, processes)
    return [
        Checked(name, report, (str(validation), other.against(report)))
        for report, other in zip(reports, others, strict=True)
    ]


def _check_one(name: str, checkings: Sequence[CheckOptions], processes: int | None) -> list[CheckReport]:
    """Check a file by the rules of each service; standard input is read once."""
    from ...datasets.parts import check_file

    if name != STDIN:
        jobs = processes or processes_for(Path(name))
        return [check_file(name, checking, jobs=jobs) for checking in checkings]
    checkers = [checking.checker() for checking in checkings]
    while data := sys.stdin.buffer.read(1 << 18):
        for checker in checkers:
            checker.feed(data)
    return [checker.finish() for checker in checkers]


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

    return fix_file(
        Path(name),
        out,
        model=checking.model,
        task=checking.task,
        surface=checking.surface,
        method=checking.method,
        overwrite=overwrite,
    )


def _raise_if_refused(reports: Sequence[tuple[str, CheckReport]], *, strict: bool) -> None:
    """Raise Failed if a service would reject a file, or with `strict` if there is any finding."""
    for name, report in reports:
        if not report.ok:
            raise Failed(report.failure(name), code=DATASET_REFUSED)
    for name, report in reports:
        if strict and report.counts:
            found = ", ".join(report.counts)
            raise Failed(f"--strict: findings in {name}: {found}", code=DATASET_REFUSED)
