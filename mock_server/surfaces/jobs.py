"""Fine-tuning and pipeline jobs: create, get, list, cancel, delete."""

from collections.abc import Iterator

from starlette.responses import Response

from mock_server.core.errors import user_error
from mock_server.core.json_values import Json, child, text
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, empty_response, json_response, route
from mock_server.resources import cluster_jobs, data_inspection, job_submission, jobs, pipeline_runs
from mock_server.surfaces import operations, pipelines
from mock_server.surfaces.paging import in_view, page
from mock_server.training import simulation
from mock_server.training.job import job_at


async def create(call: Call) -> Response:
    """Create a job; the same body again updates the mutable fields, another body is a conflict."""
    name, body = call.name(), await call.json()
    scope, now = jobs.scope_and_time(call)
    if text(child(body, "properties"), "jobType") == "Pipeline":
        return await pipelines.create(call, scope, body)
    existing = call.world.store.get("job", scope.guid, name)
    if existing is not None:
        return _update(call, scope, name, existing, body)
    requested = job_submission.parse(call, scope, body)
    place = cluster_jobs.place_of(call.world, scope, requested.properties, now)
    plan, result = await data_inspection.plan_job(call.world, requested)
    plan = cluster_jobs.with_checkpoint(call.world, scope.guid, plan, requested.hyperparameters, result)
    plan = cluster_jobs.with_eviction(call.world, plan, place)
    document = {
        "properties": {key: value for key, value in requested.properties.items() if key not in ("status", "services")},
        "created": now,
        "plan": simulation.plan_to_json(plan),
        "result": result,
        "cluster": place.cluster,
    }
    due = None if plan.failure else now + simulation.duration(plan)
    if not call.world.store.add("job", scope.guid, name, document, due=due):
        # Another request created it while this one read the data.
        return _update(call, scope, name, call.world.store.get("job", scope.guid, name) or document, body)
    on_machines = cluster_jobs.placed(call.world, scope, name, plan, place, now)
    if on_machines != plan:
        document = {**document, "plan": simulation.plan_to_json(on_machines)}
        jobs.save(call.world, scope.guid, job_at(name, document, now), document)
    return json_response(jobs.to_json(scope, job_at(name, document, now)), 201)


async def get(call: Call) -> Response:
    """Return one job."""
    scope, now = jobs.scope_and_time(call)
    return json_response(jobs.to_json(scope, jobs.get(call, scope, call.name(), now)))


async def list_jobs(call: Call) -> Response:
    """Return the jobs, newest first, with azure-ai-ml's filters (`listViewType`, `jobType`, `tag`, `properties`)."""
    scope, now = jobs.scope_and_time(call)
    found: Iterator[Json] = ({"name": name, "document": body} for name, body in call.world.store.all("job", scope.guid))
    kept = [item for item in found if _matches_filters(call, child(child(item, "document"), "properties"))]
    return page(call, kept, lambda item: jobs.to_json(scope, job_at(item["name"], item["document"], now)))


async def cancel(call: Call) -> Response:
    """Cancel a job; rejected if it has already completed or failed."""
    scope, now = jobs.scope_and_time(call)
    job = jobs.get(call, scope, call.name(), now)
    if job.place is not None:
        raise user_error(f"Run {job.name} is a child of the pipeline {job.place.root}: cancel the pipeline.")
    if job.state.status in ("Completed", "Failed"):
        raise user_error(f"Run {job.name} is in the terminal state {job.state.status} and cannot be canceled.")
    if job.state.status == "Canceled":
        return empty_response(200)
    # Assumption: A job whose cancellation was requested is CancelRequested until it is Canceled, also before it has
    #   begun.
    # Shown wrong by: Another status of the job between the request and Canceled.
    # Verified by: cancel job, cancel pipeline job
    # If wrong: The mock server's jobs take another course than Azure's; the client waits for any end.
    jobs.cancel(call.world, scope.guid, job)
    operation = operations.begin(call, "jc", seconds=job.stopping)
    return empty_response(202, operation.by_location)


async def delete(call: Call) -> Response:
    """Delete a job that has ended; the model it registered stays."""
    scope, now = jobs.scope_and_time(call)
    name = call.name()
    if call.world.store.get("job", scope.guid, name) is None:
        return empty_response(204)
    job = jobs.get(call, scope, name, now)
    if not job.state.terminal:
        raise user_error(f"Run {name} is in the state {job.state.status}: cancel it before deleting it.", 409)
    pipeline_runs.forget(call.world, scope.guid, job)
    call.world.store.delete("job", scope.guid, name)
    return empty_response(202, operations.begin(call, "jd", seconds=0.0).by_location)


def _update(call: Call, scope: Scope, name: str, existing: Json, body: Json) -> Response:
    requested, old = child(body, "properties"), child(existing, "properties")
    if not job_submission.is_same_job(old, requested):
        raise user_error(f"A job with the name {name} already exists with other properties. Choose another name.", 409)
    job_submission.check_metadata(requested)
    changed = {**existing, "properties": job_submission.with_mutable_fields(old, requested)}
    jobs.save(call.world, scope.guid, job_at(name, existing, call.now), changed)
    return json_response(jobs.to_json(scope, job_at(name, changed, call.now)), 200)


def _matches_filters(call: Call, properties: Json) -> bool:
    if not in_view(call, properties):
        return False
    kind = text(properties, "jobType", "FineTuning")
    if call.query.get("jobType", kind).lower() != kind.lower():
        return False
    return all(
        _has(child(properties, key), condition)
        for key, name in (("tags", "tag"), ("properties", "properties"))
        for condition in _conditions(call.query.get(name, ""))
    )


def _conditions(requested: str) -> Iterator[str]:
    return (condition.strip() for condition in requested.split(",") if condition.strip())


def _has(held: Json, condition: str) -> bool:
    key, equals, value = condition.partition("=")
    return key in held and (not equals or str(held[key]) == value)


ROUTES = (
    route("jobs.list", "GET", WORKSPACE + "/jobs", list_jobs),
    route("jobs.get", "GET", WORKSPACE + "/jobs/{name}", get),
    route("jobs.create", "PUT", WORKSPACE + "/jobs/{name}", create),
    route("jobs.cancel", "POST", WORKSPACE + "/jobs/{name}/cancel", cancel),
    route("jobs.delete", "DELETE", WORKSPACE + "/jobs/{name}", delete),
)
