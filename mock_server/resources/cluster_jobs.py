"""Fine-tuning jobs on the user's own machines: on a cluster, or on machines that the service brings for one job."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mock_server.core.errors import ServiceError, mock_misuse, user_error
from mock_server.core.json_values import Json, child, is_array, number, text
from mock_server.core.scope import Scope
from mock_server.resources import computes, node_demand, vm_quota, vm_sizes
from mock_server.resources.vm_sizes import VmSize
from mock_server.state.world import World
from mock_server.training import checkpoints, simulation
from mock_server.training.simulation import FOREVER, PHASES, QUEUED, RUNNING, Plan

ARM_ID = re.compile(r"(?P<workspace>/subscriptions/.+)/computes/(?P<name>[^/]+)/?\Z", re.IGNORECASE)
BEGIN = PHASES[RUNNING][1]
PROBLEM_SHARE = 0.2
"""At which share of its nominal duration a job fails that cannot have its machines: while it is queued."""
NOT_READY = "The compute target {name} is in failed state and thus not ready for runs: {reason}"
DELETED = "The compute target {name} was deleted while the job needed it."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job runs: on a cluster, on machines of a size, or on the service's own."""

    cluster: str = ""
    size: VmSize | None = None
    low_priority: bool = False
    problem: str = ""


SERVERLESS = Place()


def place_of(world: World, scope: Scope, properties: Json, now: float) -> Place:
    """Return where a job is to run; raises the service's error for a cluster or a size that does not exist."""
    given = text(properties, "computeId")
    if given and given.lower() != "serverless":
        return _on_cluster(world, scope, given, now)
    types: object = child(properties, "resources").get("instanceTypes")
    names = [str(name) for name in types] if is_array(types) else []
    sizes = [_size(name) for name in names]
    if not sizes:
        return SERVERLESS
    spot = text(child(properties, "queueSettings"), "jobTier").lower() == "spot"
    trainers = [size for size in sizes if size.gpus] or sizes
    left = {size: vm_quota.left(world, scope, size, low_priority=spot) for size in trainers}
    chosen = next((size for size in trainers if size.cores <= left[size]), None)
    if chosen is not None:
        return Place(size=chosen, low_priority=spot)
    first = trainers[0]
    limit = vm_quota.low_priority_limit(world) if spot else vm_quota.limit(world, first.family)
    problem = (
        f"Not enough quota available for {first.name} in subscription {scope.subscription}. "
        f"Current usage/limit: {limit - left[first]}/{limit}. Additional needed: {first.cores}"
    )
    return Place(problem=problem)


def placed(world: World, scope: Scope, name: str, plan: Plan, place: Place, now: float) -> Plan:
    """Take what a job needs of a cluster or of the quota, and return its plan with the time that it waits."""
    if place.problem:
        return replace(plan, failure=place.problem, failed_at=plan.seconds * PROBLEM_SHARE)
    works = _seconds_of_work(plan)
    if place.size is not None:
        owner = f"{scope.arm}/jobs/{name}"
        vm_quota.occupy(
            world,
            scope,
            owner,
            family=place.size.family,
            cores=place.size.cores,
            low_priority=place.low_priority,
            until=now + simulation.duration(plan),
        )
    if not place.cluster:
        return plan
    ready = node_demand.reserve(
        world,
        scope.guid,
        place.cluster,
        run=name,
        nodes=1,
        at=now + plan.seconds * PHASES[QUEUED][1],
        seconds=None if works >= FOREVER else works,
        preempted=plan.evicted is not None,
    )
    return _waiting(plan, now, ready)


def with_eviction(world: World, plan: Plan, place: Place) -> Plan:
    """Return the plan of a job that a fault rule takes its nodes from."""
    rule = world.fault_rule
    if rule is None or rule.job != "evicted":
        return plan
    if not place.low_priority:
        raise mock_misuse(
            "a fault rule evicted this job, and only nodes of low priority are taken away: create the cluster with "
            "vmPriority LowPriority, or the job with instanceTypes and jobTier Spot"
        )
    return checkpoints.evicted(plan, rule.step)


def with_checkpoint(world: World, guid: str, plan: Plan, hyperparameters: Json, result: Json) -> Plan:
    """Return the plan of a job that continues from the last checkpoint of one that lost its nodes, if it asks to.

    That is the newest one with the same model and the same data, which are in its `result`.
    """
    if str(hyperparameters.get("resume_from_checkpoint")).lower() != "true":
        return plan
    for _, document in world.store.all("job", guid):
        earlier, old = simulation.plan_from_document(document), child(document, "properties")
        made = child(document, "result")
        results = [child(made, output) for output in made] if "course" in document else [made]
        same = any(all(one.get(name) == result.get(name) for name in ("base", "examples")) for one in results)
        if earlier.evicted is not None and same:
            step = checkpoints.last_saved(earlier, hyperparameters_of(old))
            return checkpoints.resumed(plan, step) if step else plan
    return plan


def leave(world: World, scope_guid: str, name: str, document: Json, *, at: float) -> None:
    """Give back what a job that is canceled or fails at a time has of a cluster or of the quota."""
    cluster = text(document, "cluster")
    if cluster:
        node_demand.release(world, scope_guid, cluster, run=name, at=at)
    scope = vm_quota.scope_of(world, scope_guid)
    vm_quota.vacate(world, scope, f"{scope.arm}/jobs/{name}", at=at)


def changed(world: World, guid: str, now: float) -> Iterator[tuple[str, Json]]:
    """Yield the jobs whose plans are other ones since their clusters changed, as they are to be stored."""
    for name, compute in world.store.all("compute", guid):
        deleted = number(compute.get("deleted"))
        gone = deleted is not None and now >= deleted
        for demand in computes.demands(compute):
            if demand.released is not None:
                continue
            document = world.store.get("job", guid, demand.run)
            if document is None or text(document, "cluster").lower() != name:
                continue
            plan, created = simulation.plan_from_document(document), number(document.get("created")) or 0.0
            if gone and deleted is not None:
                new = _deleted(plan, text(compute, "name"), deleted - created)
            elif now < created + simulation.seconds_until(plan, BEGIN):
                new = _waiting(plan, created, node_demand.ready_at(world, guid, name, run=demand.run, now=now))
            else:
                continue
            if new != plan:
                yield demand.run, {**document, "plan": simulation.plan_to_json(new)}


def _deleted(plan: Plan, name: str, elapsed: float) -> Plan:
    if simulation.duration(plan) <= elapsed or plan.failed_at is not None:
        return plan
    return replace(plan, failure=DELETED.format(name=name), failed_at=max(0.0, elapsed))


def _waiting(plan: Plan, created: float, ready: float | None) -> Plan:
    """Return the plan of a job that waits until its nodes are ready; without a prospect of them it waits on."""
    usual = replace(plan, waits=0.0)
    begins = created + simulation.seconds_until(usual, BEGIN)
    return replace(plan, waits=FOREVER if ready is None else max(0.0, ready - begins))


def _seconds_of_work(plan: Plan) -> float:
    return simulation.duration(plan) - simulation.seconds_until(plan, BEGIN)


def _on_cluster(world: World, scope: Scope, given: str, now: float) -> Place:
    match = ARM_ID.match(given)
    name = match["name"] if match else given
    elsewhere = match is not None and match["workspace"].lower() != scope.arm.lower()
    cluster = None if elsewhere or "/" in name else computes.find(world, scope.guid, name, now)
    if cluster is None or cluster.state == "Deleting":
        raise user_error(f"Compute {given[:300]} was not found in workspace {scope.workspace}.")
    problem = ""
    if cluster.failure:
        problem = NOT_READY.format(name=cluster.name, reason=text(cluster.failure, "message"))
    return Place(cluster.name, low_priority=cluster.low_priority, problem=problem)


def _size(name: str) -> VmSize:
    size = vm_sizes.find(name)
    if size is None:
        raise ServiceError(400, "UserError", f"The instance type {name[:80]!r} is not available in this region.")
    return size


def hyperparameters_of(properties: Json) -> Json:
    """Return a job's hyperparameters; of a pipeline, the literals of its nodes."""
    nodes = child(properties, "jobs")
    literals = (
        (name, child(child(nodes, node), "inputs")) for node in nodes for name in child(child(nodes, node), "inputs")
    )
    found: Json = {name: text(child(inputs, name), "value") for name, inputs in literals}
    return child(child(properties, "fineTuningDetails"), "hyperParameters") or found
