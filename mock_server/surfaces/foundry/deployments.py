"""Deployments of the Foundry account in Resource Manager: create, get, list, change, delete.

Statuses: Azure/azure-rest-api-specs `specification/cognitiveservices/resource-manager`, and the recording of
Azure/azure-cli `test_cognitiveservices_deployment.yaml`.
"""

import re
import uuid

from starlette.responses import Response

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, text
from mock_server.http.routing import Call, empty_response, json_response, route
from mock_server.resources import foundry_catalogue, foundry_deployables, foundry_deployments
from mock_server.resources.foundry_account import PROVIDER
from mock_server.resources.foundry_deployment_requests import (
    DeploymentRequest,
    check_quota,
    check_sku,
    parse,
    parse_sku,
    parse_tags,
)
from mock_server.resources.foundry_deployments import CHANGE_SHARE, CREATION_SHARE, LOADING_SHARE, Deployment
from mock_server.surfaces.foundry.management import ACCOUNT, account_of, begin
from mock_server.surfaces.paging import page

DEPLOYMENTS = ACCOUNT + "/deployments"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")


async def put(call: Call) -> Response:
    """Create a deployment, or change SKU, capacity and properties of an existing one."""
    body, account, name, now = await call.json(), account_of(call), _name(call), call.now
    request = parse(call.world, body)
    existing = foundry_deployments.get(call.world, name, now)
    if existing is not None:
        _check_change(existing, request)
    rule = call.world.fault_rule
    others = (one for one in foundry_deployments.list_all(call.world, now) if one.name.lower() != name.lower())
    refused = rule is not None and rule.deployment == "quota"
    check_quota(request.model, request.sku, others, capacity=0 if refused else None, is_new=existing is None)
    changes: Json = {
        "sku": request.sku,
        "properties": request.properties,
        "tags": request.tags,
        "modified": now,
        "etag": _etag(),
    }
    if existing is not None:
        changed = foundry_deployments.save(call.world, existing, **changes)
        headers = begin(call, seconds=_seconds(call, CHANGE_SHARE))
        return json_response(foundry_deployments.to_json(account, changed), 200, headers)
    is_instant = rule is not None and rule.deployment == "instant"
    seconds = 0.0 if is_instant else _seconds(call, CREATION_SHARE)
    created = foundry_deployments.save(
        call.world,
        Deployment(name, {"name": name, "created": now}, now),
        **changes,
        model=request.shown_model,
        base=request.model.base.id,
        examples=request.model.examples,
        ready=now + seconds,
        instant=is_instant,
        loading=0.0 if is_instant else _seconds(call, LOADING_SHARE),
        fault=foundry_deployments.fault_of(rule, now + seconds),
    )
    is_headerless = is_instant or (rule is not None and rule.deployment == "headerless")
    headers = {} if is_headerless else begin(call, seconds=seconds, failure=created.failure)
    return json_response(foundry_deployments.to_json(account, created), 201, headers)


async def get(call: Call) -> Response:
    """Return one deployment."""
    account = account_of(call)
    return json_response(foundry_deployments.to_json(account, _find(call)))


async def list_deployments(call: Call) -> Response:
    """Return the deployments, newest first."""
    account = account_of(call)
    found = foundry_deployments.list_all(call.world, call.now)
    return page(call, [foundry_deployments.to_json(account, one) for one in found])


async def patch(call: Call) -> Response:
    """Change the SKU or the tags of a deployment."""
    body, account = await call.json(), account_of(call)
    deployment = _find(call)
    _check_idle(deployment)
    requested: object = body.get("sku")
    sku = deployment.sku if requested is None else parse_sku(requested)
    tags = parse_tags(body.get("tags", deployment.document.get("tags")))
    model = foundry_deployables.of_deployment(deployment)
    check_sku(model, sku)
    others = (one for one in foundry_deployments.list_all(call.world, call.now) if one.name != deployment.name)
    check_quota(model, sku, others, is_new=False)
    changed = foundry_deployments.save(
        call.world, deployment, sku=sku, tags=tags, modified=deployment.now, etag=_etag()
    )
    headers = begin(call, seconds=_seconds(call, CHANGE_SHARE))
    return json_response(foundry_deployments.to_json(account, changed), 202, headers)


async def delete(call: Call) -> Response:
    """Start a deletion; a missing deployment counts as deleted."""
    account_of(call)
    deployment = foundry_deployments.get(call.world, _name(call), call.now)
    if deployment is None:
        return empty_response(204)
    if deployment.document.get("instant") is True:
        foundry_deployments.save(call.world, deployment, deleted=deployment.now)
        return empty_response(200)
    seconds = _seconds(call, CHANGE_SHARE)
    if deployment.state != "Deleting":
        foundry_deployments.save(call.world, deployment, deleted=deployment.now + seconds)
    return empty_response(202, begin(call, seconds=seconds))


async def list_skus(call: Call) -> Response:
    """Return the SKUs that a deployment can be moved to."""
    account_of(call)
    return page(call, list(foundry_catalogue.skus(_find(call))))


def _find(call: Call) -> Deployment:
    name = _name(call)
    found = foundry_deployments.get(call.world, name, call.now)
    if found is None:
        resource = f"{PROVIDER}/accounts/{call.params['account']}/deployments/{name}"
        message = (
            f"The Resource '{resource}' under resource group '{call.params['rg']}' was not found. For more details "
            "please go to https://aka.ms/ARMResourceNotFoundFix"
        )
        raise ServiceError(404, "ResourceNotFound", message)
    return found


def _name(call: Call) -> str:
    name = call.params["name"]
    if not NAME.match(name):
        message = f"The deployment name {name[:80]!r} is invalid: letters, digits, '_', '.' and '-', at most 64."
        raise ServiceError(400, "InvalidResourceName", message)
    return name


def _check_change(existing: Deployment, request: DeploymentRequest) -> None:
    """Raise the service's error for a deployment that is being changed, or that has another model."""
    _check_idle(existing)
    if text(existing.model, "name").lower() != request.model.name.lower():
        message = f"A deployment {existing.name} of another model exists. Delete it, or use another name."
        raise ServiceError(409, "Conflict", message)


def _check_idle(deployment: Deployment) -> None:
    if deployment.state in ("Creating", "Deleting"):
        raise ServiceError(
            409,
            "RequestConflict",
            "Another operation is being performed on the parent resource. Please try again later.",
            {"Retry-After": "1"},
        )


def _seconds(call: Call, share: float) -> float:
    return call.world.options.job_seconds * share


def _etag() -> str:
    return f'"{uuid.uuid4()}"'


ROUTES = (
    route("foundry.deployments.list", "GET", DEPLOYMENTS, list_deployments),
    route("foundry.deployments.get", "GET", DEPLOYMENTS + "/{name}", get),
    route("foundry.deployments.put", "PUT", DEPLOYMENTS + "/{name}", put),
    route("foundry.deployments.patch", "PATCH", DEPLOYMENTS + "/{name}", patch),
    route("foundry.deployments.delete", "DELETE", DEPLOYMENTS + "/{name}", delete),
    route("foundry.deployments.skus", "GET", DEPLOYMENTS + "/{name}/skus", list_skus),
)
