"""What the page shows of managed online endpoints: each deployment, in the words for a serverless endpoint."""

from itertools import islice

from mock_server.core.json_values import Json, text
from mock_server.core.scope import Scope
from mock_server.resources import online_access, online_deployments, online_endpoints
from mock_server.resources.online_deployments import OnlineDeployment
from mock_server.resources.online_endpoints import OnlineEndpoint
from mock_server.state.world import World

PREFIX = "online/"
"""What the key of a deployment begins with, among those of all endpoints."""
ANY_TOKEN = "mock"  # noqa: S105 - a token that is not a JWT is accepted unchecked


def deployments(world: World, scope: Scope, now: float, most: int) -> dict[str, Json]:
    """Return the newest deployments of a workspace, and the endpoints without any, by key."""
    found: dict[str, Json] = {}
    for endpoint in islice(online_endpoints.list_all(world, scope.guid, now), most):
        own = list(online_deployments.list_all(world, scope.guid, now, endpoint.name))
        for deployment in own:
            found[f"{PREFIX}{endpoint.name}/{deployment.name}"] = _deployment(scope, endpoint, deployment)
        if not own:
            found[f"{PREFIX}{endpoint.name}"] = _empty(scope, endpoint)
    return found


def credential(world: World, key: str) -> str | None:
    """Return what a client sends to score with the deployment of this key; None if its endpoint is gone."""
    endpoint = online_endpoints.find_by_name(world, key.removeprefix(PREFIX).partition("/")[0])
    if endpoint is None:
        return None
    if endpoint.auth_mode == "AMLToken":
        return text(online_access.token(endpoint), "accessToken")
    return endpoint.keys[0] if endpoint.auth_mode == "Key" else ANY_TOKEN


def _deployment(scope: Scope, endpoint: OnlineEndpoint, deployment: OnlineDeployment) -> Json:
    share = endpoint.traffic.get(deployment.name.lower(), 0)
    state = "Online" if deployment.serving is not None else deployment.state
    return {
        **_shown(scope, endpoint),
        "state": "CreationFailed" if state == "Failed" else state,
        "model": deployment.model_id,
        "created": deployment.document.get("created"),
        "failure": text(deployment.failure, "message") if deployment.state == "Failed" else "",
        "deployment": f"{endpoint.name}/{deployment.name}",
        "sku": f"{deployment.capacity} × {deployment.instance_type} · {share}% of the traffic",
        "pinned": deployment.name,
    }


def _empty(scope: Scope, endpoint: OnlineEndpoint) -> Json:
    return {
        **_shown(scope, endpoint),
        "state": "No deployment" if endpoint.state == "Succeeded" else endpoint.state,
        "model": "",
        "created": endpoint.document.get("created"),
        "failure": endpoint.failure,
        "deployment": endpoint.name,
        "sku": "managed online endpoint",
    }


def _shown(scope: Scope, endpoint: OnlineEndpoint) -> Json:
    chat = f"{online_endpoints.PATH}/{endpoint.name}/v1/chat/completions"
    return {"workspace": scope.workspace, "unready_status": None, "chat": chat}
