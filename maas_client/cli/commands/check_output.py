"""How `maas check` prints its reports: for a person, as JSON, a line per finding, or annotations of GitHub Actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ...core.surfaces import Surface
    from ...datasets.check.report import CheckReport
    from ...datasets.repair.changes import Repair
    from ...datasets.tokens.counter_choice import LazyModelCounter
    from ..output.printer import Printer

Tokens = Callable[[str, "CheckReport"], str | None]
"""Describes the tokens of a file by its name and its report."""

STDIN = "-"
"""The name of standard input."""

_COUNTED = 4 << 20
"""Bytes of a file up to which its tokens are counted."""


class Checked(NamedTuple):
    """The report on a file by the rules of one service, and on its validation file if there is one."""

    name: str
    report: CheckReport
    validation: tuple[str, CheckReport] | None = None

    @property
    def reports(self) -> list[tuple[str, CheckReport]]:
        """Each file and its report."""
        return [(self.name, self.report)] + ([] if self.validation is None else [self.validation])


def show(
    printer: Printer,
    checked: Sequence[Checked],
    output: str,
    repair: Repair | None,
    *,
    verbose: bool,
    tokens: Mapping[Surface, Tokens],
) -> None:
    """Print the reports in the format that was asked for; `tokens` describes those of a file for a service."""
    reports = [report for each in checked for report in each.reports]
    if output == "jsonl":
        for name, report in reports:
            for finding in report.findings:
                printer.document({"file": name, "surface": report.surface, **finding.to_dict()})
            for group in report.groups:
                if len(group.first) == report.keep < group.count:
                    more = group.count - len(group.first)
                    printer.note(f"{name}: {more:,} more findings of {group.rule.id} are not listed")
    elif output == "json":
        printer.document(_document(checked, repair))
    elif output == "github":
        from .check_annotations import github_annotations

        for line in github_annotations(reports):
            printer.line(line)
    else:
        _show_all(printer, checked, verbose=verbose, tokens=tokens)


def _show_all(
    printer: Printer,
    checked: Sequence[Checked],
    *,
    verbose: bool,
    tokens: Mapping[Surface, Tokens],
) -> None:
    """Print the reports for a person, each under the service's name if there are several services."""
    from ...core.surfaces import SURFACE_TITLES
    from .check_report import show_report

    by_service = len({each.report.surface for each in checked}) > 1
    for each in checked:
        if by_service:
            printer.styled_line((SURFACE_TITLES[each.report.surface], "bold"))
        for name, report in each.reports:
            count = tokens.get(report.surface)
            counted = None if count is None else count(name, report)
            has_validation = each.validation is not None
            show_report(printer, name, report, every=verbose, has_validation=has_validation, tokens=counted)
    files = {each.name for each in checked}
    if len(files) > 1:
        refused = {each.name for each in checked if not each.report.ok}
        printer.line(f"{len(files - refused)} of {len(files)} files would be accepted")


def tokens_of(counter: LazyModelCounter, max_seq_length: int | None, name: str, report: CheckReport) -> str | None:
    """Return the tokens of the kept rows as `maas estimate` counts them; that takes longer than the check."""
    from ...datasets.cost.token_report import sum_up

    if (instead := _uncounted(name, report)) is not None:
        return instead or None
    task = None if report.task_from == "assumed" else report.task
    found = sum_up(name, counter.chosen, model=counter.model, max_seq_length=max_seq_length, task=task)
    return _counted(found.total, found.kept, 0 if found.exact else found.error_bound)


def foundry_tokens_of(model: str, tokenizer: Path | None, name: str, report: CheckReport) -> str | None:
    """Return the tokens of a file for a model of Azure AI Foundry as `maas estimate` counts them."""
    from ...catalog.foundry_lookup import base_of_tuned, known_offer
    from ...datasets.cost.foundry_tokens import count_foundry_tokens
    from ...datasets.tokens.text_counting import text_counter_for

    offer = known_offer(base_of_tuned(model) or model)
    if offer is None:
        return None
    if (instead := _uncounted(name, report)) is not None:
        return instead or None
    found = count_foundry_tokens(name, text_counter_for(offer, tokenizer=tokenizer), model=offer)
    return _counted(found.total, found.counted, found.error_bound)


def _uncounted(name: str, report: CheckReport) -> str | None:
    """Return what is said instead of the tokens of a file, which may be nothing; None if they are counted."""
    if not report.kept or name == STDIN:
        return ""
    return "`maas estimate` counts them" if report.bytes > _COUNTED else None


def _counted(tokens: int, rows: int, error_bound: float) -> str:
    bound = f", estimated within {error_bound:.0%} for most text" if error_bound else ""
    return f"{tokens:,} in {rows:,} rows{bound}"


def _document(checked: Sequence[Checked], repair: Repair | None) -> dict[str, Any]:
    """Return the JSON of one file, with that of its validation file and its repair, or of several files or services."""
    if len(checked) > 1:
        return {
            "ok": all(report.ok for each in checked for _, report in each.reports),
            "files": [{"file": each.name, **_plain(each)} for each in checked],
        }
    return _plain(checked[0]) | ({"repair": repair.to_dict()} if repair else {})


def _plain(checked: Checked) -> dict[str, Any]:
    validation = {} if checked.validation is None else {"validation": checked.validation[1].to_dict()}
    return checked.report.to_dict() | validation


def show_repair(printer: Printer, name: str, out: str, repair: Repair) -> None:
    """Print a line per change, the number of changes per rule, and the summary."""
    for change in repair.changes:
        where = f"{name}:{change.source_line}" if change.source_line else name
        target = f" (line {change.target_line} of {out})" if change.target_line else ""
        at = f" at {change.pointer}" if change.pointer else ""
        printer.line(f"{where}: repaired: {change.rule}{at}: {change.done}{target}")
    for rule, count in repair.counts.items():
        printer.line(f"{rule}: {count} change{'s' * (count != 1)}")
    printer.line(f"{out}: {repair.summary}")
