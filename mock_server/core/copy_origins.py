"""The origins of this machine that blobs may be copied from, besides the server's own: those that somebody allowed."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult

_ORIGIN = re.compile(r"(https?)://([\w.-]+|\[[0-9A-Fa-f:]+\])(?::([0-9]{1,5}|\*))?", re.ASCII)
_PORTS = {"http": "80", "https": "443"}


def loopback_host(host: str | None) -> str | None:
    """Give the loopback address that a host name stands for, or None when it stands for anything else.

    Names are not resolved: a resolver may be outside. `localhost` and what ends in it are loopback by RFC 6761.
    """
    name = (host or "").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return name if ip_address(name).is_loopback else None
    except ValueError:
        return None


def first_invalid_origin(origins: object) -> object:
    """Give the first word that is no origin on loopback, or what is no text at all; None where all are origins."""
    if not isinstance(origins, str):
        return repr(origins)
    return next((word for word in origins.split() if _origin(word) is None), None)


def is_allowed_origin(parts: SplitResult, origins: str) -> bool:
    """Tell whether an address is at one of the origins; the port `*` of an origin stands for any."""
    place = parts.scheme, loopback_host(parts.hostname)
    port = str(parts.port or _PORTS.get(parts.scheme, ""))
    known = (origin for word in origins.split() if (origin := _origin(word)) is not None)
    return any(origin[:2] == place and origin[2] in {"*", port} for origin in known)


def _origin(word: str) -> tuple[str, str, str] | None:
    found = _ORIGIN.fullmatch(word)
    host = loopback_host(found[2].strip("[]")) if found is not None else None
    return None if found is None or host is None else (found[1], host, found[3] or _PORTS[found[1]])
