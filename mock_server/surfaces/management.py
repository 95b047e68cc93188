"""Azure Resource Manager: what every request to it needs, and its route table."""

import re

from starlette.responses import Response

from mock_server.core.bearer_tokens import check_bearer
from mock_server.core.errors import ServiceError, arm_body
from mock_server.http.routing import Call, json_response, route, routed_surface
from mock_server.surfaces import (
    access,
    computes,
    data,
    endpoints,
    environments,
    jobs,
    marketplace,
    models,
    monitor,
    online_deployments,
    online_endpoints,
    operations,
    vm_sizes,
    workspaces,
)
from mock_server.surfaces.foundry import deployments as foundry_deployments, management as foundry_account

VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(?:-(?:preview|dataplanepreview|privatepreview))?\Z")


def authorize(call: Call) -> None:
    """Require a token and an api-version, in that order."""
    if call.operation == "metadata.endpoints":
        return
    check_bearer(call.headers, call.host, call.world.wall())
    version = call.query.get("api-version", "")
    if not version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise ServiceError(400, "MissingApiVersionParameter", message)
    if not VERSION.match(version):
        message = (
            f"The api-version '{version[:60]}' is invalid. It should be in the format YYYY-MM-DD or YYYY-MM-DD-preview."
        )
        raise ServiceError(400, "InvalidApiVersionParameter", message)


def error_response(error: ServiceError, request_id: str, now: float) -> Response:
    """Report an error as ARM does."""
    return json_response(arm_body(error, request_id, now), error.status, error.headers)


SURFACE = routed_surface(
    "management",
    (
        route("metadata.endpoints", "GET", "/metadata/endpoints", workspaces.endpoints_metadata),
        *access.ROUTES,
        *workspaces.ROUTES,
        *vm_sizes.ROUTES,
        *computes.ROUTES,
        *data.ROUTES,
        *jobs.ROUTES,
        *models.ROUTES,
        *environments.ROUTES,
        *endpoints.ROUTES,
        *online_endpoints.ROUTES,
        *online_deployments.ROUTES,
        *monitor.ROUTES,
        *marketplace.ROUTES,
        *operations.ROUTES,
        *foundry_account.ROUTES,
        *foundry_deployments.ROUTES,
    ),
    authorize,
    error_response,
)
