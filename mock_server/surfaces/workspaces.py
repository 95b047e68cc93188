"""Workspaces, and their datastores."""

from starlette.responses import Response

from mock_server.core import sas_and_shared_key as signing
from mock_server.core.errors import not_found
from mock_server.core.json_values import Json, number, text
from mock_server.core.scope import LOCATION, Scope
from mock_server.http.routing import WORKSPACE, Call, json_response, route
from mock_server.state.world import ACCOUNT
from mock_server.surfaces.paging import page

DATASTORES = ("workspaceblobstore", "workspaceartifactstore")  # the second is where runs store their files
SUBSCRIPTION = TENANT = "00000000-0000-0000-0000-000000000000"
GROUP_NAME, WORKSPACE_NAME = "rg-mock", "ws-mock"  # as in the lines that `maas mock` prints
MAX_SECRET_HOURS = 24.0  # hours


async def get_workspace(call: Call) -> Response:
    """Return the workspace, with the address of run history."""
    return json_response(_workspace(call, call.scope))


async def list_workspaces(call: Call) -> Response:
    """Return the workspaces given at the start, and those named in earlier requests; without any, a default one."""
    requested = _requested(call)
    known_names = {scope.workspace.lower() for scope in requested}
    given = call.world.options.workspaces or ([] if requested else [WORKSPACE_NAME])
    other_names = [name for name in given if name.lower() not in known_names]
    named = [Scope(call.params["sub"], call.params.get("rg", GROUP_NAME), name) for name in other_names]
    group = call.params.get("rg", "").lower()
    found = {
        scope.guid: scope
        for scope in [*named, *requested]
        if scope.subscription.lower() == call.params["sub"].lower() and group in ("", scope.group.lower())
    }
    return page(call, [_workspace(call, scope) for scope in found.values()])


async def list_subscriptions(call: Call) -> Response:
    """Return the subscriptions named in earlier requests, or a default one.

    learn.microsoft.com/rest/api/resources/subscriptions/list.
    """
    found = {scope.subscription.lower(): scope.subscription for scope in _requested(call)}
    return page(call, map(_subscription, found.values() or [SUBSCRIPTION]))


def _requested(call: Call) -> list[Scope]:
    return [
        Scope(text(body, "subscription"), text(body, "group"), text(body, "workspace"))
        for _, body in call.world.store.all("workspace", "")
    ]


def _subscription(subscription: str) -> Json:
    return {
        "id": f"/subscriptions/{subscription}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription,
        "tenantId": TENANT,
        "displayName": "Mock subscription",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


async def list_datastores(call: Call) -> Response:
    """Return both datastores."""
    return page(call, [_datastore(call, call.scope, name) for name in DATASTORES])


async def get_datastore(call: Call) -> Response:
    """Return a datastore; its account and endpoint point to this server."""
    _check_name(call)
    return json_response(_datastore(call, call.scope, call.name().lower()))


async def list_secrets(call: Call) -> Response:
    """Return a secret of the kind that the datastore announces."""
    requested = await call.json()
    _check_name(call)
    if call.world.settings["datastore_credentials"] == "none":
        raise not_found(f"Datastore {call.name()} has no secrets: it is accessed by identity.")
    if call.world.settings["datastore_credentials"] == "key":
        return json_response({"secretsType": "AccountKey", "key": call.world.account_key})
    hours = min(MAX_SECRET_HOURS, number(requested.get("expireAfterHours")) or 1.0)
    token = signing.account_sas(
        call.world.account_key,
        ACCOUNT,
        permissions="rwdlac",
        start=call.now - 300,
        expiry=call.now + max(1.0, hours * 3600),
        protocol="https" if call.base.startswith("https") else "https,http",
    )
    return json_response({"secretsType": "Sas", "sasToken": token})


def _check_name(call: Call) -> None:
    if call.name().lower() not in DATASTORES:
        raise not_found(f"Could not find datastore {call.name()}. {call.scope.workspace} has {', '.join(DATASTORES)}.")


def _workspace(call: Call, scope: Scope) -> Json:
    return {
        "id": scope.arm,
        "name": scope.workspace,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": LOCATION,
        "kind": "Default",
        "tags": {},
        "sku": {"name": "Basic", "tier": "Basic"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "workspaceId": scope.guid,
            "discoveryUrl": f"{call.base}/discovery",
            "mlFlowTrackingUri": f"azureml://{call.host}/mlflow/v1.0{scope.arm}",
            "friendlyName": scope.workspace,
            "description": "",
            "provisioningState": "Succeeded",
            "publicNetworkAccess": "Enabled",
            "hbiWorkspace": False,
            "storageAccount": f"/subscriptions/{scope.subscription}/resourceGroups/{scope.group}"
            f"/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}",
        },
    }


def _datastore(call: Call, scope: Scope, name: str) -> Json:
    kinds = {"sas": "Sas", "key": "AccountKey", "none": "None"}
    host = call.host
    by_host = call.world.settings["blob_addressing"] == "host"
    return {
        "id": f"{scope.arm}/datastores/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/datastores",
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": ACCOUNT if by_host else f"{host}/{ACCOUNT}",
            "containerName": scope.container,
            "endpoint": host,
            "protocol": "https" if call.base.startswith("https") else "http",
            "credentials": {"credentialsType": kinds[call.world.settings["datastore_credentials"]]},
            "isDefault": name == DATASTORES[0],
            "serviceDataAccessAuthIdentity": "None",
            "subscriptionId": scope.subscription,
            "resourceGroup": scope.group,
            "tags": {},
            "properties": {},
        },
    }


async def endpoints_metadata(call: Call) -> Response:
    """Return the cloud's addresses (azure-ai-ml's ARM_CLOUD_METADATA_URL): all of them are this server."""
    host = call.host
    return json_response(
        [
            {
                "name": "MockCloud",
                "portal": "https://ml.azure.com",
                "resourceManager": call.base,
                "authentication": {
                    "loginEndpoint": "https://login.microsoftonline.com",
                    "audiences": [call.base],
                    "tenant": "common",
                },
                "suffixes": {"storage": host},
            }
        ]
    )


GROUP = "/subscriptions/{sub}/resourceGroups/{rg}/providers/Microsoft.MachineLearningServices/workspaces"
ROUTES = (
    route("subscriptions.list", "GET", "/subscriptions", list_subscriptions),
    route("workspaces.get", "GET", WORKSPACE, get_workspace),
    route("workspaces.list", "GET", GROUP, list_workspaces),
    route(
        "workspaces.list",
        "GET",
        "/subscriptions/{sub}/providers/Microsoft.MachineLearningServices/workspaces",
        list_workspaces,
    ),
    route("datastores.list", "GET", WORKSPACE + "/datastores", list_datastores),
    route("datastores.get", "GET", WORKSPACE + "/datastores/{name}", get_datastore),
    route("datastores.list_secrets", "POST", WORKSPACE + "/datastores/{name}/listSecrets", list_secrets),
)
