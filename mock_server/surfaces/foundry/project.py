"""The deployments of the account as a project lists them, for reading only (azure-ai-projects 2.10, api-version v1)."""

import re
from collections.abc import Callable

from starlette.responses import Response

from mock_server.core.errors import ServiceError, foundry_v1_body
from mock_server.core.json_values import Json, text
from mock_server.http.routing import Call, json_response, route, routed_surface
from mock_server.resources import foundry_deployments
from mock_server.resources.foundry_deployments import Deployment
from mock_server.surfaces.foundry.bases import check_credential, resource_not_found
from mock_server.surfaces.paging import page

VERSION = "v1"
PROJECT = "/api/projects/{project}/deployments"
IN_PROJECT = re.compile(r"/api/projects/[^/]+/deployments(?:/|\Z)", re.IGNORECASE)
KIND = "ModelDeployment"
FILTERS: dict[str, Callable[[Json], str]] = {
    "modelName": lambda shown: text(shown, "modelName"),
    "modelPublisher": lambda shown: text(shown, "modelPublisher"),
    "deploymentType": lambda shown: text(shown, "type"),
}


async def list_deployments(call: Call) -> Response:
    """Return the deployments, or those of one model, publisher or type."""
    shown = [_to_json(one) for one in foundry_deployments.list_all(call.world, call.now)]
    kept = [one for one in shown if all(show(one) == call.query.get(name, show(one)) for name, show in FILTERS.items())]
    return page(call, kept)


async def get(call: Call) -> Response:
    """Return one deployment."""
    name = call.params["name"]
    found = foundry_deployments.get(call.world, name, call.now)
    if found is None:
        raise ServiceError(404, "DeploymentNotFound", f"Deployment {name[:80]!r} was not found in this project.")
    return json_response(_to_json(found))


def _to_json(deployment: Deployment) -> Json:
    base, sku = deployment.base, deployment.sku
    return {
        "type": KIND,
        "name": deployment.name,
        "modelName": text(deployment.model, "name"),
        "modelVersion": text(deployment.model, "version"),
        "modelPublisher": base.publisher if base is not None else "",
        "capabilities": foundry_deployments.capabilities(base),
        "sku": {"name": text(sku, "name"), "capacity": deployment.capacity, "family": "", "size": "", "tier": ""},
    }


def authorize(call: Call) -> None:
    """Require a key or a token, then the api-version."""
    check_credential(call)
    if call.query.get("api-version") != VERSION:
        raise resource_not_found()


def error_response(error: ServiceError, request_id: str, now: float) -> Response:
    """Report an error as the bases with `v1` do."""
    del request_id, now
    return json_response(foundry_v1_body(error), error.status, error.headers)


SURFACE = routed_surface(
    "foundry",
    (
        route("foundry.project_deployments.list", "GET", PROJECT, list_deployments),
        route("foundry.project_deployments.get", "GET", PROJECT + "/{name}", get),
    ),
    authorize,
    error_response,
)
