"""The Foundry account in Azure Resource Manager: description, keys, catalogue, quota and long-running operations.

Formats and statuses are those of Azure/azure-rest-api-specs `specification/cognitiveservices/resource-manager`. A
Resource Manager token is required: a key of the account is refused here.
"""

import uuid

from starlette.responses import Response

from mock_server.core.errors import ServiceError, unauthorized
from mock_server.core.json_values import Json, iso, number, text
from mock_server.core.scope import NAME
from mock_server.http.routing import Call, json_response, route
from mock_server.resources import foundry_account, foundry_catalogue, foundry_deployables, foundry_deployments
from mock_server.resources.foundry_account import PROVIDER, REGION, Account
from mock_server.surfaces.operations import RETRY_AFTER
from mock_server.surfaces.paging import page

GROUP = "/subscriptions/{sub}/resourceGroups/{rg}/providers/" + PROVIDER + "/accounts"
ACCOUNT = GROUP + "/{account}"
LOCATION = "/subscriptions/{sub}/providers/" + PROVIDER + "/locations/{region}"
OPERATIONS = LOCATION + "/operationResults"
OPERATION_KIND = "foundry-operation"


def account_of(call: Call) -> Account:
    """Return the account in the path; rejects an invalid name, and an account's key instead of a token."""
    check_token(call)
    account = Account(call.params["sub"], call.params["rg"], call.params["account"])
    if not all(NAME.match(name) for name in (account.subscription, account.group, account.name)):
        message = "The names of a subscription, resource group and account are letters, digits, '_', '.', '-'."
        raise ServiceError(400, "InvalidResourceName", message)
    foundry_account.remember(call.world, account)
    return account


def check_token(call: Call) -> None:
    """Reject a request that sends a key of the account: Resource Manager takes tokens of Entra ID only."""
    offered = (call.headers.get("authorization", "").partition(" ")[2].strip(), call.headers.get("api-key", ""))
    if any(foundry_account.is_key(call.world, one) for one in offered):
        message = "The access token is invalid: a key of the account is no token. Send a token for Resource Manager."
        raise unauthorized("InvalidAuthenticationToken", message)


async def get_account(call: Call) -> Response:
    """Return the account."""
    return json_response(foundry_account.to_json(account_of(call), call.base))


async def list_accounts(call: Call) -> Response:
    """Return the accounts of a subscription or of a resource group: the only one."""
    check_token(call)
    name = foundry_account.name_of(call.world)
    account = Account(call.params["sub"], call.params.get("rg", foundry_account.DEFAULT_GROUP), name)
    return page(call, [foundry_account.to_json(account, call.base)])


async def list_keys(call: Call) -> Response:
    """Return both keys of the account."""
    account_of(call)
    first, second = foundry_account.keys(call.world)
    return json_response({"key1": first, "key2": second})


async def list_models(call: Call) -> Response:
    """Return the models that the account can deploy."""
    account_of(call)
    return page(call, foundry_catalogue.models(foundry_deployables.tuned(call.world)))


async def list_usages(call: Call) -> Response:
    """Return how much of each quota is used."""
    account_of(call)
    return page(call, foundry_catalogue.usages(foundry_deployments.list_all(call.world, call.now)))


async def list_models_of_region(call: Call) -> Response:
    """Return the models that accounts of a region can deploy."""
    check_token(call)
    rows = [{"kind": "AIServices", "skuName": "S0", "model": row} for row in foundry_catalogue.models(())]
    return page(call, rows)


async def list_usages_of_region(call: Call) -> Response:
    """Return how much of each quota a subscription uses in a region: that of the only account."""
    check_token(call)
    return page(call, foundry_catalogue.usages(foundry_deployments.list_all(call.world, call.now)))


def begin(call: Call, *, seconds: float, failure: str = "") -> dict[str, str]:
    """Start an operation that ends after `seconds`, well or with a failure; returns the headers for polling it."""
    name, now = str(uuid.uuid4()), call.now
    body = {"started": now, "ends": now + seconds, "failure": failure}
    call.world.store.put(OPERATION_KIND, "", name, body)
    path = OPERATIONS.replace("{sub}", call.params["sub"]).replace("{region}", REGION)
    version = call.query.get("api-version", "")
    return {"Azure-AsyncOperation": f"{call.base}{path}/{name}?api-version={version}", **RETRY_AFTER}


async def operation_status(call: Call) -> Response:
    """Return the status of an operation as a document."""
    check_token(call)
    name = call.params["operation"]
    operation = call.world.store.get(OPERATION_KIND, "", name)
    if operation is None:
        raise ServiceError(404, "ResourceNotFound", f"The operation {name[:80]!r} was not found.")
    started, ends = (number(operation.get(key)) or 0.0 for key in ("started", "ends"))
    shown: Json = {"id": call.path, "name": name, "startTime": iso(started)}
    if call.now < ends:
        return json_response({**shown, "status": "InProgress"}, 200, RETRY_AFTER)
    failure = text(operation, "failure")
    if failure:
        error = {"code": "DeploymentFailed", "message": failure}
        return json_response({**shown, "status": "Failed", "endTime": iso(ends), "error": error})
    return json_response({**shown, "status": "Succeeded", "endTime": iso(ends)})


ROUTES = (
    route("foundry.accounts.list", "GET", "/subscriptions/{sub}/providers/" + PROVIDER + "/accounts", list_accounts),
    route("foundry.accounts.list", "GET", GROUP, list_accounts),
    route("foundry.accounts.get", "GET", ACCOUNT, get_account),
    route("foundry.accounts.list_keys", "POST", ACCOUNT + "/listKeys", list_keys),
    route("foundry.accounts.models", "GET", ACCOUNT + "/models", list_models),
    route("foundry.accounts.usages", "GET", ACCOUNT + "/usages", list_usages),
    route("foundry.locations.models", "GET", LOCATION + "/models", list_models_of_region),
    route("foundry.locations.usages", "GET", LOCATION + "/usages", list_usages_of_region),
    route("foundry.operations.status", "GET", OPERATIONS + "/{operation}", operation_status),
)
