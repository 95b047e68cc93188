"""The machines of a pipeline's steps: on clusters, or those that the service brings for one step (`serverless`).

A step asks for its machines when it is queued, and gives them back when it ends. What it waits for is worked out anew
as long as it has not started, because clusters change and other runs come first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mock_server.core.errors import mock_misuse, user_error
from mock_server.core.json_values import Json, child, number, text
from mock_server.core.scope import Scope
from mock_server.resources import computes, node_demand, vm_quota, vm_sizes
from mock_server.resources.cluster_jobs import DELETED, NOT_READY, PROBLEM_SHARE
from mock_server.resources.vm_sizes import VmSize
from mock_server.state.world import World
from mock_server.training import checkpoints, pipeline_course, simulation
from mock_server.training.pipeline_course import SERVERLESS, Course, Step
from mock_server.training.simulation import FOREVER, PHASES, QUEUED, RUNNING, Plan


def check_targets(world: World, scope: Scope, targets: Iterable[str], now: float) -> None:
    """Reject a pipeline with a step on a cluster that does not exist."""
    for target in dict.fromkeys(targets):
        cluster = None if target == SERVERLESS else computes.find(world, scope.guid, target, now)
        if target != SERVERLESS and (cluster is None or cluster.state == "Deleting"):
            raise user_error(f"Compute {target[:300]} was not found in workspace {scope.workspace}.")


def with_machines(world: World, scope: Scope, course: Course, now: float) -> Course:
    """Return a new pipeline's course with what its steps have of clusters and of the quota, or fail without quota."""
    steps = [_with_problem(world, scope, step, now) for step in course.steps]
    failed = next((number for number, step in enumerate(steps) if step.plan.failure), len(steps))
    return replace(course, steps=tuple(steps[: failed + 1]))


def take(world: World, scope: Scope, name: str, course: Course, created: float) -> Course:
    """Ask for the machines of a new pipeline's steps, and return its course with the time that they wait."""
    training = course.training
    size = vm_sizes.find(training.instance_type) if training and training.target == SERVERLESS else None
    if training is not None and size is not None:
        vm_quota.occupy(
            world,
            scope,
            _owner(scope, name),
            family=size.family,
            cores=size.cores_of(training.nodes),
            until=created + pipeline_course.duration(course),
        )
    return _settled(world, scope.guid, course, created, created, is_new=True)


def leave(world: World, guid: str, name: str, course: Course, *, at: float) -> None:
    """Give back what a pipeline has of clusters and of the quota when it ends, is canceled or fails."""
    for step in course.steps:
        if step.target != SERVERLESS:
            node_demand.release(world, guid, step.target, run=step.run, at=at)
    scope = vm_quota.scope_of(world, guid)
    vm_quota.vacate(world, scope, _owner(scope, name), at=at)


def changed(world: World, guid: str, now: float) -> Iterator[tuple[str, Json]]:
    """Yield the pipelines whose courses are other ones since their clusters changed, as they are to be stored."""
    demands = (one for _, compute in world.store.all("compute", guid) for one in computes.demands(compute))
    runs = [world.store.get("run", guid, one.run) for one in demands if one.released is None]
    for name in sorted({text(run, "job") for run in runs if run is not None}):
        document = world.store.get("job", guid, name)
        if document is None or document.get("canceled") is not None or document.get("written"):
            continue
        course, created = pipeline_course.from_json(child(document, "course")), number(document.get("created")) or 0.0
        new = _settled(world, guid, course, created, now)
        if new != course:
            training = new.training
            plan = {"plan": simulation.plan_to_json(training.plan)} if training else {}
            yield name, {**document, **plan, "course": pipeline_course.to_json(new)}


def evicted(world: World, guid: str, step: Step, now: float) -> Plan:
    """Return the plan of a step that a fault rule takes its nodes from."""
    cluster = None if step.target == SERVERLESS else computes.find(world, guid, step.target, now)
    if cluster is None or not cluster.low_priority:
        raise mock_misuse(
            f"a fault rule evicted the step {step.name}, and only nodes of low priority are taken away: let it run on "
            "a cluster with vmPriority LowPriority"
        )
    rule = world.fault_rule
    return checkpoints.evicted(step.plan, rule.step if rule else None)


def _settled(world: World, guid: str, course: Course, created: float, now: float, *, is_new: bool = False) -> Course:
    begin, steps = course.lead, list[Step]()
    for old in course.steps:
        step = replace(old, begin=begin)
        if step.target != SERVERLESS and begin < FOREVER:
            step = _waiting(world, guid, step, created, now, asks=is_new or begin != old.begin)
        steps.append(step)
        begin = step.end
        if step.plan.failure:
            break
    return replace(course, steps=tuple(steps))


def _waiting(world: World, guid: str, step: Step, created: float, now: float, *, asks: bool) -> Step:
    """Return a step with the time that it waits for its nodes: without a prospect of them it waits on."""
    plan = replace(step.plan, waits=0.0)
    usual = created + step.begin + simulation.seconds_until(plan, PHASES[RUNNING][1])
    if plan.failed_at is not None or (not asks and now >= usual + step.plan.waits):
        return _without_cluster(world, guid, step, created, now)
    if asks:
        ready = node_demand.reserve(
            world,
            guid,
            step.target,
            run=step.run,
            nodes=step.nodes,
            at=created + step.begin + plan.seconds * PHASES[QUEUED][1],
            seconds=simulation.duration(plan) - simulation.seconds_until(plan, PHASES[RUNNING][1]),
            preempted=plan.evicted is not None,
        )
    else:
        ready = node_demand.ready_at(world, guid, step.target, run=step.run, now=now)
    waits = FOREVER if ready is None else max(0.0, ready - usual)
    return _without_cluster(world, guid, replace(step, plan=replace(plan, waits=waits)), created, now)


def _without_cluster(world: World, guid: str, step: Step, created: float, now: float) -> Step:
    """Return a step that fails if its cluster was deleted before it ended."""
    document = world.store.get("compute", guid, step.target.lower()) or {}
    deleted = number(document.get("deleted"))
    if deleted is None or now < deleted or created + step.end <= deleted or step.plan.failed_at is not None:
        return step
    at = max(0.0, deleted - created - step.begin)
    failure = DELETED.format(name=text(document, "name"))
    return replace(step, plan=replace(step.plan, failure=failure, failed_at=at, waits=0.0))


def _with_problem(world: World, scope: Scope, step: Step, now: float) -> Step:
    """Return a step that fails if it cannot have its machines, or cannot work on them."""
    cluster = None if step.target == SERVERLESS else computes.find(world, scope.guid, step.target, now)
    if cluster is not None and cluster.failure:
        reason = text(cluster.failure, "message")
        return _failing(step, NOT_READY.format(name=cluster.name, reason=reason))
    size = cluster.size if cluster is not None else vm_sizes.find(step.instance_type)
    if size is None:
        return _failing(step, f"The instance type {step.instance_type[:80]!r} is not available in this region.")
    if cluster is None and (problem := _no_quota(world, scope, step, size)):
        return _failing(step, problem)
    no_gpu = _no_gpu(step, size) if step.is_training and not step.plan.failure else None
    return replace(step, plan=replace(step.plan, failure=no_gpu)) if no_gpu else step


def _no_gpu(step: Step, size: VmSize) -> str | None:
    """Return the error with which a training ends that has too few GPUs, or GPUs that are too small."""
    if step.gpus > size.gpus:
        return f"RuntimeError: CUDA error: invalid device ordinal: {size.name} has {size.gpus} GPUs, not {step.gpus}."
    memory = vm_sizes.GPU_MEMORY[size.family]
    if step.gpu_memory <= memory:
        return None
    return (
        f"torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate {step.gpu_memory:.2f} GiB. GPU 0 has a "
        f"total capacity of {memory} GiB."
    )


def _no_quota(world: World, scope: Scope, step: Step, size: VmSize) -> str | None:
    left, needed = vm_quota.left(world, scope, size), size.cores_of(step.nodes)
    if needed <= left:
        return None
    limit = vm_quota.limit(world, size.family)
    return (
        f"Not enough quota available for {size.name} in subscription {scope.subscription}. "
        f"Current usage/limit: {limit - left}/{limit}. Additional needed: {needed}"
    )


def _failing(step: Step, reason: str) -> Step:
    return replace(step, plan=replace(step.plan, failure=reason, failed_at=step.plan.seconds * PROBLEM_SHARE))


def _owner(scope: Scope, name: str) -> str:
    return f"{scope.arm}/jobs/{name}"
