"""What `maas plan` prints: a table of ways, the other platforms, and what to take."""

from __future__ import annotations

from ...planning.overview import Row, cost_of, overview_of, parts_of, time_of
from ...planning.plan import Plan
from ..app.session import Session
from ..output.printer import Columns


def show(session: Session, plan: Plan) -> None:
    """Print a plan: its document as JSON, or what a reader sees of it."""
    printer = session.printer
    if printer.is_json:
        printer.document(plan.to_dict())
        return
    shown = overview_of(plan)
    printer.line(shown.title)
    for fact in shown.facts:
        printer.line(fact)
    if shown.rows:
        printer.line("")
        printer.line(f"On {shown.where}:")
        printer.rows(shown.rows, columns_for(plan, shown.rows), lambda row: row.way.to_dict())
    if shown.elsewhere:
        printer.line("")
        printer.line("Elsewhere:" if shown.rows else "Ways:")
        width = max(len(platform) for platform, _ in shown.elsewhere)
        for platform, sentence in shown.elsewhere:
            printer.paragraph(f"  {platform:<{width}}  ", sentence)
    printer.line("")
    _show_advice(session, plan)
    if shown.quoted:
        printer.line("")
        printer.line(shown.quoted[0])
        for line in shown.quoted[1:]:
            printer.paragraph("  ", line)
    for remark in plan.remarks:
        printer.note(remark)


def columns_for(plan: Plan, rows: tuple[Row, ...]) -> Columns[Row]:
    """Return the columns of the table; what would be the same in every row has none."""
    machines: Columns[Row] = {"on": lambda row: row.way.machine}
    costs: Columns[Row] = {"cost": lambda row: cost_of(row.way)}
    epochs = f"{plan.epochs} epoch{'s' * (plan.epochs != 1)}"
    return {
        "way": lambda row: row.way.method_title,
        **(machines if len({row.way.machine for row in rows}) > 1 or not plan.own else {}),
        "fits": lambda row: row.fits,
        "GPU memory": lambda row: row.memory,
        epochs: lambda row: time_of(row.way),
        **(costs if any(row.way.cost for row in rows) else {}),
        "run with": lambda row: row.tools,
    }


def _show_advice(session: Session, plan: Plan) -> None:
    printer, best = session.printer, plan.recommended
    if best is None:
        return
    for start, text in overview_of(plan).advice:
        printer.paragraph(f"{start.capitalize():<5} ", text)
    if parts := parts_of(best):
        printer.paragraph("      ", f"its GiB: {parts}")
    for each in best.cannot:
        printer.paragraph("      - ", each)
    printer.line("")
    printer.line("To start it:")
    if "job.yaml" in best.command:
        printer.line("  the same command with --job-file job.yaml writes its settings, then")
    printer.line(f"  {best.command}")
