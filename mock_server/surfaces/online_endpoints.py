"""Managed online endpoints: create, change, get, list, keys, tokens, delete."""

from starlette.responses import Response

from mock_server.core.errors import ServiceError, not_found, user_error
from mock_server.core.json_values import Json, child, text
from mock_server.core.scope import Scope
from mock_server.http.routing import WORKSPACE, Call, empty_response, json_response, route
from mock_server.resources import (
    deployments,
    instance_quota,
    jobs,
    online_access,
    online_deployments,
    online_endpoints,
    online_requests,
    vm_quota,
)
from mock_server.resources.online_endpoints import OnlineEndpoint
from mock_server.surfaces import operations
from mock_server.surfaces.paging import page

BUSY = ("Creating", "Updating")
FAILED = "The creation failed because of a fault rule."


async def put(call: Call) -> Response:
    """Create an endpoint, or change one; the same request again, while it is carried out, changes nothing."""
    body, name = await call.json(), call.params["name"]
    online_requests.check_name(name, "endpoint")
    wanted = online_requests.endpoint_document(body)
    scope, now = jobs.scope_and_time(call)
    owner = online_endpoints.find_by_name(call.world, name)
    if owner is not None and owner.guid != scope.guid:
        raise user_error(
            f"The endpoint name '{name}' is already in use in {text(wanted, 'location')}. Use another one."
        )
    found = online_deployments.list_all(call.world, scope.guid, now, name)
    online_requests.check_traffic(wanted, {one.name.lower() for one in found if one.state != "Deleting"})
    if owner is not None:
        return _change(call, scope, owner, wanted)
    rule = call.world.fault_rule
    if rule is not None and rule.endpoint == "full":
        raise online_requests.refused("InferencingClientCallFailed", "Endpoint Quota reached")
    seconds = call.world.options.job_seconds * online_endpoints.CREATION_SHARE
    document = {**wanted, "created": now, "changed": now, "ready": now + seconds, "change": "Creating", "deleted": None}
    document["failure"] = "" if rule is None or rule.endpoint is None else rule.reason or FAILED
    online_endpoints.create(call.world, scope.guid, name, document)
    _, made = find(call)
    error = {"code": "InternalServerError", "message": made.failure} if made.failure else None
    headers = operations.begin(call, "oe", seconds=seconds, failure=error).by_status
    return json_response(online_endpoints.to_json(scope, made, call.base), 201, headers)


def _change(call: Call, scope: Scope, endpoint: OnlineEndpoint, wanted: Json) -> Response:
    is_same = all(endpoint.document.get(key) == value for key, value in wanted.items())
    if endpoint.state == "Deleting" or (endpoint.state in BUSY and not is_same):
        raise ServiceError(
            409, "Conflict", f"Endpoint {endpoint.name} is in {endpoint.state} provisioning state. Wait for it to end."
        )
    mode = text(child(wanted, "properties"), "authMode")
    if mode != endpoint.auth_mode:
        raise user_error(f"The authMode of endpoint {endpoint.name} is {endpoint.auth_mode} and cannot be changed.")
    if endpoint.state in BUSY:
        seconds = endpoint.ready - endpoint.now
        headers = operations.begin(call, "oe", seconds=seconds).by_status
        return json_response(online_endpoints.to_json(scope, endpoint, call.base), 200, headers)
    seconds = call.world.options.job_seconds * online_endpoints.UPDATE_SHARE
    changed = online_endpoints.change(
        call.world,
        endpoint,
        **wanted,
        before=child(endpoint.document, "properties"),
        change="Updating",
        failure="",
        changed=endpoint.now,
        ready=endpoint.now + seconds,
    )
    headers = operations.begin(call, "oe", seconds=seconds).by_status
    return json_response(online_endpoints.to_json(scope, changed, call.base), 200, headers)


async def get(call: Call) -> Response:
    """Return one endpoint."""
    scope, endpoint = find(call)
    return json_response(online_endpoints.to_json(scope, endpoint, call.base))


async def list_endpoints(call: Call) -> Response:
    """Return the workspace's endpoints, newest first."""
    scope, now = jobs.scope_and_time(call)
    found = online_endpoints.list_all(call.world, scope.guid, now)
    return page(call, [online_endpoints.to_json(scope, endpoint, call.base) for endpoint in found])


async def list_keys(call: Call) -> Response:
    """Return both keys of an endpoint that takes keys."""
    endpoint = _with_mode(call, "Key")
    primary, secondary = endpoint.keys
    return json_response({"primaryKey": primary, "secondaryKey": secondary})


async def get_token(call: Call) -> Response:
    """Return a token of an endpoint that takes its own tokens."""
    return json_response(online_access.token(_with_mode(call, "AMLToken")))


async def regenerate_keys(call: Call) -> Response:
    """Replace one key by the given or by a new one: the old one is invalid from now on."""
    requested = await call.json()
    endpoint = _with_mode(call, "Key")
    which = {"Primary": "primaryKey", "Secondary": "secondaryKey"}.get(text(requested, "keyType"))
    if which is None:
        raise user_error("The request is invalid: keyType must be Primary or Secondary.")
    key = text(requested, "keyValue") or deployments.new_key()
    online_endpoints.change(call.world, endpoint, **{which: key})
    kept = {name: text(endpoint.document, name) for name in ("primaryKey", "secondaryKey")}
    seconds = call.world.options.job_seconds * online_endpoints.UPDATE_SHARE
    begun = operations.begin(call, "oek", seconds=seconds, result={**kept, which: key})
    return empty_response(202, begun.by_location)


async def delete(call: Call) -> Response:
    """Start the deletion of an endpoint and its deployments; a missing endpoint counts as deleted."""
    scope, now = jobs.scope_and_time(call)
    endpoint = online_endpoints.get(call.world, scope.guid, call.params["name"], now)
    if endpoint is None:
        return empty_response(204)
    seconds = call.world.options.job_seconds * online_endpoints.DELETION_SHARE
    if endpoint.state != "Deleting":
        with call.world.store.transaction():
            online_endpoints.change(call.world, endpoint, deleted=now + seconds)
            for one in online_deployments.list_all(call.world, scope.guid, now, endpoint.name):
                online_deployments.delete(call.world, one, now + seconds)
                owner = instance_quota.owner_of(scope, endpoint.name, one.name)
                vm_quota.vacate(call.world, scope, owner, at=now + seconds)
    return empty_response(202, operations.begin(call, "oed", seconds=seconds).by_location)


def find(call: Call) -> tuple[Scope, OnlineEndpoint]:
    """Return the workspace and the endpoint in the path; raises ServiceError if there is none."""
    scope, now = jobs.scope_and_time(call)
    endpoint = online_endpoints.get(call.world, scope.guid, call.params["name"], now)
    if endpoint is None:
        raise not_found(f"Online endpoint {call.params['name'][:80]} was not found.")
    return scope, endpoint


def _with_mode(call: Call, mode: str) -> OnlineEndpoint:
    _, endpoint = find(call)
    if endpoint.auth_mode != mode:
        raise user_error(f"The authMode of endpoint {endpoint.name} is {endpoint.auth_mode}: this is for {mode}.")
    return endpoint


BASE = WORKSPACE + "/onlineEndpoints"
ROUTES = (
    route("online_endpoints.list", "GET", BASE, list_endpoints),
    route("online_endpoints.get", "GET", BASE + "/{name}", get),
    route("online_endpoints.put", "PUT", BASE + "/{name}", put),
    route("online_endpoints.delete", "DELETE", BASE + "/{name}", delete),
    route("online_endpoints.list_keys", "POST", BASE + "/{name}/listKeys", list_keys),
    route("online_endpoints.token", "POST", BASE + "/{name}/token", get_token),
    route("online_endpoints.regenerate_keys", "POST", BASE + "/{name}/regenerateKeys", regenerate_keys),
)
