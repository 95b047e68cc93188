"""The caller's permissions, and the registration and api-versions of the resource providers.

The formats are those of learn.microsoft.com/rest/api/authorization/permissions/list-for-resource and
learn.microsoft.com/rest/api/resources/providers/get. Everything is allowed here, unless a fault rule says otherwise.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.responses import Response

from mock_server.http.routing import WORKSPACE, Call, json_response, route
from mock_server.resources import foundry_account

PROVIDER = "Microsoft.MachineLearningServices"

API_VERSIONS = ("2026-03-01-preview", "2025-09-01", "2025-06-01", "2024-10-01-preview", "2024-10-01", "2024-04-01")
"""What each provider lists for each of its resource types, newest first."""

RESOURCE_TYPES: Mapping[str, Sequence[str]] = {
    PROVIDER: (
        "workspaces",
        "workspaces/computes",
        "workspaces/data",
        "workspaces/datastores",
        "workspaces/jobs",
        "workspaces/models",
        "workspaces/onlineEndpoints",
        "workspaces/onlineEndpoints/deployments",
        "workspaces/serverlessEndpoints",
        "locations/usages",
    ),
    foundry_account.PROVIDER: ("accounts", "accounts/deployments", "accounts/projects", "locations/models"),
}


async def permissions(call: Call) -> Response:
    """Return the permissions of an owner."""
    _ = call.scope
    owner = {"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}
    return json_response({"value": [owner]})


def provider(name: str) -> Callable[[Call], Awaitable[Response]]:
    """Return what answers with a provider's registration, and its resource types with their api-versions."""

    async def answer(call: Call) -> Response:
        types = [
            {"resourceType": kind, "locations": [], "apiVersions": [*API_VERSIONS]} for kind in RESOURCE_TYPES[name]
        ]
        return json_response(
            {
                "id": f"/subscriptions/{call.params['sub']}/providers/{name}",
                "namespace": name,
                "registrationState": "Registered",
                "registrationPolicy": "RegistrationRequired",
                "resourceTypes": types,
            }
        )

    return answer


ROUTES = (
    route("access.permissions", "GET", WORKSPACE + "/providers/Microsoft.Authorization/permissions", permissions),
    *(
        route("access.provider", "GET", "/subscriptions/{sub}/providers/" + name, provider(name))
        for name in RESOURCE_TYPES
    ),
)
