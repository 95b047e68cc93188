"""The runs of a pipeline: its nodes, and their steps. Each exists from the time on at which it begins.

A pipeline's children are its nodes. A node that runs a pipeline component has the steps of the component as children.
"""

import uuid
from collections.abc import Iterator

from mock_server.core.json_values import Json, child, text
from mock_server.core.scope import NAMESPACE
from mock_server.state.world import World
from mock_server.training import pipeline_course, simulation
from mock_server.training.job import Job, Place, job_at
from mock_server.training.pipeline_course import Step


def remember(world: World, guid: str, job: Job) -> None:
    """Store where each run of a new pipeline belongs, for requests that name only the run."""
    for step in job.course.steps if job.course else ():
        world.store.add("run", guid, step.run, {"job": job.name, "node": step.node, "step": step.name})
        world.store.add("run", guid, node_run(job, step.node), {"job": job.name, "node": step.node})


def forget(world: World, guid: str, job: Job) -> None:
    """Delete the runs of a pipeline that is deleted."""
    for step in job.course.steps if job.course else ():
        world.store.delete("run", guid, step.run)
        world.store.delete("run", guid, node_run(job, step.node))


def find(world: World, guid: str, run: str, now: float) -> Job | None:
    """Return a run of a pipeline in its current state; None if there is none, or if it has not begun."""
    known = world.store.get("run", guid, run)
    document = world.store.get("job", guid, text(known, "job")) if known else None
    if known is None or document is None:
        return None
    pipeline = job_at(text(known, "job"), document, now)
    begun = _begun(pipeline)
    if "step" not in known:
        return (
            _node(world, guid, pipeline, text(known, "node")) if any(s.node == known["node"] for s in begun) else None
        )
    step = next((step for step in begun if step.run == run), None)
    return None if step is None else _step(world, guid, pipeline, step)


def children(world: World, guid: str, job: Job, now: float) -> list[Job]:
    """Return the runs directly below a job or a run, in the order in which they began."""
    if job.course is None:
        return []
    if job.place is None:
        names = dict.fromkeys(step.node for step in _begun(job))
        return [_node(world, guid, job, name) for name in names]
    known = world.store.get("run", guid, job.name) or {}
    pipeline = job_at(job.place.root, world.store.get("job", guid, job.place.root) or {}, now)
    return [_step(world, guid, pipeline, step) for step in _begun(pipeline) if step.node == text(known, "node")]


def all_of(world: World, guid: str, job: Job) -> Iterator[Job]:
    """Return every run of a pipeline that has begun."""
    for name in dict.fromkeys(step.node for step in _begun(job)):
        yield _node(world, guid, job, name)
    for step in _begun(job):
        yield _step(world, guid, job, step)


def save(world: World, guid: str, run: Job, document: Json) -> None:
    """Store the changed properties of a run."""
    known = world.store.get("run", guid, run.name)
    if known is not None:
        world.store.put("run", guid, run.name, {**known, "properties": child(document, "properties")})


def node_run(pipeline: Job, node: str) -> str:
    """Return the name of a node's run."""
    return str(uuid.uuid5(NAMESPACE, f"{pipeline.course and pipeline.course.steps[0].run}/{node}"))


def _begun(pipeline: Job) -> list[Step]:
    return pipeline_course.begun(pipeline.course, pipeline.elapsed, pipeline.canceled) if pipeline.course else []


def _node(world: World, guid: str, pipeline: Job, node: str) -> Job:
    run = node_run(pipeline, node)
    course = pipeline_course.of_node(pipeline.course, node) if pipeline.course else None
    steps = [step for step in (pipeline.course.steps if pipeline.course else ()) if step.node == node]
    begin = steps[0].begin
    document = _document(world, guid, pipeline, run, node, node)
    created, canceled = pipeline.created + begin, _later(pipeline.canceled, begin)
    place = Place(pipeline.name, pipeline.name)
    return Job(run, document, pipeline.plan, created, pipeline.elapsed - begin, canceled, course, place)


def _step(world: World, guid: str, pipeline: Job, step: Step) -> Job:
    document = _document(world, guid, pipeline, step.run, step.name, step.title)
    document["result"] = {"warning": text(child(document, "result"), "warning")} if step.is_training else {}
    created, canceled = pipeline.created + step.begin, _later(pipeline.canceled, step.begin)
    place = Place(node_run(pipeline, step.node), pipeline.name, step)
    return Job(step.run, document, step.plan, created, pipeline.elapsed - step.begin, canceled, None, place)


def _later(canceled: float | None, begin: float) -> float | None:
    return None if canceled is None else canceled - begin


def _document(world: World, guid: str, pipeline: Job, run: str, module: str, title: str) -> Json:
    changed = child(world.store.get("run", guid, run) or {}, "properties")
    own = {
        "displayName": module,
        "description": title,
        "experimentName": text(pipeline.properties, "experimentName", "Default"),
        "tags": {},
        "properties": {
            "azureml.moduleName": module,
            "azureml.runsource": "azureml.StepRun",
            "azureml.pipelinerunid": pipeline.name,
            "azureml.isreused": "false",
        },
    }
    results = child(pipeline.document, "result")
    warning = next((text(child(results, name), "warning") for name in results), "")
    return {"properties": {**own, **changed}, "result": {"warning": warning}, "created": pipeline.created}


def is_over(job: Job) -> bool:
    """Return whether a job or run has ended."""
    return job.state.status in simulation.TERMINAL
