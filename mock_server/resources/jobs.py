"""Jobs as stored, and their state at a given time; results of completed jobs are registered on access."""

from dataclasses import replace

from mock_server.core.errors import not_found
from mock_server.core.json_values import Json, child, dump, is_object, iso, number, text
from mock_server.core.scope import LOCATION, Scope, container_of
from mock_server.http.routing import Call
from mock_server.resources.model_versions import next_version, versions
from mock_server.state.blob_store import Part, new_part
from mock_server.state.world import World
from mock_server.training import simulation
from mock_server.training.job import Job, job_at, log_lines


def scope_and_time(call: Call) -> tuple[Scope, float]:
    """Return the workspace in the path and its time, after registering the models completed by then."""
    scope, now = call.scope, call.now
    register_completed(call.world, scope.guid, now)
    return scope, now


def register_completed(world: World, guid: str, now: float) -> None:
    """Register the models of jobs completed since, in the order of completion."""
    for name, document in world.store.due("job", guid, now):
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
        _write_artifacts(world, guid, job_at(name, document, now), base=text(result, "base"), path=path)
        with world.store.transaction():
            world.store.put("model", guid, f"{asset}:{version}", model)
            world.store.put("job", guid, name, {**document, "registered": version})


def get(call: Call, scope: Scope, name: str, now: float) -> Job:
    """Return a job in its current state."""
    document = call.world.store.get("job", scope.guid, name)
    if document is None:
        raise not_found(f"Run {name} was not found.")
    return job_at(name, document, now)


def to_json(scope: Scope, job: Job) -> Json:
    """Return a job in the management surface's format; as in Azure, it lacks the reason of a failure."""
    studio = f"https://ml.azure.com/runs/{job.name}?wsid={scope.arm}"
    tracking = f"azureml://{LOCATION}.api.azureml.ms/mlflow/v1.0{scope.arm}?"
    return {
        "id": f"{scope.arm}/jobs/{job.name}",
        "name": job.name,
        "type": "Microsoft.MachineLearningServices/workspaces/jobs",
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
    """Store a job with changed properties; a pending registration stays pending."""
    pending = not job.plan.failure and job.canceled is None and not document.get("registered")
    world.store.put(
        "job", guid, job.name, document, due=job.created + simulation.duration(job.plan) if pending else None
    )


def cancel(world: World, guid: str, job: Job) -> None:
    """Request a job's cancellation, once."""
    if job.canceled is None:
        world.store.put("job", guid, job.name, {**job.document, "canceled": job.elapsed})


def fail(world: World, guid: str, job: Job, reason: str) -> None:
    """Let a job fail now, canceled or not; its losses until now stay."""
    plan = replace(job.plan, failure=reason, failed_at=job.elapsed)
    document = {**job.document, "plan": simulation.plan_to_json(plan), "canceled": None}
    world.store.put("job", guid, job.name, document)


def _properties_with_tokens(job: Job) -> Json:
    own = child(job.properties, "properties")
    if not job.state.started:
        return own
    tokens = str(int(job.plan.tokens * job.plan.epochs))
    return {**own, "__azureml_ft_training_tokens": tokens}


def _outputs(scope: Scope, job: Job) -> Json:
    outputs = {name: dict(output) for name, output in child(job.properties, "outputs").items() if is_object(output)}
    version = job.document.get("registered")
    for output in list(outputs.values())[:1] if version else []:
        asset = text(child(job.document, "result"), "asset")
        output["assetName"] = asset
        output["assetVersion"] = version
        output["uri"] = model_id(scope.guid, asset, str(version))
    return outputs


def model_id(guid: str, name: str, version: str) -> str:
    """Return the id by which a tuned model is deployed."""
    return f"azureml://locations/{LOCATION}/workspaces/{guid}/models/{name}/versions/{version}"


def _write_artifacts(world: World, guid: str, job: Job, *, base: str, path: str) -> None:
    """Write log and model where azure-ai-ml 1.35.2 downloads from (`_job_operations.py`, `_get_named_output_uri`)."""
    adapter = {"base_model_name_or_path": f"microsoft/{base}", "peft_type": "LORA", "r": 8, "lora_alpha": 128}
    flavors = f"flavors:\n  hftransformersv2:\n    task_type: chat-completion\nrun_id: {job.name}\n"
    files = {
        f"ExperimentRun/dcid.{job.name}/user_logs/std_log.txt": "".join(f"{line}\n" for line in log_lines(job)),
        f"{path}/MLmodel": f"artifact_path: model\n{flavors}",
        f"{path}/adapter/adapter_config.json": dump(adapter),
    }
    for name, content in files.items():
        _write_blob(world, container_of(guid), name, content.encode())


def _write_blob(world: World, container: str, name: str, content: bytes) -> None:
    """Write a file created by the server into a container."""
    part = Part("", new_part(), len(content))
    world.blobs.append(part.part, 0, content)
    headers = {"Content-Type": "application/octet-stream"}
    world.blobs.commit(container, name, [part], modified=world.wall(), headers=headers, metadata={})
