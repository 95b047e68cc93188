"""Names of things in a workspace: what is allowed, and new ones that nobody has."""

from __future__ import annotations

import re
import uuid

from .errors import InvalidInput

_ALLOWED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_ENDPOINT = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,30}[A-Za-z0-9]")


def check_name(kind: str, name: str) -> str:
    """Return the name, or raise InvalidInput when the service would not take it for a job, data asset or model."""
    if _ALLOWED.fullmatch(name):
        return name
    raise InvalidInput(
        f"{name!r} is no name for a {kind}: up to 255 letters, digits, '-', '_' and '.', the first a letter or digit"
    )


def check_endpoint_name(name: str) -> str:
    """Return the name, or raise InvalidInput when it cannot be the first label of the endpoint's host name."""
    if _ENDPOINT.fullmatch(name):
        return name
    raise InvalidInput(f"{name!r} is no name for an endpoint: 2 to 32 letters, digits and '-', the first a letter")


def slug(text: str, longest: int = 200) -> str:
    """Make a name of any text: lower case, everything else a hyphen."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest].strip("-") or "x"


def invent_name(prefix: str, longest: int = 64) -> str:
    """Return a new name that begins with the prefix and that nobody has."""
    return f"{slug(prefix, longest - 9)}-{uuid.uuid4().hex[:8]}"
