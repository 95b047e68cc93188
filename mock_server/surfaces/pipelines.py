"""Pipeline jobs: their creation. What else is asked of them is asked of any job."""

from starlette.responses import Response

from mock_server.core.bearer_tokens import token_claims
from mock_server.core.errors import unauthorized, user_error
from mock_server.core.json_values import Json, child, split_url, text
from mock_server.core.scope import Scope
from mock_server.http.routing import Call, json_response
from mock_server.resources import (
    job_submission,
    jobs,
    pipeline_machines,
    pipeline_planning,
    pipeline_runs,
    pipeline_submission,
)
from mock_server.training import pipeline_course, simulation
from mock_server.training.job import job_at

USER_TOKEN = "x-azureml-token"  # noqa: S105 - a header's name
"""The second token of a pipeline's creation, for which the pipeline acts; its audience is https://ml.azure.com."""


async def create(call: Call, scope: Scope, body: Json) -> Response:
    """Create a pipeline job; the same body again updates the mutable fields, another body is a conflict."""
    name, now = call.name(), call.now
    _check_user_token(call)
    existing = call.world.store.get("job", scope.guid, name)
    if existing is not None:
        return _update(call, scope, name, existing, body)
    nodes = pipeline_submission.parse(call.world, scope, body)
    targets = [pipeline_planning.target_of(node, used) for node in nodes for used in node.component.steps.values()]
    pipeline_machines.check_targets(call.world, scope, targets, now)
    course, result = await pipeline_planning.plan_job(call.world, scope, name, nodes, now)
    training = course.training
    document = {
        "properties": {
            key: value for key, value in child(body, "properties").items() if key not in ("status", "services")
        },
        "created": now,
        "plan": simulation.plan_to_json(training.plan if training else course.steps[0].plan),
        "course": pipeline_course.to_json(course),
        "result": result,
    }
    job = job_at(name, document, now)
    if not call.world.store.add("job", scope.guid, name, document, due=now + job.duration):
        # Another request created it while this one read the data.
        return _update(call, scope, name, call.world.store.get("job", scope.guid, name) or document, body)
    pipeline_runs.remember(call.world, scope.guid, job)
    course = pipeline_machines.take(call.world, scope, name, course, now)
    document = {**document, "course": pipeline_course.to_json(course)}
    job = job_at(name, document, now)
    jobs.save(call.world, scope.guid, job, document)
    return json_response(jobs.to_json(scope, job), 201)


def _update(call: Call, scope: Scope, name: str, existing: Json, body: Json) -> Response:
    requested, old = child(body, "properties"), child(existing, "properties")
    if not pipeline_submission.is_same_job(old, requested):
        raise user_error(f"A job with the name {name} already exists with other properties. Choose another name.", 409)
    job_submission.check_metadata(requested)
    changed = {**existing, "properties": job_submission.with_mutable_fields(old, requested)}
    jobs.save(call.world, scope.guid, job_at(name, existing, call.now), changed)
    return json_response(jobs.to_json(scope, job_at(name, changed, call.now)), 200)


def _check_user_token(call: Call) -> None:
    """Reject a user token for another audience; a token that is not a JWT is accepted unchecked."""
    audience = text(token_claims(call.headers.get(USER_TOKEN, "")), "aud")
    known = split_url(audience).hostname or audience
    if audience and known not in ("ml.azure.com", call.host.partition(":")[0], "localhost", "127.0.0.1"):
        message = f"The user token in {USER_TOKEN} has been obtained for wrong audience or resource '{audience[:200]}'."
        raise unauthorized("InvalidAuthenticationTokenAudience", message)
