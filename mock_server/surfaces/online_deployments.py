"""Deployments of managed online endpoints: create, change, scale, get, list, logs, delete."""

from starlette.responses import Response

from mock_server.core.errors import ServiceError, not_found, user_error
from mock_server.core.json_values import Json, child, is_object, number, text
from mock_server.core.scope import Scope
from mock_server.http.routing import Call, empty_response, json_response, route
from mock_server.resources import (
    container_logs,
    container_start,
    instance_quota,
    online_deployments,
    online_endpoints,
    online_requests,
    vm_quota,
)
from mock_server.resources.online_deployments import OnlineDeployment
from mock_server.surfaces import online_endpoints as endpoints, operations
from mock_server.surfaces.paging import page

BUSY = ("Creating", "Updating", "Scaling")
CONTAINERS = ("InferenceServer", "StorageInitializer")
MAX_TAIL = 10_000
RESOURCE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"


async def put(call: Call) -> Response:
    """Create a deployment, or change one; the same request again, while it is carried out, changes nothing."""
    body, name = await call.json(), call.params["deployment"]
    online_requests.check_name(name, "deployment")
    wanted = online_requests.deployment_document(body)
    scope, endpoint = endpoints.find(call)
    existing = online_deployments.get(call.world, scope.guid, endpoint.name, name, endpoint.now)
    if existing is not None and existing.state in BUSY and _is_same(existing, wanted):
        headers = _operation(call, existing)
        return json_response(online_deployments.to_json(scope, existing), 200, headers)
    if endpoint.state != "Succeeded":
        raise ServiceError(
            409,
            "Conflict",
            f"Cannot create a deployment in endpoint {endpoint.name} because it is in {endpoint.state} provisioning "
            "state.",
        )
    container_start.check_references(call.world, scope, child(wanted, "settings"))
    if existing is None:
        return _create(call, scope, wanted, {"endpoint": endpoint.name, "name": name})
    _check_can_change(existing)
    changed = _changed(call, scope, existing, wanted, "Updating")
    return json_response(online_deployments.to_json(scope, changed), 200, _operation(call, changed))


async def patch(call: Call) -> Response:
    """Change the number of instances, or tags."""
    body = await call.json()
    scope, deployment = find(call)
    _check_can_change(deployment)
    if child(body, "sku"):
        changed = _changed(call, scope, deployment, {"capacity": online_requests.capacity(body)}, "Scaling")
        return empty_response(202, operations.begin(call, "od", seconds=changed.ready - changed.now).by_location)
    if is_object(body.get("tags")):
        online_deployments.save(call.world, scope.guid, {**deployment.document, "tags": body["tags"]})
    return json_response(online_deployments.to_json(scope, find(call)[1]))


async def get(call: Call) -> Response:
    """Return one deployment."""
    scope, deployment = find(call)
    return json_response(online_deployments.to_json(scope, deployment))


async def list_deployments(call: Call) -> Response:
    """Return an endpoint's deployments, newest first."""
    scope, endpoint = endpoints.find(call)
    found = online_deployments.list_all(call.world, scope.guid, endpoint.now, endpoint.name)
    return page(call, [online_deployments.to_json(scope, one) for one in found])


async def list_skus(call: Call) -> Response:
    """Return how many instances the deployment may have."""
    find(call)
    capacity = {"default": 1, "minimum": 1, "maximum": online_requests.MAX_INSTANCES, "scaleType": "Manual"}
    sku = {"name": "Default", "tier": "Standard"}
    return page(call, [{"resourceType": RESOURCE, "sku": sku, "capacity": capacity}])


async def get_logs(call: Call) -> Response:
    """Return the last lines of one of the two containers."""
    body = await call.json()
    _, deployment = find(call)
    container = text(body, "containerType", CONTAINERS[0])
    if container not in CONTAINERS:
        raise user_error(f"The request is invalid: containerType must be one of {', '.join(CONTAINERS)}.")
    tail = number(body.get("tail", MAX_TAIL))
    if tail is None or not 0 < tail <= MAX_TAIL:
        raise user_error(f"The request is invalid: tail must be from 1 to {MAX_TAIL}.")
    lines = container_logs.lines(deployment, container)
    return json_response({"content": "".join(f"{line}\n" for line in lines[-int(tail) :])})


async def delete(call: Call) -> Response:
    """Start a deletion; a missing deployment counts as deleted. Its part of the traffic is gone with it."""
    scope, endpoint = endpoints.find(call)
    name = call.params["deployment"]
    deployment = online_deployments.get(call.world, scope.guid, endpoint.name, name, endpoint.now)
    if deployment is None:
        return empty_response(204)
    seconds = call.world.options.job_seconds * online_deployments.DELETION_SHARE
    with call.world.store.transaction():
        online_deployments.delete(call.world, deployment, endpoint.now + seconds)
        owner = instance_quota.owner_of(scope, endpoint.name, name)
        vm_quota.vacate(call.world, scope, owner, at=endpoint.now + seconds)
        properties = child(endpoint.document, "properties")
        kept = {
            key: {other: share for other, share in child(properties, key).items() if other.lower() != name.lower()}
            for key in ("traffic", "mirrorTraffic")
        }
        online_endpoints.change(call.world, endpoint, properties={**properties, **kept})
    return empty_response(202, operations.begin(call, "odd", seconds=seconds).by_location)


def _create(call: Call, scope: Scope, wanted: Json, names: Json) -> Response:
    now = call.now
    seconds = call.world.options.job_seconds * online_deployments.CREATION_SHARE
    document = {**names, **wanted, "created": now, "changed": now, "ready": now + seconds, "change": "Creating"}
    document["failure"] = container_start.failure(call.world, child(wanted, "settings"))
    _take(call, scope, document)
    online_deployments.save(call.world, scope.guid, document, is_new=True)
    made = find(call)[1]
    return json_response(online_deployments.to_json(scope, made), 201, _operation(call, made))


def _changed(call: Call, scope: Scope, deployment: OnlineDeployment, wanted: Json, change: str) -> OnlineDeployment:
    seconds = call.world.options.job_seconds * online_deployments.CHANGE_SHARE
    document = {**deployment.document, **wanted, "change": change, "changed": call.now, "ready": call.now + seconds}
    document["before"] = deployment.serving or deployment.settings
    document["failure"] = container_start.failure(call.world, child(document, "settings"))
    _take(call, scope, document)
    online_deployments.save(call.world, scope.guid, document)
    return find(call)[1]


def _take(call: Call, scope: Scope, document: Json) -> None:
    owner = instance_quota.owner_of(scope, text(document, "endpoint"), text(document, "name"))
    instance_type, instances = text(child(document, "settings"), "instanceType"), int(document["capacity"])
    instance_quota.take(call.world, scope, owner, instance_type=instance_type, instances=instances)


# Assumption: The id of an operation on an online deployment begins with `od:`, where that on an endpoint begins with
#   `oe:`.
# Shown wrong by: Another beginning of the last part of the path in `Azure-AsyncOperation`.
# Verified by: deploy on own compute
# If wrong: Only the mock server's addresses differ; the client takes any.
def _operation(call: Call, deployment: OnlineDeployment) -> dict[str, str]:
    error: Json = {key: deployment.failure[key] for key in ("code", "message") if key in deployment.failure}
    return operations.begin(call, "od", seconds=deployment.ready - deployment.now, failure=error or None).by_status


def _is_same(deployment: OnlineDeployment, wanted: Json) -> bool:
    return all(deployment.document.get(key) == value for key, value in wanted.items())


def _check_can_change(deployment: OnlineDeployment) -> None:
    if deployment.is_unrecoverable:
        raise ServiceError(
            400,
            "BadRequest",
            f"Specified deployment [{deployment.name}] failed during initial provisioning and is in an unrecoverable "
            "state. Delete and re-create.",
        )
    if deployment.state in (*BUSY, "Deleting"):
        raise ServiceError(
            409, "Conflict", f"Deployment {deployment.name} is in {deployment.state} provisioning state. Wait for it."
        )


def find(call: Call) -> tuple[Scope, OnlineDeployment]:
    """Return the workspace and the deployment in the path; raises ServiceError if there is none."""
    scope, endpoint = endpoints.find(call)
    name = call.params["deployment"]
    deployment = online_deployments.get(call.world, scope.guid, endpoint.name, name, endpoint.now)
    if deployment is None:
        raise not_found(f"Deployment {name[:80]} of online endpoint {endpoint.name} was not found.")
    return scope, deployment


BASE = endpoints.BASE + "/{name}/deployments"
ONE = BASE + "/{deployment}"
ROUTES = (
    route("online_deployments.list", "GET", BASE, list_deployments),
    route("online_deployments.get", "GET", ONE, get),
    route("online_deployments.put", "PUT", ONE, put),
    route("online_deployments.scale", "PATCH", ONE, patch),
    route("online_deployments.delete", "DELETE", ONE, delete),
    route("online_deployments.skus", "GET", ONE + "/skus", list_skus),
    route("online_deployments.logs", "POST", ONE + "/getLogs", get_logs),
)
