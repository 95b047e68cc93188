"""Access control for blobs: SAS, SharedKey and bearer tokens, checked as Azure Storage does."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from mock_server.core import sas_and_shared_key as signing
from mock_server.core.bearer_tokens import check_bearer
from mock_server.core.errors import ServiceError
from mock_server.http.routing import Call
from mock_server.state.world import ACCOUNT

# Permissions of which an account or service SAS must grant at least one.
PERMISSIONS: Mapping[str, str] = {
    "blob.get": "r",
    "blob.head": "r",
    "blob.get_metadata": "r",
    "blob.get_block_list": "r",
    "blob.list": "l",
    "blob.get_container": "r",
    "blob.delete": "d",
    "blob.put": "wc",
    "blob.put_block": "wc",
    "blob.put_block_list": "wc",
    "blob.set_metadata": "w",
    "blob.create_container": "wc",
    "blob.lease": "w",
}
CLOCK_SKEW = 15 * 60
DENIED = (
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
    "including the signature."
)


def authorize(call: Call) -> None:
    """Authorize a request by the first kind of credential that it has."""
    scheme, _, authorization = call.headers.get("authorization", "").partition(" ")
    if "sig" in call.query:
        _check_keys_allowed(call)
        _check_sas(call)
    elif scheme == "SharedKey":
        _check_keys_allowed(call)
        _check_shared_key(call, authorization)
    elif scheme.lower() == "bearer":
        check_bearer(call.headers, call.host, call.world.wall())
    else:
        message = (
            "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
        )
        challenge = (
            "Bearer authorization_uri=https://login.microsoftonline.com/common resource_id=https://storage.azure.com"
        )
        raise ServiceError(401, "NoAuthenticationInformation", message, {"WWW-Authenticate": challenge})


def _check_keys_allowed(call: Call) -> None:
    if call.world.settings["datastore_credentials"] == "none":
        raise ServiceError(
            403,
            "KeyBasedAuthenticationNotPermitted",
            "Key based authentication is not permitted on this storage account.",
        )


def _check_sas(call: Call) -> None:
    query = call.query
    key = call.world.account_key
    if "sr" in query:
        resources = [f"{call.params['container']}/{call.params.get('blob', '')}", call.params["container"]]
        signed = signing.service_sas_is_signed(key, ACCOUNT, resources, query)
    else:
        signed = signing.account_sas_is_signed(key, ACCOUNT, query)
    if not signed:
        raise _denied("Signature did not match.")
    workspace = call.params.get("ws", "")
    now = call.world.now(workspace)
    start, end = signing.parse_time(query["st"]) if query.get("st") else 0.0, signing.parse_time(query.get("se", ""))
    if start is None or end is None or not start <= now < end:
        raise _denied(
            f"Signature not valid in the specified time frame: Start [{query.get('st')}] - Expiry [{query.get('se')}]."
        )
    if query.get("spr") == "https" and not call.base.startswith("https"):
        raise ServiceError(
            403, "AuthorizationProtocolMismatch", "This request is not authorized to be performed using this protocol."
        )
    if "sr" not in query and "b" not in query.get("ss", ""):
        raise ServiceError(
            403,
            "AuthorizationServiceMismatch",
            "This request is not authorized to perform this operation using this service.",
        )
    if not set(PERMISSIONS[call.operation]) & set(query.get("sp", "")):
        raise ServiceError(
            403,
            "AuthorizationPermissionMismatch",
            "This request is not authorized to perform this operation using this permission.",
        )


def _check_shared_key(call: Call, authorization: str) -> None:
    account, _, signature = authorization.rpartition(":")  # azure-ai-ml on loopback: the name contains a port
    headers = {name.lower(): value for name, value in call.headers.items()}
    path = call.raw_path
    first, _, rest = path.lstrip("/").partition("/")
    accounts = {ACCOUNT, account, first} if ".blob." in first or account in path else {ACCOUNT, account}
    if account.rpartition("/")[2] not in (ACCOUNT, first):
        raise _denied(f"The account {account[:100]!r} does not exist here; it is {ACCOUNT!r}.")
    resources = [f"/{name}{tail}" for name in sorted(accounts) for tail in (path, f"/{rest}")]
    for resource in resources:
        text = signing.shared_key_string_to_sign(call.request.method, headers, resource, call.query)
        if signing.equal_in_constant_time(signing.sign(call.world.account_key, text), signature):
            break
    else:
        raise _denied("The MAC signature found in the HTTP request is not the same as any computed signature.")
    if abs(_sent(headers) - call.world.wall()) > CLOCK_SKEW:
        raise _denied("Request date header too old: it differs from the server's time by more than 15 minutes.")


def _sent(headers: Mapping[str, str]) -> float:
    try:
        return parsedate_to_datetime(headers.get("x-ms-date") or headers.get("date", "")).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _denied(detail: str) -> ServiceError:
    return ServiceError(403, "AuthenticationFailed", f"{DENIED} {detail}")
