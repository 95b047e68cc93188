"""The caller's permissions, and the registration of the workspaces' resource provider.

The formats are those of learn.microsoft.com/rest/api/authorization/permissions/list-for-resource and
learn.microsoft.com/rest/api/resources/providers/get. Everything is allowed here, unless a fault rule says otherwise.
"""

from starlette.responses import Response

from mock_server.http.routing import WORKSPACE, Call, json_response, route

PROVIDER = "Microsoft.MachineLearningServices"


async def permissions(call: Call) -> Response:
    """Return the permissions of an owner."""
    _ = call.scope
    owner = {"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}
    return json_response({"value": [owner]})


async def provider(call: Call) -> Response:
    """Return the provider's registration."""
    path = f"/subscriptions/{call.params['sub']}/providers/{PROVIDER}"
    return json_response(
        {
            "id": path,
            "namespace": PROVIDER,
            "registrationState": "Registered",
            "registrationPolicy": "RegistrationRequired",
            "resourceTypes": [],
        }
    )


ROUTES = (
    route("access.permissions", "GET", WORKSPACE + "/providers/Microsoft.Authorization/permissions", permissions),
    route("access.provider", "GET", "/subscriptions/{sub}/providers/" + PROVIDER, provider),
)
