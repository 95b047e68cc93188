"""URLs of a recording and of a request in one form, and URLs of a recording as this server's own.

Azure has a host for each service, and a local server has them all: what is `account.blob.core.windows.net` there is the
first segment of a path here, and so is an endpoint's host (`/maas/endpoint`, `/mir/endpoint`).
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote

from mock_server.core.json_values import split_url

SIGNED = frozenset(
    ("sig", "se", "st", "sp", "sv", "sr", "ss", "srt", "spr", "sip", "ske", "sks", "skt", "skv", "skoid", "sktid")
)
"""Names in the query of a signed URL."""

VOLATILE = SIGNED | {"timespan"}
"""Names in a query whose values differ from run to run: of a signature, and the time that figures are asked of."""

MANAGED = (
    "management.azure.com",
    "management.usgovcloudapi.net",
    "management.chinacloudapi.cn",
    ".azureml.ms",
    ".api.ml.azure.cn",
    ".api.ml.azure.us",
    ".openai.azure.com",
    ".openai.azure.us",
    ".services.ai.azure.com",
    ".cognitiveservices.azure.com",
    ".cognitiveservices.azure.us",
    "localhost",
)
"""Hosts, or how they end, whose paths are the same on a local server."""

ENDPOINTS = {".models.ai.": "maas", ".inference.ml.": "mir"}
"""What an endpoint's host contains, and the first segment of its path here."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes, as it is compared.

    `segments` are those of the path on a local server, unquoted; a storage account's is `ACCOUNT.blob`. `query` has no
    values of signatures.
    """

    segments: tuple[str, ...]
    query: tuple[tuple[str, str], ...]

    @property
    def shown(self) -> str:
        """Return the address for a message."""
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"/{'/'.join(self.segments)}{'?' if query else ''}{query}"


def address_of(url: str) -> Address:
    """Return a URL as an address; the URL may be of Azure or of a local server."""
    parts = split_url(url)
    path = [unquote(segment) for segment in parts.path.strip("/").split("/")]
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0].lower() not in VOLATILE]
    first = _first_segments(parts)
    if not first and ".blob." in path[0]:
        path[0] = f"{path[0].partition('.blob.')[0]}.blob"
    return Address((*first, *path), tuple(query))


def own_url(url: str, base: str) -> str:
    """Return a recorded URL as one of this server; that of another service is returned as it is.

    Args:
        url: the recorded URL.
        base: scheme, host and port of this server; empty for a URL that is to stay as it is.
    """
    if not base:
        return url
    parts = split_url(url)
    host, own_host = (parts.hostname or "").lower(), base.partition("://")[2]
    path = parts.path
    if ".blob." in host:
        path = f"/{host.partition('.blob.')[0]}.blob.{own_host}{path}"
    elif first := _first_segments(parts):
        path = f"/{'/'.join(first)}{path}"
    elif not any(host == known or (known[0] == "." and host.endswith(known)) for known in MANAGED):
        return url
    else:
        path = re.sub(r"\A(/[^/]{1,255}\.blob)\.[^/]+", lambda found: f"{found[1]}.{own_host}", path)
    query = f"?{parts.query}" if parts.query else ""
    return f"{base}{path}{query}"


def local_origin(url: str) -> str:
    """Return the origin of a URL on this machine, which recordings do not have; empty for any other URL."""
    parts = split_url(url)
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return f"{parts.scheme}://{parts.netloc}" if is_local else ""


def _first_segments(parts: SplitResult) -> tuple[str, ...]:
    """Return the segments that stand for a URL's host on a local server."""
    host = parts.netloc.lower()
    if ".blob." in host:
        return (f"{host.partition('.blob.')[0]}.blob",)
    for within, first in ENDPOINTS.items():
        if within in host:
            return first, host.partition(".")[0]
    return ()
