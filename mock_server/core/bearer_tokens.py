"""Bearer tokens: a missing, expired or foreign token is rejected with the wording of Azure Resource Manager."""

import base64
from collections.abc import Mapping

from mock_server.core.errors import unauthorized
from mock_server.core.json_values import Json, is_object, number, parse, split_url, text

AUDIENCES = frozenset(
    {"management.azure.com", "management.core.windows.net", "ml.azure.com", "ai.azure.com", "storage.azure.com"}
)


def check_bearer(headers: Mapping[str, str], host: str, wall: float) -> None:
    """Reject a request without a usable token; a token that is not a JWT is accepted unchecked."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        message = "Authentication failed. The 'Authorization' header is missing or its scheme is not Bearer."
        raise unauthorized("AuthenticationFailed", message)
    claims = token_claims(token.strip())
    expiry = number(claims.get("exp"))
    if expiry is not None and expiry <= wall:
        message = "The access token expiry UTC time is earlier than current UTC time."
        raise unauthorized("ExpiredAuthenticationToken", message)
    audience = text(claims, "aud")
    known = split_url(audience).hostname or audience
    if audience and known not in AUDIENCES | {host.partition(":")[0], "localhost", "127.0.0.1"}:
        message = f"The access token has been obtained for wrong audience or resource '{audience}'."
        raise unauthorized("InvalidAuthenticationTokenAudience", message)


def token_claims(token: str) -> Json:
    """Return what a JWT says of itself, unverified; empty for a token that is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = parse(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if is_object(claims) else {}
