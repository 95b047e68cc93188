"""Jobs as stored, and their state at a given time; results of completed jobs come into being on access."""

from dataclasses import replace

from mock_server.core.errors import not_found
from mock_server.core.json_values import Json, child, is_object, iso, number, text
from mock_server.core.scope import LOCATION, Scope
from mock_server.http.routing import Call
from mock_server.resources import cluster_jobs, job_artifacts, pipeline_machines, pipeline_runs
from mock_server.resources.model_versions import next_version, versions
from mock_server.state.world import World
from mock_server.training import pipeline_course, simulation
from mock_server.training.job import Job, job_at

KIND = "Microsoft.MachineLearningServices/workspaces/jobs"


def scope_and_time(call: Call) -> tuple[Scope, float]:
    """Return the workspace in the path and its time, after registering the models completed by then."""
    scope, now = call.scope, call.now
    register_completed(call.world, scope.guid, now)
    return scope, now


def register_completed(world: World, guid: str, now: float) -> None:
    """Bring jobs on clusters up to date; register the models and write the files of those completed since, in order."""
    for name, document in [*cluster_jobs.changed(world, guid, now), *pipeline_machines.changed(world, guid, now)]:
        save(world, guid, job_at(name, document, now), document)
    for name, document in world.store.due("job", guid, now):
        if "course" in document:
            pipeline = job_at(name, document, now)
            job_artifacts.write_pipeline(world, guid, pipeline)
            _leave(world, guid, pipeline, at=pipeline.created + pipeline.duration)
            world.store.put("job", guid, name, {**document, "written": True})
            continue
        properties, result = child(document, "properties"), child(document, "result")
        asset = text(result, "asset")
        version = next_version(versions(world, guid, asset))
        path = f"azureml/{name}/registered_model"
        model = {
            "name": asset,
            "version": version,
            "job": name,
            "base": text(result, "base"),
            "examples": text(result, "examples"),
            "path": path,
            "created": (number(document.get("created")) or 0.0)
            + simulation.duration(simulation.plan_from_document(document)),
            "tags": child(properties, "tags"),
        }
        job = job_at(name, document, now)
        job_artifacts.write_log(world, guid, job)
        job_artifacts.write_model(world, guid, job, base=text(result, "base"), path=path)
        with world.store.transaction():
            world.store.put("model", guid, f"{asset}:{version}", model)
            world.store.put("job", guid, name, {**document, "registered": version})


def get(call: Call, scope: Scope, name: str, now: float) -> Job:
    """Return a job in its current state."""
    found = find(call.world, scope.guid, name, now)
    if found is None:
        raise not_found(f"Run {name} was not found.")
    return found


def find(world: World, guid: str, name: str, now: float) -> Job | None:
    """Return a job, or a run of one's pipeline, in its current state; None if there is none."""
    document = world.store.get("job", guid, name)
    return pipeline_runs.find(world, guid, name, now) if document is None else job_at(name, document, now)


def to_json(scope: Scope, job: Job) -> Json:
    """Return a job in the management surface's format; as in Azure, it lacks the reason of a failure.

    A run of a pipeline has no properties there (azure-ai-ml 1.35.2 `job.py`, `_is_pipeline_child_job`).
    """
    if job.place is not None:
        return {"id": f"{scope.arm}/jobs/{job.name}", "name": job.name, "type": KIND, "properties": None}
    studio = f"https://ml.azure.com/runs/{job.name}?wsid={scope.arm}"
    tracking = f"azureml://{LOCATION}.api.azureml.ms/mlflow/v1.0{scope.arm}?"
    return {
        "id": f"{scope.arm}/jobs/{job.name}",
        "name": job.name,
        "type": KIND,
        "properties": {
            "displayName": job.name,
            "experimentName": "Default",
            "isArchived": False,
            "tags": {},
            **job.properties,
            "properties": _properties_with_tokens(job),
            "status": job.state.status,
            "services": {
                "Tracking": {"jobServiceType": "Tracking", "endpoint": tracking},
                "Studio": {"jobServiceType": "Studio", "endpoint": studio},
            },
            "outputs": _outputs(scope, job),
        },
        "systemData": {"createdAt": iso(job.created), "createdBy": "mock user", "createdByType": "User"},
    }


def save(world: World, guid: str, job: Job, document: Json) -> None:
    """Store a job with changed properties; results that are still to come stay so."""
    if job.place is not None:
        pipeline_runs.save(world, guid, job, document)
        return
    ends_well = not job.failure or job.course is not None  # the steps before a pipeline's failure leave files
    done = document.get("registered") or document.get("written")
    pending = ends_well and job.canceled is None and not done
    world.store.put("job", guid, job.name, document, due=job.created + job.duration if pending else None)


def cancel(world: World, guid: str, job: Job) -> None:
    """Request a job's cancellation, once."""
    if job.canceled is None:
        world.store.put("job", guid, job.name, {**job.document, "canceled": job.elapsed})
        _leave(world, guid, job, at=job.created + job.elapsed + job.stopping)


def fail(world: World, guid: str, job: Job, reason: str) -> None:
    """Let a job fail now, canceled or not; its losses until now stay. Of a pipeline, the step that runs fails."""
    if job.course is not None:
        course = pipeline_course.to_json(pipeline_course.failed_at(job.course, job.elapsed, reason))
        document = {**job.document, "course": course, "canceled": None}
        world.store.put("job", guid, job.name, document, due=job.created + job.elapsed)
        _leave(world, guid, job, at=job.created + job.elapsed)
        return
    plan = replace(job.plan, failure=reason, failed_at=job.elapsed)
    document = {**job.document, "plan": simulation.plan_to_json(plan), "canceled": None}
    world.store.put("job", guid, job.name, document)
    _leave(world, guid, job, at=job.created + job.elapsed)


def _leave(world: World, guid: str, job: Job, *, at: float) -> None:
    """Give back what a job has of clusters and of the quota."""
    if job.course is not None:
        pipeline_machines.leave(world, guid, job.name, job.course, at=at)
    else:
        cluster_jobs.leave(world, guid, job.name, job.document, at=at)


def _properties_with_tokens(job: Job) -> Json:
    own = child(job.properties, "properties")
    if not job.state.started or job.course is not None:
        return own
    tokens = str(int(job.plan.tokens * job.plan.epochs))
    return {**own, "__azureml_ft_training_tokens": tokens}


def _outputs(scope: Scope, job: Job) -> Json:
    outputs = {name: dict(output) for name, output in child(job.properties, "outputs").items() if is_object(output)}
    version = job.document.get("registered")
    if job.document.get("written"):
        places = {name: f"azureml://datastores/workspaceblobstore/paths/azureml/{job.name}/{name}/" for name in outputs}
        return {name: {**output, "uri": places[name]} for name, output in outputs.items()}
    for output in list(outputs.values())[:1] if version else []:
        asset = text(child(job.document, "result"), "asset")
        output["assetName"] = asset
        output["assetVersion"] = version
        # Assumption: A Completed job has the id of its tuned model in `outputs.*.uri`, in the form
        #   `azureml://locations/REGION/workspaces/ID/models/NAME/versions/VERSION`.
        # Shown wrong by: Another address, or none.
        # Verified by: job to its end, job outputs
        # If wrong: The client finds the files of the output by the registered model, or else by the job's name.
        output["uri"] = model_id(scope.guid, asset, str(version))
    return outputs


def model_id(guid: str, name: str, version: str) -> str:
    """Return the id by which a tuned model is deployed."""
    return f"azureml://locations/{LOCATION}/workspaces/{guid}/models/{name}/versions/{version}"
