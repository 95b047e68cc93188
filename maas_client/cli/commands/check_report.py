"""A report on the screen: a line per finding, as compilers do, what to do about each kind, then the set at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...catalog.lookup import find_model
from ...datasets.automatic_split import automatic_split
from ...datasets.tokens.estimation import FROM_BYTES_ERROR, tokens_from_bytes
from ..output.printer import size

if TYPE_CHECKING:
    from ... import CheckReport
    from ..output.printer import Printer

_WIDEST = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"


def show(printer: Printer, file: Path, report: CheckReport, *, has_validation: bool) -> None:
    """Write a report on a file; `has_validation` says whether a validation file comes with it."""
    for each in report.findings:
        where = f"{file}:{each.line}" if each.line else str(file)
        at = f" at {each.pointer}" if each.pointer else ""
        printer.line(f"{where}: {each.severity}: {each.rule}{at}: {each.message}")
    for line in _remedies(report):
        printer.line(line)
    for title, line in _glance(report, has_validation=has_validation):
        printer.line(f"  {title:<12}{line}")
    printer.line(f"{file}: {report.summary}")


def _remedies(report: CheckReport) -> Iterator[str]:
    """Say of each rule how often it was met, and what to do."""
    listed = [finding.rule for finding in report.findings]
    remedies = {each.rule: each.remedy for each in report.findings}
    for rule, remedy in remedies.items():
        count, more = report.counts[rule], report.counts[rule] - listed.count(rule)
        note = f" ({more} of them not listed)" if more > 0 else ""
        yield f"{rule}: {count} time{'s' * (count != 1)}{note}. {remedy}"


def _glance(report: CheckReport, *, has_validation: bool) -> Iterator[tuple[str, str]]:
    """Say in a few lines what the rows are like and what becomes of them."""
    if report.dropped:
        yield "lost", ", ".join(f"{count} {rule}" for rule, count in report.dropped.items())
    if report.reading.roles:
        yield "turns", ", ".join(f"{count} {role}" for role, count in report.reading.roles)
    if report.role == "training" and report.ok:
        split = automatic_split(report.kept, has_validation=has_validation)
        shares = [f"{split.training} to train on"]
        shares += [f"{split.validation} for validation"] if split.validation else []
        yield "split", ", ".join([*shares, f"{split.test} set aside"]) + ", by the service itself"
    if report.model and report.task == "chat" and report.kept:
        error = f"give or take {FROM_BYTES_ERROR:.0%} in English, more in other scripts"
        yield "tokens", f"some {_tokens(report):,} an epoch, {error}; `maas estimate` counts them"
    if report.survey is None:
        return
    bars = report.survey.histogram()
    most = max((count for _, count in bars), default=1)
    for number, (below, count) in enumerate(bars):
        yield "" if number else "row length", f"below {size(below):>9}  {_bar(count / most):<{_WIDEST}} {count}"


def _tokens(report: CheckReport) -> int:
    """Estimate the tokens of the kept rows from the file's size."""
    kept = report.bytes * report.kept // max(report.rows, 1)
    turns = sum(count for _, count in report.reading.roles)
    return tokens_from_bytes(kept, rows=report.kept, messages=turns, model=find_model(report.model or ""))


def _bar(share: float) -> str:
    """Draw a bar to an eighth of a character."""
    whole, eighth = divmod(max(1, round(share * _WIDEST * 8)), 8)
    return "█" * whole + (_EIGHTHS[eighth] if eighth else "")
