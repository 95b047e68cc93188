"""`maas computes sizes` and `quota`: what the region offers, and how much of it may be used."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

import click

from ..app.list_options import list_options
from ..app.options import Command
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import ComputeSize, Quota
    from ..output.printer import Columns


@click.command(
    cls=Command,
    help="""List the sizes with GPUs that the workspace's region offers, cheapest first, with the service's own price of
    one machine for an hour. A `-` means that the service reports no price.

    \b
    Example:
      maas computes sizes
      maas computes sizes --model Phi-4-mini-instruct
    """,
)
@click.option(
    "--model", metavar="NAME", help="Show what each has enough GPU memory for: LoRA, full fine-tuning, serving."
)
@click.option("--all", "every", is_flag=True, help="Show what has no GPUs as well.")
@list_options
@pass_session
def sizes(session: Session, model: str | None, every: bool) -> None:
    """List sizes."""
    from ... import ComputeSize  # here: the help does not need it
    from ...catalog.lookup import find_model
    from ...computes.fit import uses_of

    facts = None if model is None else find_model(model)
    with session.client() as maas:
        found = maas.computes.sizes(gpus_only=not every)

    def uses(size: ComputeSize) -> tuple[str, ...]:
        return () if facts is None else uses_of(size, facts)

    def document(size: ComputeSize) -> dict[str, object]:
        return _size_document(size) | ({} if facts is None else {"fits": list(uses(size))})

    fits: Columns[ComputeSize] = {"fits": lambda size: ", ".join(uses(size))}
    session.printer.listing(
        found,
        {
            "name": lambda size: size.name,
            **(fits if facts is not None else {}),
            "gpus": lambda size: f"{size.gpus} x {size.gpu}" if size.gpu else size.gpus,
            "gpu memory": lambda size: "" if size.gpu_memory_gib is None else f"{size.gpu_memory_gib:g} GiB",
            "per hour": lambda size: _price(size, size.hourly_price),
            "low priority": _low_priority,
            "trains": lambda size: _yes_or_no(size.can_train),
            "serves": lambda size: _yes_or_no(size.can_serve),
            "vcpus": lambda size: size.vcpus,
            "memory": lambda size: f"{size.memory_gib:g} GiB",
            "retired": lambda size: size.retired.isoformat() if size.retired is not None else "",
        },
        document=document,
        more={name: attrgetter(name) for name in ComputeSize.model_fields},
    )


def _size_document(size: ComputeSize) -> dict[str, object]:
    return {**size.to_dict(), "can_train": size.can_train, "can_serve": size.can_serve}


def _price(size: ComputeSize, amount: float | None) -> str:
    return "" if amount is None else f"{amount:.2f} {size.currency}".strip()


def _low_priority(size: ComputeSize) -> str:
    return _price(size, size.low_priority_price) or ("yes" if size.low_priority_capable else "no")


def _yes_or_no(known: bool | None) -> str | None:
    return None if known is None else "yes" if known else "no"


@click.command(
    cls=Command,
    help="""List how many vCPUs each family with GPUs may use in the workspace's region, and does. New subscriptions
    have 0 for them; more is asked for in the Azure portal, and takes hours to days.

    Machines at low priority share one quota. An online endpoint needs a fifth more instances than it has, rounded up,
    so the first one needs the quota of two; A100 and H100 sizes are exempt.

    \b
    Example:
      maas computes quota
    """,
)
@click.option("--all", "every", is_flag=True, help="Show what has no GPUs as well.")
@list_options
@pass_session
def quota(session: Session, every: bool) -> None:
    """List quota."""
    from ... import Quota  # here: the help does not need it

    with session.client() as maas:
        found = maas.computes.quota()
    shown = found if every else [each for each in found if _concerns_gpus(each)]
    session.printer.listing(
        shown,
        {
            "family": lambda each: each.family or each.name,
            "left": lambda each: each.left,
            "used": lambda each: each.used,
            "limit": lambda each: "shared" if each.limit is None else each.limit,
            "priority": lambda each: "low" if each.low_priority else "dedicated",
        },
        document=lambda each: {**each.to_dict(), "left": each.left},
        more={name: attrgetter(name) for name in Quota.model_fields},
    )
    if not any(each.left for each in shown if each.has_gpus):
        for note in _no_quota(shown):
            session.printer.note(note)


def _concerns_gpus(quota: Quota) -> bool:
    """Return whether a row says something of machines with GPUs: of its family, or of all families."""
    return (quota.has_gpus and not quota.low_priority) or quota.counts == "all families"


def _no_quota(shown: Sequence[Quota]) -> Sequence[str]:
    """Return what a person without any quota for GPUs can do."""
    low = next((each for each in shown if each.low_priority and each.left), None)
    others = f"; {low.left} vCPUs at low priority (--low-priority) are left" if low is not None else ""
    return (f"no vCPUs of a family with GPUs are left: ask for more in the Azure portal, under Quotas{others}",)
