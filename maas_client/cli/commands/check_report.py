"""How `maas check` shows a report to a person: findings by rule, then an overview of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..output.printer import format_size

if TYPE_CHECKING:
    from ...datasets.check.finding_groups import FindingGroup
    from ...datasets.check.findings import Finding
    from ...datasets.check.report import CheckReport
    from ..output.printer import Printer

_BAR_WIDTHS = (5, 40)
"""The least and the greatest width of a bar."""

_BAR_EIGHTHS = " ▏▎▍▌▋▊▉"
_MOST_RANGES = 6
_INDENT = " " * 9


def show_report(
    printer: Printer,
    name: str,
    report: CheckReport,
    *,
    every: bool = False,
    has_validation: bool = False,
    tokens: str | None = None,
) -> None:
    """Print the report of a file.

    Args:
        printer: where it is printed.
        name: the file's name.
        report: the report.
        every: print a line for every finding that the report has, before the groups.
        has_validation: whether a validation file is used with it.
        tokens: the tokens of its rows, as text.
    """
    for finding in report.findings if every else ():
        printer.line(finding_line(name, finding))
    for group in report.groups:
        _show_group(printer, group)
    for title, line in _overview(report, has_validation=has_validation, tokens=tokens):
        printer.paragraph(f"  {title:<12}", line)
    for number, line in enumerate(_histogram(report, printer.width)):
        printer.line(f"  {'' if number else 'row length':<12}{line}")
    printer.paragraph("", f"{name}: {report.summary}")


def finding_line(name: str, finding: Finding) -> str:
    """Return a finding as one line that editors understand: `file:line: severity: rule at pointer: message`."""
    where = f"{name}:{finding.line}" if finding.line else name
    at = f" at {finding.pointer}" if finding.pointer else ""
    return f"{where}: {finding.severity}: {finding.rule}{at}: {finding.message}"


def where(group: FindingGroup, *, most: int = _MOST_RANGES) -> str:
    """Say how often a rule was found, and in which lines: `16 rows: lines 3-18`."""
    if not group.lines.lines:
        return "the file" if group.count == 1 else f"{group.count:,} times"
    lines = group.lines.lines
    hidden = group.lines.beyond(most)
    plural = "s" if lines > 1 else ""
    more = f" and {hidden:,} more" if hidden else ""
    times = f"{group.count:,} times in " if group.count > lines else ""
    return f"{times}{lines:,} row{plural}: line{plural} {group.lines.shown(most)}{more}"


def _show_group(printer: Printer, group: FindingGroup) -> None:
    """Print a rule once: its severity, how many rows and which, what was found and what to do."""
    severity = group.rule.severity
    printer.styled_line((f"{severity:<8} ", severity), (group.rule.id, "bold"), (f"  {where(group)}", ""))
    fix = " `--fix OUT` does it." if group.rule.repairable else ""
    for text in (group.message, group.rule.service, f"{group.rule.remedy}{fix}"):
        printer.paragraph(_INDENT, text)


def _overview(report: CheckReport, *, has_validation: bool, tokens: str | None) -> Iterator[tuple[str, str]]:
    """Yield an overview of the rows and how the service uses them, as (title, text)."""
    if report.dropped:
        yield report.rule_set.lost, ", ".join(f"{count} {rule}" for rule, count in report.dropped.items())
    if report.reading.roles:
        yield "turns", ", ".join(f"{count} {role}" for role, count in report.reading.roles)
    if report.role == "training" and report.ok and report.rule_set.splits:
        from ...datasets.automatic_split import automatic_split

        split = automatic_split(report.kept, has_validation=has_validation)
        shares = [f"{split.training} training"]
        shares += [f"{split.validation} validation"] if split.validation else []
        yield "split", ", ".join([*shares, f"{split.test} test"]) + ", split by the service"
    if tokens:
        yield "tokens", tokens


def _histogram(report: CheckReport, width: int | None) -> Iterator[str]:
    """Yield a line with a bar for each range of row lengths, within a width less its indentation."""
    bars = report.survey.histogram() if report.survey else []
    most = max((count for _, count in bars), default=1)
    least, greatest = _BAR_WIDTHS
    spare = greatest if width is None else width - len(f"  {'':<12}below {'':>9}   {most}")
    longest = min(max(spare, least), greatest)
    for below, count in bars:
        yield f"below {format_size(below):>9}  {_bar(count / most, longest):<{longest}} {count}"


def _bar(share: float, longest: int) -> str:
    """Draw a bar with a resolution of an eighth of a character."""
    full, eighth = divmod(max(1, round(share * longest * 8)), 8)
    return "█" * full + (_BAR_EIGHTHS[eighth] if eighth else "")
