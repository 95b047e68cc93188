"""What runs want of a cluster's nodes: reserving, asking when they are ready, and releasing."""

from dataclasses import asdict, replace

from mock_server.resources import computes, node_schedule, vm_quota
from mock_server.resources.computes import Cluster
from mock_server.resources.node_schedule import Demand
from mock_server.state.world import World


def reserve(
    world: World,
    guid: str,
    cluster_name: str,
    *,
    run: str,
    nodes: int,
    at: float,
    seconds: float | None = None,
    preempted: bool = False,
) -> float | None:
    """Ask for nodes from a time on, and return the time at which they are ready.

    Args:
        run: a name that is unique among the runs of the cluster; the same name again replaces the demand.
        nodes: how many the run needs at the same time.
        at: the time of the workspace's clock from which it needs them, which may lie ahead.
        seconds: how long it keeps them once they are ready; without it until `release`.
        preempted: they are taken away after these seconds.

    Returns:
        The time, or None as long as there is no prospect of them: no such cluster, fewer nodes at most, no capacity, no
        quota, or a run before it that does not end. `ready_at` decides later whether that has changed.
    """
    cluster = computes.find(world, guid, cluster_name, at)
    if cluster is None or not cluster.is_usable:
        return None
    demand = Demand(run, nodes, at, seconds, preempted=preempted)
    others = [one for one in computes.demands(cluster.document) if one.run != run]
    _save(world, cluster, [*others, _checked(world, cluster, others, demand)])
    return ready_at(world, guid, cluster_name, run=run, now=at)


def release(world: World, guid: str, cluster_name: str, *, run: str, at: float, preempted: bool = False) -> None:
    """Record that a run needs its nodes no longer from a time on, or that they were taken from it."""
    document = world.store.get("compute", guid, cluster_name.lower())
    if document is None:
        return
    changed = [
        replace(one, released=at, preempted=preempted) if one.run == run else one for one in computes.demands(document)
    ]
    computes.save(world, guid, cluster_name, {**document, "demands": [asdict(one) for one in changed]})


def ready_at(world: World, guid: str, cluster_name: str, *, run: str, now: float) -> float | None:
    """Return when a run has its nodes, as things stand now; None if there is no prospect of it.

    A demand that a quota held up is served from now on if the quota has become large enough.
    """
    cluster = computes.find(world, guid, cluster_name, now)
    if cluster is None or not cluster.is_usable:
        return None
    demands = computes.demands(cluster.document)
    held = next((one for one in demands if one.run == run and one.blocked and one.released is None), None)
    if held is not None:
        others = [one for one in demands if one.run != run]
        again = _checked(world, cluster, others, replace(held, blocked=False, at=max(held.at, now)))
        if again.blocked:
            return None
        _save(world, cluster, [*others, again])
        cluster = computes.find(world, guid, cluster_name, now) or cluster
    return cluster.schedule.ready.get(run)


def _checked(world: World, cluster: Cluster, others: list[Demand], demand: Demand) -> Demand:
    """Return a demand, held up if the nodes that it takes exceed the quota."""
    before = node_schedule.plan(cluster.schedule.settings, others)
    after = node_schedule.plan(cluster.schedule.settings, [*others, demand])
    ready = after.ready.get(demand.run)
    if ready is None:
        return demand
    more = len(after.nodes(ready)) - len(before.nodes(demand.at))
    if more <= 0:
        return demand
    scope = vm_quota.scope_of(world, cluster.guid)
    left = vm_quota.left(world, scope, cluster.size, low_priority=cluster.low_priority)
    return replace(demand, blocked=cluster.size.cores_of(more) > left)


def _save(world: World, cluster: Cluster, demands: list[Demand]) -> None:
    document = {**cluster.document, "demands": [asdict(one) for one in demands]}
    computes.save(world, cluster.guid, cluster.name, document)
