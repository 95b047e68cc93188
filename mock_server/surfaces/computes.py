"""Clusters: create, replace, scale, get, list, their nodes, delete."""

from starlette.responses import Response

from mock_server.core import durations
from mock_server.core.errors import ServiceError, not_found, user_error
from mock_server.core.json_values import Json, child, text
from mock_server.core.scope import LOCATION, Scope
from mock_server.http.routing import WORKSPACE, Call, empty_response, json_response, route
from mock_server.resources import compute_requests, computes, jobs
from mock_server.resources.compute_requests import Requested
from mock_server.resources.computes import Cluster
from mock_server.resources.node_schedule import Scale
from mock_server.surfaces import operations
from mock_server.surfaces.paging import page

SSH_PORT = 50000
UNSUPPORTED = "UnsupportedVMSizeForLowPriority"


async def create(call: Call) -> Response:
    """Create a cluster; the same name again replaces all of its settings."""
    name, body = call.name(), await call.json()
    scope, now = jobs.scope_and_time(call)  # the jobs of a deleted cluster of this name fail before there is another
    requested = compute_requests.parse(name, body)
    known = computes.find(call.world, scope.guid, name, now)
    if known is not None and known.state == "Deleting":
        raise ServiceError(409, "Conflict", f"Compute {name} is being deleted.")
    if known is not None:
        compute_requests.check_change(known, requested)
    rule = call.world.fault_rule
    kind = rule.compute if rule is not None else None
    refusal = compute_requests.quota_refusal(call.world, scope, requested, known, always=kind == "quota")
    if refusal is not None:
        if known is None or known.failure:
            reason = {"code": refusal.code, "message": refusal.message}
            computes.save(
                call.world, scope.guid, name, _document(call, requested, None) | {"failure": reason, "ready": now}
            )
        raise refusal
    if known is not None and known.failure:
        raise ServiceError(
            409, "Conflict", f"Compute {name} is in failed state: {text(known.failure, 'message')} Delete it first."
        )
    failure: Json | None = {"code": "BadRequest", "message": _reason(call)} if kind == "fail" else None
    document = _document(call, requested, known) | ({"failure": failure} if failure else {})
    if rule is not None and kind == "no_capacity":
        until = None if rule.seconds is None else now + rule.seconds
        document = document | {"shortage": {"until": until, "message": _reason(call)}}
    computes.save(call.world, scope.guid, name, document)
    seconds = call.world.options.job_seconds * computes.CREATION_SHARE
    headers = operations.begin_compute(call, seconds=seconds, failure=failure).by_status
    return json_response(_shown(call, scope, name), 200 if known else 201, headers)


async def scale(call: Call) -> Response:
    """Change a cluster's number of nodes and idle time, and nothing else."""
    name, body = call.name(), await call.json()
    scope, cluster = _find(call)
    settings = child(child(child(body, "properties"), "properties"), "scaleSettings")
    if not settings:
        raise user_error("The request is invalid: properties.properties.scaleSettings is required.")
    if cluster.state in ("Deleting", "Failed"):
        raise ServiceError(409, "Conflict", f"Compute {name} is in the state {cluster.state}.")
    least, most, idle = compute_requests.scale_settings(settings, cluster)
    requested = Requested(cluster.size, cluster.settings, least, most, idle, body)
    if refusal := compute_requests.quota_refusal(call.world, scope, requested, cluster):
        raise refusal
    shown = {"minNodeCount": least, "maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": durations.dump(idle)}
    changed = {**cluster.document, "properties": {**cluster.settings, "scaleSettings": shown}, "modified": call.now}
    computes.save(call.world, scope.guid, name, computes.with_scale(changed, Scale(call.now, least, most, idle)))
    return json_response(_shown(call, scope, name))


async def get(call: Call) -> Response:
    """Return one cluster."""
    scope, cluster = _find(call)
    return json_response(computes.to_json(scope, cluster))


async def list_computes(call: Call) -> Response:
    """Return the workspace's clusters, newest first."""
    scope = call.scope
    found = computes.list_all(call.world, scope.guid, call.now)
    return page(call, [computes.to_json(scope, cluster) for cluster in found])


async def list_nodes(call: Call) -> Response:
    """Return a cluster's nodes, and the run that each works for."""
    _, cluster = _find(call)
    nodes = [
        {
            "nodeId": f"tvmps_{cluster.name}_{node.slot}",
            "nodeState": node.state,
            "port": SSH_PORT + node.slot,
            "privateIpAddress": f"10.0.0.{4 + node.slot}",
            "publicIpAddress": None,
            "runId": node.run or None,
        }
        for node in cluster.nodes
    ]
    return json_response({"nodes": nodes, "nextLink": None})


async def delete(call: Call) -> Response:
    """Start a deletion, or a detachment, which for a cluster is the same; a missing one counts as deleted."""
    name, scope, now = call.name(), call.scope, call.now
    action = call.query.get("underlyingResourceAction", "")
    if action.lower() not in ("delete", "detach"):
        raise user_error("The query parameter underlyingResourceAction must be Delete or Detach.")
    cluster = computes.find(call.world, scope.guid, name, now)
    if cluster is None:
        return empty_response(204)
    seconds = call.world.options.job_seconds * computes.DELETION_SHARE
    if cluster.state != "Deleting":
        computes.save(call.world, scope.guid, name, {**cluster.document, "deleted": now + seconds})
    return empty_response(202, operations.begin_compute(call, seconds=seconds).by_status)


async def control(call: Call) -> Response:
    """Refuse to start, stop or restart: that is for compute instances, and a cluster's stop is a minimum of 0."""
    _, cluster = _find(call)
    action = call.operation.rpartition(".")[2]
    raise user_error(f"Compute {cluster.name} is of the type AmlCompute, which does not support the action {action}.")


def _find(call: Call) -> tuple[Scope, Cluster]:
    scope = call.scope
    cluster = computes.find(call.world, scope.guid, call.name(), call.now)
    if cluster is None:
        raise not_found(f"Compute {call.name()} was not found in workspace {scope.workspace}.")
    return scope, cluster


def _shown(call: Call, scope: Scope, name: str) -> Json:
    cluster = computes.find(call.world, scope.guid, name, call.now)
    return computes.to_json(scope, cluster) if cluster is not None else {}


def _reason(call: Call) -> str:
    """Return why a cluster fails or has no nodes by a fault rule."""
    rule = call.world.fault_rule
    default = "No machines of this size are to be had in the region now: try later, or another size or region."
    return (rule.reason if rule is not None else None) or default


def _document(call: Call, requested: Requested, known: Cluster | None) -> Json:
    """Return what is stored of a cluster; one that replaces another keeps its nodes and its runs."""
    now, old = call.now, known.document if known is not None else {}
    refused = requested.low_priority and not requested.size.low_priority
    message = f"The VM size {requested.size.name.upper()} is not supported for low priority."
    document: Json = {
        "name": call.name(),
        "location": text(requested.body, "location") or text(old, "location", LOCATION),
        "tags": child(requested.body, "tags"),
        "identity": _identity(call.scope, child(requested.body, "identity")),
        "description": text(child(requested.body, "properties"), "description") or None,
        "disable_local_auth": child(requested.body, "properties").get("disableLocalAuth") is True,
        "properties": requested.properties,
        "created": old.get("created", now),
        "modified": now,
        "ready": now + call.world.options.job_seconds * computes.CREATION_SHARE,
        "deleted": None,
        "errors": [{"error": {"code": UNSUPPORTED, "message": message}}] if refused else [],
        "no_low_priority": refused,
        "scales": old.get("scales", []),
        "demands": old.get("demands", []),
        "shortage": old.get("shortage"),
    }
    return computes.with_scale(document, Scale(now, requested.least, requested.most, requested.idle))


def _identity(scope: Scope, requested: Json) -> Json | None:
    if not requested:
        return None
    principal = {"principalId": scope.guid, "tenantId": "00000000-0000-0000-0000-000000000000"}
    return {**requested, **(principal if "System" in text(requested, "type") else {})}


COMPUTE = WORKSPACE + "/computes/{name}"
ROUTES = (
    route("computes.list", "GET", WORKSPACE + "/computes", list_computes),
    route("computes.get", "GET", COMPUTE, get),
    route("computes.create", "PUT", COMPUTE, create),
    route("computes.scale", "PATCH", COMPUTE, scale),
    route("computes.delete", "DELETE", COMPUTE, delete),
    route("computes.list_nodes", "POST", COMPUTE + "/listNodes", list_nodes),
    route("computes.start", "POST", COMPUTE + "/start", control),
    route("computes.stop", "POST", COMPUTE + "/stop", control),
    route("computes.restart", "POST", COMPUTE + "/restart", control),
)
