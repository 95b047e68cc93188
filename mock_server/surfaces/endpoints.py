"""Serverless endpoints: create, get, list, keys, delete."""

from starlette.responses import Response

from mock_server.core.errors import ServiceError, not_found, user_error
from mock_server.core.json_values import Json, child, is_object, text
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, empty_response, json_response, route
from mock_server.resources import deployments, jobs, references
from mock_server.resources.deployments import Endpoint
from mock_server.surfaces import marketplace, operations
from mock_server.surfaces.paging import page
from mock_server.training import base_models

AUTH_MODES = ("Key", "AAD", "KeyAndAAD")


async def create(call: Call) -> Response:
    """Create an endpoint; the same name with the same model updates it, with another model it is rejected."""
    name, body = call.name(), await call.json()
    scope, now = jobs.scope_and_time(call)
    properties = _checked(body)
    model_id = text(child(properties, "modelSettings"), "modelId")
    owner = deployments.find_by_name(call.world, name)
    if owner is not None and (owner.guid != scope.guid or owner.model_id != model_id):
        raise user_error(f"Serverless endpoint name '{name}' is not available. Please select a different name.")
    if owner is not None:
        return _update(call, scope, owner, body, properties)
    subscription = _find_model(call, scope, model_id)
    seconds = call.world.options.job_seconds * deployments.CREATION_SHARE
    document = {
        "name": name,
        "properties": properties,
        "location": text(body, "location"),
        "tags": child(body, "tags"),
        "created": now,
        "ready": now + seconds,
        "deleted": None,
        "marketplaceSubscriptionId": subscription,
        "primaryKey": deployments.new_key(),
        "secondaryKey": deployments.new_key(),
    }
    with call.world.store.transaction():
        call.world.store.put("endpoint", scope.guid, name.lower(), document)
        call.world.store.put("endpoint-name", "", name.lower(), {"guid": scope.guid})
    headers = operations.begin(call, "se", seconds=seconds).by_status
    return json_response(deployments.to_json(scope, Endpoint(name, scope.guid, document, now), call.base), 201, headers)


async def get(call: Call) -> Response:
    """Return one endpoint."""
    scope, endpoint = _find(call)
    return json_response(deployments.to_json(scope, endpoint, call.base))


async def list_endpoints(call: Call) -> Response:
    """Return the workspace's endpoints, newest first."""
    scope, now = jobs.scope_and_time(call)
    found = deployments.list_all(call.world, scope.guid, now)
    return page(call, [deployments.to_json(scope, endpoint, call.base) for endpoint in found])


async def list_keys(call: Call) -> Response:
    """Return both keys."""
    primary, secondary = _find(call)[1].keys
    return json_response({"primaryKey": primary, "secondaryKey": secondary})


async def regenerate_keys(call: Call) -> Response:
    """Replace one key: the old one is invalid from now on, the new ones are the operation's result."""
    requested = await call.json()
    scope, endpoint = _find(call)
    which = {"Primary": "primaryKey", "Secondary": "secondaryKey"}.get(text(requested, "keyType"))
    if which is None:
        raise user_error("The request is invalid: keyType must be Primary or Secondary.")
    given = text(requested, "keyValue")
    key = given if len(given) == 32 and given.isascii() and given.isalnum() else deployments.new_key()
    document = {**endpoint.document, which: key}
    call.world.store.put("endpoint", scope.guid, endpoint.name.lower(), document)
    keys = {"primaryKey": text(document, "primaryKey"), "secondaryKey": text(document, "secondaryKey")}
    seconds = call.world.options.job_seconds * deployments.DELETION_SHARE
    return empty_response(202, operations.begin(call, "sek", seconds=seconds, result=keys).by_location)


async def delete(call: Call) -> Response:
    """Start a deletion; a missing endpoint counts as deleted."""
    scope, now = jobs.scope_and_time(call)
    endpoint = deployments.get(call.world, scope.guid, call.name(), now)
    if endpoint is None:
        return empty_response(204)
    seconds = call.world.options.job_seconds * deployments.DELETION_SHARE
    if endpoint.state != "Deleting":
        document = {**endpoint.document, "deleted": now + seconds}
        call.world.store.put("endpoint", scope.guid, endpoint.name.lower(), document)
    return empty_response(202, operations.begin(call, "sed", seconds=seconds).by_location)


def _find(call: Call) -> tuple[Scope, Endpoint]:
    scope, now = jobs.scope_and_time(call)
    endpoint = deployments.get(call.world, scope.guid, call.name(), now)
    if endpoint is None:
        raise not_found(f"Serverless endpoint {call.name()} was not found.")
    return scope, endpoint


def _checked(body: Json) -> Json:
    properties: object = body.get("properties")
    if not is_object(properties):
        raise user_error("The request is invalid: properties is required.")
    if not text(child(properties, "modelSettings"), "modelId"):
        raise user_error("The request is invalid: properties.modelSettings.modelId is required.")
    if properties.get("authMode") not in (None, *AUTH_MODES):
        raise user_error(f"The request is invalid: authMode must be one of {', '.join(AUTH_MODES)}.")
    safety = child(properties, "contentSafety").get("contentSafetyStatus", "Enabled")
    if safety not in ("Enabled", "Disabled"):
        raise user_error("The request is invalid: contentSafetyStatus must be Enabled or Disabled.")
    if not text(body, "location"):
        raise ServiceError(400, "LocationRequired", "The location property is required for this definition.")
    if body.get("tags") is not None and not is_object(body["tags"]):
        raise user_error("The request is invalid: tags must be an object.")
    return {key: value for key, value in properties.items() if key in ("authMode", "contentSafety", "modelSettings")}


def _update(call: Call, scope: Scope, endpoint: Endpoint, body: Json, properties: Json) -> Response:
    if endpoint.state == "Deleting":
        raise ServiceError(409, "Conflict", f"Serverless endpoint {endpoint.name} is being deleted.")
    document = {**endpoint.document, "properties": properties, "tags": child(body, "tags")}
    call.world.store.put("endpoint", scope.guid, endpoint.name.lower(), document)
    changed = Endpoint(endpoint.name, scope.guid, document, endpoint.now)
    return json_response(deployments.to_json(scope, changed, call.base), 200)


def _find_model(call: Call, scope: Scope, model_id: str) -> str | None:
    """Check that a model can be deployed, and return the marketplace subscription for a third-party one."""
    reference = references.parse_model(scope, model_id)
    if reference is None:
        raise user_error(f"The model id {model_id[:300]!r} is invalid.")
    if reference.guid is None and reference.registry != base_models.REGISTRY:
        return marketplace.require(call, scope, model_id)
    if references.find_base_model(call.world, reference) is None:
        raise not_found(f"Model {model_id[:300]} was not found.")
    return None


ROUTES = (
    route("endpoints.list", "GET", WORKSPACE + "/serverlessEndpoints", list_endpoints),
    route("endpoints.get", "GET", WORKSPACE + "/serverlessEndpoints/{name}", get),
    route("endpoints.create", "PUT", WORKSPACE + "/serverlessEndpoints/{name}", create),
    route("endpoints.delete", "DELETE", WORKSPACE + "/serverlessEndpoints/{name}", delete),
    route("endpoints.list_keys", "POST", WORKSPACE + "/serverlessEndpoints/{name}/listKeys", list_keys),
    route(
        "endpoints.regenerate_keys", "POST", WORKSPACE + "/serverlessEndpoints/{name}/regenerateKeys", regenerate_keys
    ),
)
