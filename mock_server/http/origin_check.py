"""Which browser pages may send requests to the server: its own page only.

A page of another site can send requests to loopback, and if its own host name resolves to loopback it can read the
responses too (DNS rebinding). Browsers report where a request comes from; other clients send no such headers. The
headers are those of the Fetch standard (Origin) and of W3C's Fetch Metadata (Sec-Fetch-Site, -Mode).
"""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from mock_server.core.errors import ServiceError

OWN_SITES = frozenset({"same-origin", "none"})


def check(headers: Mapping[str, str], host: str, method: str, *, any_host: bool) -> None:
    """Reject a request sent by another site's page.

    `any_host` is True if a token protects the routes: then the server may have any host name.
    """
    origin = headers.get("origin")
    if origin is not None and _host_of(origin) != host.lower():
        raise _rejection(f"a page of {origin[:80]!r}", f"the page at /_mock/ui of {host[:80]!r}")
    is_link = (
        method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    )  # a link may lead here; the linking page cannot read the response
    site = headers.get("sec-fetch-site", "none")
    if site not in OWN_SITES and not is_link:
        raise _rejection(f"a {site[:20]} page", f"the page at /_mock/ui of {host[:80]!r}")
    if not any_host and not _is_loopback(host):
        raise _rejection(f"the name {host[:80]!r}", "127.0.0.1, [::1] or localhost")


def _rejection(source: str, instead: str) -> ServiceError:
    return ServiceError(403, "MockForeignPage", f"This server rejects requests from {source}: send it from {instead}.")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
