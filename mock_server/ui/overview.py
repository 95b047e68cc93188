"""What the page shows of the state, in sections of small values that can be compared."""

import asyncio
import math
from bisect import bisect_right
from collections.abc import AsyncIterator
from itertools import islice

from mock_server.core.json_values import Json, child, dump, number, text
from mock_server.core.scope import Scope
from mock_server.resources import deployments, jobs, references
from mock_server.resources.foundry_jobs import Job as FoundryJob
from mock_server.state.document_store import sqlite_safe
from mock_server.state.world import World
from mock_server.training import simulation
from mock_server.training.job import Job, job_at, points
from mock_server.training.simulation import Plan
from mock_server.ui import compute_overview, foundry_overview, online_overview

MAX_ITEMS = 200  # of each kind and workspace, newest first
SERIES = ("loss", "eval_loss")
MAX_POINTS = 400  # of a curve: more than fit on a screen
POLL_SECONDS = 0.3
KEEPALIVE_POLLS = 50  # polls without changes after which a comment keeps the connection alive
Sections = dict[str, dict[str, Json]]


def sections(world: World) -> Sections:
    """Return the current data, by section and key."""
    found: Sections = {"jobs": {}, "datasets": {}, "endpoints": {}, "computes": {}}
    for guid, names in world.store.all("workspace", ""):
        scope = Scope(text(names, "subscription"), text(names, "group"), text(names, "workspace"))
        now = world.now(scope.workspace)
        jobs.register_completed(world, guid, now)
        for name, document in islice(world.store.all("job", guid), MAX_ITEMS):
            found["jobs"][f"{guid}/{name}"] = _job(scope, job_at(name, document, now))
        for name, document in islice(world.store.all("data", guid), MAX_ITEMS):
            found["datasets"][f"{guid}/{name}"] = _dataset(world, scope, document)
        found["computes"] |= compute_overview.clusters(world, scope, MAX_ITEMS)
        for endpoint in deployments.list_all(world, guid, now)[:MAX_ITEMS]:
            found["endpoints"][endpoint.name] = {
                "workspace": scope.workspace,
                "state": endpoint.state,
                "model": endpoint.model_id,
                "created": endpoint.document.get("created"),
                "failure": endpoint.failure,
                "unready_status": endpoint.unready_status,
                "chat": f"/maas/{endpoint.name}/v1/chat/completions",
            }
        found["endpoints"] |= online_overview.deployments(world, scope, now, MAX_ITEMS)
    found["jobs"] |= foundry_overview.jobs(world, MAX_ITEMS)
    found["datasets"] |= foundry_overview.files(world, MAX_ITEMS)
    found["endpoints"] |= foundry_overview.deployments(world, MAX_ITEMS)
    found["faults"] = {str(rule["id"]): rule for rule in world.faults.describe()}
    found["clocks"] = _clocks(world)
    found["journal"] = {"span": world.journal.span}
    return found


async def events(world: World) -> AsyncIterator[bytes]:
    """Yield all data as the first event, then the changes."""
    shown: Sections = {}
    idle_polls = 0
    while not world.closing:
        current = sections(world)
        event = changes(shown, current)
        if not shown:
            event = {"begin": True, "wall": world.wall(), **event}
        if event:
            yield f"data: {dump(event)}\n\n".encode()
        elif idle_polls >= KEEPALIVE_POLLS:
            yield b": nothing new\n\n"
        idle_polls = 0 if event or idle_polls >= KEEPALIVE_POLLS else idle_polls + 1
        shown = current
        await asyncio.sleep(POLL_SECONDS)


def curve(job: Job) -> Json:
    """Return a job's losses so far as pairs of step and value, evenly downsampled."""
    finite = [point for point in points(job) if math.isfinite(point.value)]
    found = {name: [[point.step, point.value] for point in finite if point.name == name] for name in SERIES}
    return {"steps": job.plan.steps, **{name: _downsample(pairs) for name, pairs in found.items()}}


def foundry_curve(job: FoundryJob) -> Json:
    """Return the losses so far of a job of Foundry, in the same form."""
    steps, found = foundry_overview.curve(job)
    return {"steps": steps, **{name: _downsample(pairs) for name, pairs in found.items()}}


def changes(before: Sections, after: Sections) -> Json:
    """Return, for each section that changed, new and changed items and the keys of removed ones."""
    found: Json = {}
    for section, items in after.items():
        known = before.get(section, {})
        changed = {key: item for key, item in items.items() if known.get(key) != item}
        removed = [key for key in known if key not in items]
        if changed or removed:
            found[section] = {"changed": changed, "removed": removed}
    return found


def steps_done(plan: Plan, until: float) -> int:
    """Return the number of optimizer steps done `until` seconds after a job's creation."""
    if plan.failure and plan.failed_at is None and plan.evicted is None:
        return 0

    def seconds_at(step: int) -> float:
        return simulation.seconds_until(plan, simulation.share_of(plan, step))

    return plan.resumed + bisect_right(range(plan.resumed + 1, plan.steps + 1), until, key=seconds_at)


def _job(scope: Scope, job: Job) -> Json:
    details, state = _details(job), job.state
    ended = simulation.duration(job.plan) if job.plan.evicted is not None else job.plan.failed_at
    until = min(time for time in (job.elapsed, job.canceled, ended) if time is not None)
    if job.course is not None:
        training = job.course.training
        until = -1.0 if training is None else min(until, training.end) - training.begin
    version = job.document.get("registered")
    return {
        "name": job.name,
        "title": text(job.properties, "displayName") or job.name,
        "workspace": scope.workspace,
        "guid": scope.guid,
        "status": state.status,
        "created": job.created,
        "ended": None if state.ended is None else job.created + state.ended,
        "model": text(child(details, "model"), "uri"),
        "data": text(child(details, "trainingData"), "uri"),
        "hyperparameters": child(details, "hyperParameters"),
        "step": steps_done(job.plan, until),
        "steps": job.plan.steps,
        "rows": job.plan.rows,
        "failure": _failure(job) if state.status == "Failed" else None,
        "output": f"{text(child(job.document, 'result'), 'asset')}:{version}" if version else None,
    }


def _details(job: Job) -> Json:
    """Return what a job trains with; of a pipeline, what its first node is given."""
    if job.course is None:
        return child(job.properties, "fineTuningDetails")
    nodes = child(job.properties, "jobs")
    inputs = child(child(nodes, next(iter(nodes), "")), "inputs")
    return {
        "model": child(inputs, "mlflow_model_path"),
        "trainingData": child(inputs, "train_file_path"),
        "hyperParameters": {
            name: text(child(inputs, name), "value") for name in inputs if child(inputs, name).get("value")
        },
    }


def _failure(job: Job) -> str | None:
    """Return why a job failed; of a pipeline, which step and why."""
    failed = job.course.failed_step if job.course else None
    return job.failure if failed is None else f"{failed.name}: {failed.plan.failure}"


def _dataset(world: World, scope: Scope, document: Json) -> Json:
    properties = child(document, "properties")
    location = references.resolve_path(scope, text(properties, "dataUri"))
    blob = None
    if isinstance(location, references.BlobPath):
        blob = world.blobs.get(location.container, sqlite_safe(location.path))
    return {
        "name": f"{text(document, 'name')}:{text(document, 'version')}",
        "workspace": scope.workspace,
        "uri": text(properties, "dataUri"),
        "description": text(properties, "description"),
        "bytes": blob.size if blob else None,
        "created": number(document.get("created")),
    }


def _clocks(world: World) -> dict[str, Json]:
    names = ["", *world.clocks.describe()["workspaces"]]
    return {name: _clock(world, name) for name in names}


def _clock(world: World, name: str) -> Json:
    """Describe a clock by its offset, so that a running one does not change all the time."""
    shown = world.clocks.describe(name)
    start = shown["now"] - world.wall() * shown["scale"]
    return {
        "mode": shown["mode"],
        "scale": shown["scale"],
        "step_on_poll": shown["step_on_poll"],
        "start": round(start),
    }


def _downsample(pairs: list[list[float]]) -> list[list[float]]:
    stride = -(-len(pairs) // MAX_POINTS) or 1
    return pairs[::stride] + (pairs[-1:] if pairs and (len(pairs) - 1) % stride else [])
