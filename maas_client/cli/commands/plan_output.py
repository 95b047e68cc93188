"""What `maas plan` prints: a table of ways, what to take, and the other platforms."""

from __future__ import annotations

from ...planning.commands import JOB_FILE
from ...planning.overview import Overview, overview_of
from ...planning.plan import Plan
from ..app.session import Session
from ..output.printer import Printer, format_cell


def show(session: Session, plan: Plan) -> None:
    """Print a plan: its document as JSON, or what a reader sees of it."""
    printer = session.printer
    if printer.is_json:
        printer.document(plan.to_dict())
        return
    shown = overview_of(plan)
    printer.paragraph("", shown.title)
    printer.paragraph("", shown.facts)
    if shown.rows:
        columns = shown.columns(plan)
        printer.line("")
        printer.paragraph("", f"On {shown.where}:")
        rows = zip(*columns.values(), strict=True)
        printer.table(list(columns), [[format_cell(cell) for cell in row] for row in rows])
    _show_advice(printer, shown)
    _show_command(printer, shown)
    for remark in plan.remarks:
        printer.note(remark)


def _show_advice(printer: Printer, shown: Overview) -> None:
    if shown.advice:
        printer.line("")
    for start, text in shown.advice:
        printer.paragraph(f"{start:<4}  ", text)
    if shown.elsewhere:
        printer.line("")
        printer.line("Elsewhere:" if shown.rows else "Ways:")
        width = max(len(platform) for platform, _ in shown.elsewhere)
        for platform, sentence in shown.elsewhere:
            printer.paragraph(f"  {platform:<{width}}  ", sentence)
    if shown.quoted:
        printer.line("")
        printer.line(shown.quoted[0])
        for line in shown.quoted[1:]:
            printer.paragraph("  ", line)


def _show_command(printer: Printer, shown: Overview) -> None:
    if not shown.command:
        return
    printer.line("")
    if JOB_FILE in shown.command:
        printer.line(f"To start it, write its settings with `--job-file {JOB_FILE}`, then:")
    else:
        printer.line("To start it:")
    printer.line(f"  {shown.command}")
