"""Who may score with a managed online endpoint: keys, the endpoint's own tokens, and tokens of Microsoft Entra.

The texts of the refusals of keys are the gateway's (MicrosoftDocs/azure-docs#98265); those of tokens are made after
them. The times of a token are those of the REST API (`OnlineEndpoints_GetToken`).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from mock_server.core.bearer_tokens import check_bearer, token_claims
from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, dump, number, text
from mock_server.core.sas_and_shared_key import equal_in_constant_time
from mock_server.resources.online_endpoints import OnlineEndpoint

TOKEN_SECONDS = 12 * 3600.0
REFRESH_SECONDS = 6 * 3600.0
AUDIENCE = "https://ml.azure.com"


def token(endpoint: OnlineEndpoint) -> Json:
    """Return a token of an endpoint, with the times in seconds since 1970 until which and from which to use it."""
    expiry = int(endpoint.now + TOKEN_SECONDS)
    claims = {"aud": AUDIENCE, "exp": expiry, "caller": endpoint.name}
    head = ".".join(_encoded(dump(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return {
        "accessToken": f"{head}.{_signature(endpoint, head)}",
        "tokenType": "Bearer",
        "expiryTimeUtc": expiry,
        "refreshAfterTimeUtc": int(endpoint.now + REFRESH_SECONDS),
    }


def check(endpoint: OnlineEndpoint, headers: Mapping[str, str], host: str, wall: float) -> None:
    """Raise ServiceError for a request without the credential that the endpoint's mode asks for."""
    scheme, _, offered = headers.get("authorization", "").partition(" ")
    prefix = "key" if endpoint.auth_mode == "Key" else "token"
    if scheme.lower() != "bearer" or not offered.strip():
        raise ServiceError(401, "Unauthorized", f"{prefix}_auth_bad_header_forbidden")
    if endpoint.auth_mode == "Key":
        is_known = any(equal_in_constant_time(offered.strip(), key) for key in endpoint.keys)
    elif endpoint.auth_mode == "AMLToken":
        is_known = _is_own(endpoint, offered.strip())
    else:
        is_known = _is_from_entra(headers, host, wall)
    if not is_known:
        raise ServiceError(401, "Unauthorized", f"{prefix}_auth_access_denied")


def _is_own(endpoint: OnlineEndpoint, offered: str) -> bool:
    head, _, signature = offered.rpartition(".")
    expiry = number(token_claims(offered).get("exp")) or 0.0
    return equal_in_constant_time(signature, _signature(endpoint, head)) and endpoint.now < expiry


def _is_from_entra(headers: Mapping[str, str], host: str, wall: float) -> bool:
    try:
        check_bearer(headers, host, wall)
    except ServiceError:
        return False
    return True


def _signature(endpoint: OnlineEndpoint, head: str) -> str:
    secret = text(endpoint.document, "primaryKey").encode()
    return _encoded(hmac.new(secret, head.encode("utf-8", "replace"), hashlib.sha256).digest())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
