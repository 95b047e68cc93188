"""`maas costs`: what runs now and costs money by the hour, and the deletion of what is idle."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

import click

from ..app.confirm import YES, confirm_each
from ..app.duration_option import DURATION
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.list_options import list_options
from ..app.options import Command
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import MaasClient, RunningCost
    from ..output.printer import Columns


@click.command(
    cls=Command,
    help="""List what costs money by the hour right now, used or not, with the service's own prices: clusters that have
    nodes, online deployments, serverless endpoints of tuned models, and Foundry deployments with a hosting fee.

    What is idle is marked; a `-` means that the service does not report it. Storage, and what is paid for by the token,
    is not listed.

    \b
    Example:
      maas costs
      maas costs --delete-idle
    """,
)
@click.option("--delete-idle", is_flag=True, help="Delete what is idle, after asking for each.")
@click.option(
    "--idle-after",
    type=DURATION,
    default="1h",
    show_default=True,
    metavar="TIME",
    help="Time without a request after which an online deployment is idle.",
)
@YES
@list_options
@pass_session
def costs(session: Session, *, delete_idle: bool, idle_after: float, yes: bool) -> None:
    """List running costs."""
    from ...running_costs.running_cost import hourly_totals

    if yes and not delete_idle:
        raise click.UsageError("--yes needs --delete-idle", click.get_current_context())
    with session.client() as maas:
        found = maas.costs.running(idle_after=idle_after)
        if not session.printer.is_json or not delete_idle:
            _show(session, found)
        for currency, total in hourly_totals(found).items():
            session.printer.note(f"together {total:.2f} {currency} per hour, by the service's prices")
        if unknown := [cost for cost in found if cost.hourly_price is None]:
            session.printer.note(f"the service has no price for {len(unknown)} of {len(found)}")
        deleted = _delete_idle(session, maas, found, idle_after=idle_after, yes=yes) if delete_idle else ()
    if session.printer.is_json and delete_idle:
        session.printer.document([{**cost.to_dict(), "deleted": cost in deleted} for cost in found])


def _show(session: Session, found: Sequence[RunningCost]) -> None:
    """Print what costs money; without anything, a list is printed only as JSON or of the fields that are chosen."""
    from ... import RunningCost  # here: the help does not need it

    if found or session.printer.is_json or session.printer.fields:
        more = {name: attrgetter(name) for name in RunningCost.__dataclass_fields__}
        session.printer.listing(found, _columns(), lambda cost: cost.to_dict(), more)
    if not found:
        session.printer.note("nothing runs that costs money by the hour")
    for cost in found:
        if cost.idle and cost.delete_command:
            session.printer.note(f"idle: {cost.label}: {cost.reason}; {_command(session, cost)}")


def _columns() -> Columns[RunningCost]:
    return {
        "name": lambda cost: cost.label,
        "kind": lambda cost: cost.kind,
        "per hour": lambda cost: _price(cost),
        "idle": lambda cost: None if cost.idle is None else "yes" if cost.idle else "no",
        "size": lambda cost: cost.size,
        "instances": lambda cost: cost.instances,
        "state": lambda cost: cost.state,
        "created": lambda cost: cost.created_at[:19],
    }


def _price(cost: RunningCost) -> str:
    return "" if cost.hourly_price is None else f"{cost.hourly_price:.2f} {cost.currency or ''}".strip()


def _command(session: Session, cost: RunningCost) -> str:
    return session.command(*shlex.split(cost.delete_command)[1:])


def _delete_idle(
    session: Session, maas: MaasClient, found: Sequence[RunningCost], *, idle_after: float, yes: bool
) -> Sequence[RunningCost]:
    """Delete what is idle and was confirmed; return what was deleted.

    What has got something to do while the questions were answered is kept.
    """
    idle = [cost for cost in found if cost.idle and cost.delete_command]
    if not idle:
        session.printer.note("nothing is known to be idle: nothing was deleted")
        return ()
    if not yes:
        described = {_described(cost): cost for cost in idle}
        idle = [described[each] for each in confirm_each("Delete", [*described])]
        now = (
            {(cost.kind, cost.label) for cost in maas.costs.running(idle_after=idle_after) if cost.idle} if idle else ()
        )
        for cost in idle:
            if (cost.kind, cost.label) not in now:
                session.printer.note(f"{cost.kind} {cost.label} is no longer idle, or gone: kept")
        idle = [cost for cost in idle if (cost.kind, cost.label) in now]
    for cost in idle:
        resume = session.command("costs", "--delete-idle")
        with resume_hint_on_interrupt(resume, f"the deletion of {cost.kind} {cost.label} continues"):
            _delete(maas, cost)
        session.printer.note(f"{cost.kind} {cost.label} deleted")
    return idle


def _described(cost: RunningCost) -> str:
    price = _price(cost)
    return f"{cost.kind} {cost.label}{f' ({price} per hour)' if price else ''}: {cost.reason}"


def _delete(maas: MaasClient, cost: RunningCost) -> None:
    """Delete something that costs money, and wait until it is gone."""
    if cost.kind == "cluster":
        maas.computes.delete(cost.name, missing_ok=True)
    elif cost.endpoint is None:
        maas.endpoints.delete(cost.name, missing_ok=True)
    else:
        is_one_of_several = "--deployment" in cost.delete_command
        maas.endpoints.delete(cost.endpoint, deployment=cost.name if is_one_of_several else None, missing_ok=True)
