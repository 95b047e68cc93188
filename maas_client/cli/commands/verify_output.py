"""What `maas verify` prints: notes while it runs, the tables of its report, and the error that it ends with."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.exit_codes import CONTRADICTED, INTERRUPTED, Failed
from ..app.session import Session
from ..output.durations import format_age

if TYPE_CHECKING:
    from ...verification.findings import VerificationFinding
    from ...verification.report import VerificationReport, VerificationStep

TIMED_OUT, NO_TOKEN, TRY_LATER = 124, 4, 75

LONG = 900.0
"""Seconds from which the begin of a step is reported."""

OUTAGES = frozenset({"ConnectionFailed", "ReplyLost", "ServiceUnavailable", "Throttled", "TransportError"})
"""Errors that show load or an outage."""


class Notes:
    """Notes on stderr while the steps run."""

    def __init__(self, session: Session) -> None:
        self._printer = session.printer
        self._is_cleaning = False

    def on_step(self, step: VerificationStep) -> None:
        """Report a step that has ended, and the beginning of one that may take long."""
        if step.state == "running":
            if step.expected >= LONG:
                longest = format_age(timedelta(seconds=step.expected))
                self._printer.note(f"begins  {step.name}, which may take {longest}")
            return
        why = f": {step.reason}" if step.reason else ""
        self._printer.note(f"{step.state:<7} {step.name}{why}")

    def on_removal(self, what: str) -> None:
        """Report what is removed."""
        if not self._is_cleaning:
            self._is_cleaning = True
            self._printer.note("removing what the steps have left; Ctrl-C ends that")
        self._printer.note(f"remove  {what}")


@contextmanager
def progress_notes(session: Session) -> Generator[Notes]:
    """Return what reports the run on stderr."""
    yield Notes(session)


def print_report(session: Session, report: VerificationReport, *, preview: bool) -> None:
    """Print the report: Markdown, JSON, or tables of the steps and of what differs."""
    printer = session.printer
    if preview:
        from ...verification.markdown import to_markdown

        click.echo(to_markdown(report), nl=False)
        return
    if printer.is_json:
        document = report.to_dict()
        counts = {"contradictions": len(report.contradictions), "additions": len(report.additions)}
        printer.document({"ok": report.ok, **counts, **document})
        return
    printer.rows(
        report.steps,
        {
            "step": lambda step: step.name,
            "level": lambda step: step.level,
            "state": lambda step: step.state,
            "requests": lambda step: step.requests,
            "seconds": lambda step: f"{step.seconds:.1f}",
        },
        lambda step: step.to_dict(),
    )
    _print_findings(session, "contradictions", report.contradictions)
    _print_findings(session, "additions", report.additions)
    if report.times:
        slow = max(report.times, key=lambda one: one.slowest)
        requests = sum(one.count for one in report.times)
        printer.note(
            f"{requests} answers; the slowest was of {slow.operation}: {slow.slowest:.1f} s, in the median "
            f"{slow.median:.1f} s; --output json has the times of each operation"
        )
    for outage in report.outages:
        printer.note(f"outage: {outage.operation} {outage.status or 'no answer'}, {outage.count} x")


def _print_findings(session: Session, title: str, findings: tuple[VerificationFinding, ...]) -> None:
    if not findings:
        return
    session.printer.line("")
    session.printer.line(f"{title}:")
    session.printer.rows(
        findings,
        {
            "operation": lambda one: one.operation or ", ".join(one.steps),
            "what": lambda one: one.kind,
            "where": lambda one: one.where,
            "expected": lambda one: one.expected,
            "found": lambda one: one.found,
        },
        lambda one: one.to_dict(),
        whole=True,
    )


def write_report(session: Session, file: Path, report: VerificationReport) -> None:
    """Write the Markdown report."""
    from ...verification.markdown import to_markdown

    file.write_text(to_markdown(report), "utf-8")
    session.printer.note(f"the report is in {file}; --preview shows it without writing it")


def raise_for(session: Session, report: VerificationReport, *, strict: bool) -> None:
    """Raise Failed unless all is as it is known; name the commands for what is left."""
    hint = "\n".join(f"still there: {session.command(*one.command.split()[1:])}" for one in report.remainders)
    if report.ended == "interrupted":
        raise Failed("interrupted", code=INTERRUPTED, hint=hint)
    wrong = [*report.contradictions, *(report.additions if strict else ())]
    if wrong:
        noun = "difference" if strict else "contradiction"
        what = f"{len(wrong)} {noun}{'s' * (len(wrong) != 1)}"
        raise Failed(f"{what}; the first is {wrong[0].sentence}", code=CONTRADICTED, hint=hint)
    if report.ended:
        raise Failed("the time limit has passed before the last step", code=TIMED_OUT, hint=hint)
    if report.failed:
        names = ", ".join(step.name for step in report.failed)
        raise Failed(f"these steps failed: {names}", code=_code_of(report.failed), hint=hint)
    if report.remainders:
        raise Failed("not everything could be removed", hint=hint)


def _code_of(failed: Sequence[VerificationStep]) -> int:
    """Return the exit code for steps that failed and contradict nothing."""
    errors = {step.error for step in failed}
    if errors <= OUTAGES:
        return TRY_LATER
    return NO_TOKEN if errors == {"CredentialError"} else 1
