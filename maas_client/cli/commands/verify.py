"""`maas verify`: a contract check of what the settings name, from free reading to a whole job, with a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..app.confirm import YES, confirm
from ..app.duration_option import DURATION
from ..app.options import EXISTING_FILE, NEW_FILE, Command
from ..app.session import Session, pass_session
from .verify_output import print_report, progress_notes, raise_for, write_report

if TYPE_CHECKING:
    from ... import MaasClient
    from ...verification.plan import VerificationPlan


@click.command(
    cls=Command,
    help="""Check whether the service answers as this library expects: the workspace or Foundry account of the
    settings, or the mock server.

    The steps go from what is free to what costs: `read` reads and lists, `data` also uploads and deletes a file of 20
    rows, `job` also creates a job of each kind and cancels it, and `full` also trains, deploys, chats and deletes. What
    was made is removed at the end, also after Ctrl-C. Its names begin with maas-verify-.

    Exits with 7 if an answer contradicts what the library relies on; what a service answers more is only listed.

    \b
    Example:
      maas verify
      maas verify --level full --prices prices.toml --max-cost 5 --report report.md
    """,
)
@click.option(
    "--level",
    type=click.Choice(["read", "data", "job", "full"]),
    default="read",
    show_default=True,
    help="How far to go; each level includes those before it.",
)
@click.option("--model", metavar="NAME", help="Base model to train; a small one by default.")
@click.option(
    "--instance-type",
    metavar="SIZE",
    help="Own compute: VM size to train and serve on; by default the cheapest that the model fits on.",
)
@click.option("--prices", type=EXISTING_FILE, metavar="FILE", help="Price file, to know what it may cost.")
@click.option(
    "--max-cost", type=click.FloatRange(min=0), metavar="X", help="Fail, before any step, if it may cost more than X."
)
@click.option("--timeout", type=DURATION, metavar="TIME", help="End the steps after this time, such as 2h.")
@click.option("--report", type=NEW_FILE, metavar="FILE", help="Write a Markdown report without names, to be filed.")
@click.option("--overwrite", is_flag=True, help="Replace the report if it exists.")
@click.option("--preview", is_flag=True, help="Print the report that --report would write, in place of the table.")
@click.option("--strict", is_flag=True, help="Fail for what the service answers more, too.")
@YES
@pass_session
def verify(
    session: Session,
    *,
    level: str,
    model: str | None,
    instance_type: str | None,
    prices: Path | None,
    max_cost: float | None,
    timeout: float | None,
    report: Path | None,
    overwrite: bool,
    preview: bool,
    strict: bool,
    yes: bool,
) -> None:
    """Verify the contract."""
    from ...verification.verification import Verification

    context = click.get_current_context()
    if preview and session.printer.is_json:
        raise click.UsageError("--preview prints Markdown: it cannot be combined with --output json", context)
    if report is not None and report.exists() and not overwrite:
        raise click.UsageError(f"{report} exists: --overwrite replaces it", context)
    with session.client() as maas:
        verification = Verification(maas)
        plan = verification.plan(level, model=model, instance_type=instance_type, prices=prices, timeout=timeout)
        plan.price.check(max_cost)
        _ask(session, maas, plan, yes=yes)
        with progress_notes(session) as notes:
            found = verification.run(plan, max_cost=max_cost, on_step=notes.on_step, on_removal=notes.on_removal)
    print_report(session, found, preview=preview)
    if report is not None:
        write_report(session, report, found)
    raise_for(session, found, strict=strict)


def _ask(session: Session, maas: MaasClient, plan: VerificationPlan, *, yes: bool) -> None:
    """Say what it costs, and ask where something is made."""
    what = f"{maas.settings.place} at level {plan.level}: {len(plan.steps)} steps, {plan.price}"
    if plan.level == "read" or yes:
        session.printer.note(f"verifying {what}")
        return
    confirm("Verify", "services", [what], done="verified")
