"""Claims of an access token, unverified: who it was issued to, for display."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from ..core.json_fields import Document, is_object, text
from ..core.plain_values import PlainValue

_NAMES = "upn", "unique_name", "preferred_username"
_APPLICATIONS = "appid", "azp"


@dataclass(frozen=True, slots=True)
class Caller(PlainValue):
    """The identity of a token; missing claims are empty.

    `name` is a person's sign-in name, `object_id` the user or service principal that roles are assigned to, `tenant`
    the directory's id, `application` the id of the program or service principal that asked for the token.
    """

    name: str = ""
    object_id: str = ""
    tenant: str = ""
    application: str = ""

    def __str__(self) -> str:
        who = self.name or (f"application {self.application}" if self.application else "")
        known = [who, self.object_id and f"object {self.object_id}", self.tenant and f"tenant {self.tenant}"]
        return ", ".join(part for part in known if part)


def caller_of(token: str) -> Caller:
    """Return the identity in an Entra access token; empty for one that can't be read.

    learn.microsoft.com/entra/identity-platform/access-token-claims-reference: the first version of tokens has `upn`,
    `unique_name` and `appid`, the second `preferred_username` and `azp`.
    """
    claims = _claims(token)
    return Caller(
        name=_first(claims, _NAMES),
        object_id=text(claims, "oid"),
        tenant=text(claims, "tid"),
        application=_first(claims, _APPLICATIONS),
    )


def _first(claims: Document, keys: tuple[str, ...]) -> str:
    return next((found for key in keys if (found := text(claims, key))), "")


def _claims(token: str) -> Document:
    part = token.partition(".")[2].partition(".")[0]
    try:
        claims: object = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if is_object(claims) else {}
