"""`maas computes`: clusters of one's own, their nodes, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import MaasError, NotFound
from ..app.confirm import YES, confirm
from ..app.duration_option import DURATION
from ..app.exit_codes import resume_hint_on_interrupt
from ..app.lazy_group import LazyGroup
from ..app.list_options import list_options
from ..app.options import Command, given_options, key_value
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import Cluster, ClusterNode, ComputeSize, MaasClient

computes = LazyGroup(
    "computes",
    {
        "sizes": ("computes_offered:sizes", "List the GPU sizes of the region with their prices."),
        "quota": ("computes_offered:quota", "List how many vCPUs may be used, and are."),
        "create": ("computes:create", "Create a cluster."),
        "list": ("computes:list_", "List the clusters."),
        "show": ("computes:show", "Show a cluster and its nodes."),
        "scale": ("computes:scale", "Change how many nodes a cluster may have."),
        "delete": ("computes:delete", "Delete clusters."),
    },
    help="""Your own compute on Azure ML: sizes and quota of the region, and clusters to train on.

    \b
    Example:
      maas computes sizes
    """,
)

HOURS_A_DAY = 24

MAX_NODES = click.option("--max-nodes", type=int, metavar="N", help="Most nodes that jobs may start.")
MIN_NODES = click.option(
    "--min-nodes", type=int, metavar="N", help="Nodes that are kept, and paid around the clock, with or without a job."
)
IDLE_AFTER = click.option(
    "--idle-after", type=DURATION, metavar="TIME", help="How long a node without a job is kept, and paid."
)
TIMEOUT = click.option("--timeout", type=DURATION, metavar="TIME", help="Stop waiting after this time, such as 2h.")


@click.command(
    cls=Command,
    help="""Create a cluster of machines with GPUs, and wait until it accepts jobs. Without a job it has no nodes and
    costs nothing, unless --min-nodes says otherwise.

    Run again to resume waiting: the same cluster is never made twice, and a different one of this name is never
    replaced. Train on it with `maas jobs create --compute NAME`.

    \b
    Example:
      maas computes create gpu --size Standard_NC24ads_A100_v4
    """,
)
@click.argument("name", metavar="NAME")
@click.option("--size", required=True, metavar="SIZE", help="VM size of its nodes; see `maas computes sizes`.")
@MAX_NODES
@MIN_NODES
@IDLE_AFTER
@click.option(
    "--low-priority",
    is_flag=True,
    help="Cheaper machines, which Azure may take away at any moment: the job then fails.",
)
@click.option(
    "--identity",
    "identities",
    multiple=True,
    metavar="ID",
    help="SystemAssigned, or the resource id of a user-assigned identity; repeatable.",
)
@click.option("--tag", "tags", type=key_value, metavar="KEY=VALUE", multiple=True, help="Tag; repeatable.")
@click.option(
    "--replace-failed", is_flag=True, help="Delete a cluster of this name first on which nothing can run, as it failed."
)
@TIMEOUT
@pass_session
def create(
    session: Session,
    *,
    name: str,
    size: str,
    max_nodes: int | None,
    min_nodes: int | None,
    idle_after: float | None,
    low_priority: bool,
    identities: tuple[str, ...],
    tags: tuple[tuple[str, str], ...],
    replace_failed: bool,
    timeout: float | None,
) -> None:
    """Create a cluster."""
    given: dict[str, Any] = _given(max_nodes=max_nodes, min_nodes=min_nodes, idle_seconds=idle_after, timeout=timeout)
    resume_command = session.command("computes", "create", name, *given_options(click.get_current_context()))
    with session.client() as maas, resume_hint_on_interrupt(resume_command, "the creation continues"):
        cluster = maas.computes.create(
            name,
            size=size,
            low_priority=low_priority,
            identity=identities or None,
            tags=dict(tags),
            replace_failed=replace_failed,
            **given,
        )
        _show(session, maas, cluster)


def _given(**values: float | None) -> dict[str, Any]:
    """Return the arguments that were given; the client has the others' defaults."""
    return {name: value for name, value in values.items() if value is not None}


def _show(session: Session, maas: MaasClient, cluster: Cluster, nodes: Sequence[ClusterNode] = ()) -> None:
    """Print a cluster, and what it costs."""
    size = _size_of(maas, cluster)
    price = size.price(low_priority=cluster.low_priority) if size is not None else None
    currency = size.currency if size is not None else ""
    document = {
        **cluster.to_dict(),
        "hourly_price_per_node": price,
        "currency": currency if price is not None else None,
        **({"machines": [node.to_dict() for node in nodes]} if nodes else {}),
    }
    session.printer.record(document, _fields(cluster, price, currency, nodes))
    for note in _cost_notes(cluster, price, currency):
        session.printer.note(note)


def _fields(cluster: Cluster, price: float | None, currency: str, nodes: Sequence[ClusterNode]) -> Mapping[str, object]:
    return {
        "name": cluster.name,
        "state": cluster.state.value,
        "size": cluster.size,
        "priority": "low: machines may be taken away at any moment" if cluster.low_priority else "dedicated",
        "nodes": f"{cluster.current_nodes} now, {cluster.min_nodes} to {cluster.max_nodes}",
        "by state": ", ".join(f"{count} {state}" for state, count in cluster.nodes.items() if count),
        "machines": ", ".join(f"{node.id} {node.state}{f' with {node.job}' if node.job else ''}" for node in nodes),
        "idle after": "" if cluster.idle_seconds is None else f"{cluster.idle_seconds:g} s",
        "price": "" if price is None else f"{price:.2f} {currency} per node and hour",
        "allocation": cluster.allocation_state,
        "errors": "; ".join(map(str, cluster.errors)),
        "identity": cluster.identity,
        "location": cluster.location,
        "tags": cluster.tags,
        "created": cluster.created_at,
    }


def _cost_notes(cluster: Cluster, price: float | None, currency: str) -> Sequence[str]:
    """Return what a person should know of what a cluster costs: a sentence each."""
    if cluster.min_nodes:
        kept = f"{cluster.min_nodes} node{'s' * (cluster.min_nodes != 1)}"
        money = "" if price is None else f": {price * cluster.min_nodes * HOURS_A_DAY:.2f} {currency} a day"
        return (f"{kept} kept around the clock, with or without a job{money}; `maas computes scale` changes that",)
    if cluster.current_nodes and price is not None:
        return (f"{price * cluster.current_nodes:.2f} {currency} per hour now",)
    return ("costs nothing without a job",) if not cluster.current_nodes else ()


def _size_of(maas: MaasClient, cluster: Cluster) -> ComputeSize | None:
    """Return the size of a cluster's nodes; None if the region's list cannot be read or lacks it."""
    from ...catalog.gpu_sizes import same_size

    try:
        sizes = maas.computes.sizes(gpus_only=False)
    except MaasError:
        return None
    return next((size for size in sizes if same_size(size.name, cluster.size)), None)


@click.command(
    "list",
    cls=Command,
    help="""List the clusters of the workspace.

    \b
    Example:
      maas computes list --output jsonl
    """,
)
@list_options
@pass_session
def list_(session: Session) -> None:
    """List clusters."""
    from ... import Cluster  # here: the help does not need it

    with session.client() as maas:
        session.printer.listing(
            maas.computes.list(),
            {
                "name": lambda cluster: cluster.name,
                "state": lambda cluster: "refused" if cluster.is_failed else cluster.state.value,
                "nodes": lambda cluster: f"{cluster.current_nodes} of {cluster.max_nodes}",
                "busy": lambda cluster: cluster.busy_nodes,
                "at least": lambda cluster: cluster.min_nodes,
                "size": lambda cluster: cluster.size,
                "priority": lambda cluster: "low" if cluster.low_priority else "dedicated",
                "created": lambda cluster: cluster.created_at[:19],
            },
            document=lambda cluster: cluster.to_dict(),
            more={name: attrgetter(name) for name in Cluster.model_fields},
        )


@click.command(
    cls=Command,
    help="""Show a cluster: its nodes and what runs on them, what the service says against it, and what it costs.

    \b
    Example:
      maas computes show gpu
    """,
)
@click.argument("name", metavar="NAME")
@pass_session
def show(session: Session, name: str) -> None:
    """Show a cluster."""
    with session.client() as maas:
        cluster = maas.computes.get(name)
        _show(session, maas, cluster, maas.computes.nodes(name) if cluster.current_nodes else ())


@click.command(
    cls=Command,
    help="""Change how many nodes a cluster keeps and may have, and how long an idle one stays. Nothing else changes.

    \b
    Example:
      maas computes scale gpu --max-nodes 4
    """,
)
@click.argument("name", metavar="NAME")
@MAX_NODES
@MIN_NODES
@IDLE_AFTER
@TIMEOUT
@pass_session
def scale(
    session: Session,
    *,
    name: str,
    max_nodes: int | None,
    min_nodes: int | None,
    idle_after: float | None,
    timeout: float | None,
) -> None:
    """Scale a cluster."""
    changes = _given(max_nodes=max_nodes, min_nodes=min_nodes, idle_seconds=idle_after)
    if not changes:
        message = "nothing to change: give --max-nodes, --min-nodes or --idle-after"
        raise click.UsageError(message, click.get_current_context())
    with session.client() as maas:
        _show(session, maas, maas.computes.scale(name, **changes, **_given(timeout=timeout)))


@click.command(
    cls=Command,
    help="""Delete clusters with their nodes, one after the other, and wait until they are gone. Jobs on them fail.

    \b
    Example:
      maas computes delete gpu --yes
    """,
)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@YES
@click.option("--missing-ok", is_flag=True, help="Ignore names that no cluster has.")
@pass_session
def delete(session: Session, names: tuple[str, ...], yes: bool, missing_ok: bool) -> None:
    """Delete clusters."""
    with session.client() as maas:
        found = [cluster for name in dict.fromkeys(names) if (cluster := _get(session, maas, name, missing_ok))]
        if found and not yes:
            confirm("Delete", "clusters", [_described(cluster) for cluster in found], done="deleted")
        for index, cluster in enumerate(found):
            left = [each.name for each in found[index:]]
            resume_command = session.command("computes", "delete", *left, "--yes", "--missing-ok")
            with resume_hint_on_interrupt(resume_command, f"the deletion of {cluster.name} continues"):
                maas.computes.delete(cluster.name, missing_ok=True)
            session.printer.note(f"cluster {cluster.name} deleted")
    if session.printer.is_json:
        documents = [{"name": cluster.name, "deleted": True} for cluster in found]
        session.printer.documents(documents, single=len(names) == 1)


def _described(cluster: Cluster) -> str:
    busy = (
        f", on which {cluster.busy_nodes} node{'s' * (cluster.busy_nodes != 1)} run a job" if cluster.busy_nodes else ""
    )
    return f"cluster {cluster.name} ({cluster.size}){busy}"


def _get(session: Session, maas: MaasClient, name: str, missing_ok: bool) -> Cluster | None:
    """Return a cluster; None for a missing one that may be missing."""
    try:
        return maas.computes.get(name)
    except NotFound:
        if not missing_ok:
            raise
        session.printer.note(f"no cluster {name}: nothing to delete")
        return None
