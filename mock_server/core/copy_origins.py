"""The origins on this machine that blobs may be copied from, besides the server itself: an explicit allow list."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult

_ORIGIN = re.compile(r"(https?)://([\w.-]+|\[[0-9A-Fa-f:]+\])(?::([0-9]{1,5}|\*))?", re.ASCII)
_PORTS = {"http": "80", "https": "443"}


def loopback_host(host: str | None) -> str | None:
    """Return the loopback address that a host name stands for, or None if it is not loopback.

    Names are not resolved, because a resolver may be remote. `localhost` and its subdomains are loopback by RFC 6761.
    """
    name = (host or "").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return name if ip_address(name).is_loopback else None
    except ValueError:
        return None


def first_invalid_origin(origins: object) -> object:
    """Return the first word that is not an origin on loopback, or the repr of a non-text value; None if all are."""
    if not isinstance(origins, str):
        return repr(origins)
    return next((word for word in origins.split() if _origin(word) is None), None)


def is_allowed_origin(parts: SplitResult, origins: str) -> bool:
    """Return whether an address is at one of the origins; port `*` of an origin matches any port."""
    address = parts.scheme, loopback_host(parts.hostname)
    port = str(parts.port or _PORTS.get(parts.scheme, ""))
    known = (origin for word in origins.split() if (origin := _origin(word)) is not None)
    return any(origin[:2] == address and origin[2] in {"*", port} for origin in known)


def _origin(word: str) -> tuple[str, str, str] | None:
    found = _ORIGIN.fullmatch(word)
    host = loopback_host(found[2].strip("[]")) if found is not None else None
    return None if found is None or host is None else (found[1], host, found[3] or _PORTS[found[1]])
