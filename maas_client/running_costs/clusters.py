"""Whether a cluster costs money now, and is idle. Decisions only."""

from __future__ import annotations

import shlex

from ..computes.cluster import Cluster, ClusterState
from .machine_prices import MachinePrices
from .running_cost import RunningCost, Use
from .spans import span


def nodes_of(cluster: Cluster) -> int:
    """Return how many nodes a cluster has or is getting; without any it costs nothing."""
    return max(cluster.paid_nodes, cluster.target_nodes)


def cluster_cost(cluster: Cluster, prices: MachinePrices, *, idle_after: float) -> RunningCost:
    """Return what a cluster with nodes costs now."""
    nodes = nodes_of(cluster)
    use = use_of_cluster(cluster, idle_after=idle_after)
    price = prices.of(cluster.size, nodes, low_priority=cluster.low_priority)
    is_going = cluster.state == ClusterState.DELETING
    return RunningCost(
        kind="cluster",
        name=cluster.name,
        state=cluster.state.value if is_going else cluster.allocation_state or cluster.state.value,
        size=cluster.size or None,
        instances=nodes,
        hourly_price=price.amount,
        currency=price.currency,
        idle=use.idle,
        reason=use.reason,
        created_at=cluster.created_at,
        delete_command="" if is_going else shlex.join(["maas", "computes", "delete", cluster.name]),
    )


def use_of_cluster(cluster: Cluster, *, idle_after: float) -> Use:
    """Return whether a cluster is idle: nothing runs on its nodes, and they do not go by themselves before long."""
    starting, idle = cluster.nodes.get("preparing", 0), cluster.nodes.get("idle", 0)
    if cluster.state == ClusterState.DELETING:
        return Use(None, "it is being deleted")
    if cluster.busy_nodes:
        return Use(False, f"jobs run on {cluster.busy_nodes} of {max(cluster.paid_nodes, cluster.busy_nodes)} nodes")
    if cluster.min_nodes:
        kept = f"it keeps {cluster.min_nodes}, and no job runs on them"
        return Use(True, f"{kept}; `maas computes scale {shlex.quote(cluster.name)} --min-nodes 0` ends that")
    if starting or not cluster.paid_nodes:
        return Use(False, "nodes are being started for a job")
    if cluster.idle_seconds is not None and idle and cluster.idle_seconds > idle_after:
        return Use(True, f"no job runs, and it keeps its nodes for {span(cluster.idle_seconds)} without one")
    return Use(False, "no job runs, and its nodes go by themselves soon")
