"""Where a request of a recording is sent on a local server, which has all of Azure's hosts below one address."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_PREFIXES: Mapping[str, str] = {".models.ai.": "/maas", ".inference.ml.": "/mir"}
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_AZURE = (
    "management.azure.com",
    ".azureml.ms",
    ".openai.azure.com",
    ".services.ai.azure.com",
    ".cognitiveservices.azure.com",
)
_SIGNATURE = frozenset(
    {"sv", "ss", "srt", "sp", "st", "se", "spr", "sr", "sig", "skoid", "sktid", "skt", "ske", "sks", "skv"}
)
"""What a signature of storage consists of: another server has its own, or takes a token."""


def local_address(endpoint: str, url: str) -> str:
    """Return a recorded URL on a local server, without a storage signature; empty for a host that is not Azure's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    query = parse_qsl(parts.query, keep_blank_values=True)
    if "sig" in dict(query):
        query = [(name, value) for name, value in query if name not in _SIGNATURE]
    path = _local_path(host, parts.path)
    if not path:
        return ""
    written = f"?{urlencode(query, quote_via=quote, safe='$*')}" if query else ""
    return f"{endpoint}{path}{written}"


def _local_path(host: str, path: str) -> str:
    if host in _LOCAL:
        first, _, rest = path.removeprefix("/").partition("/")
        return f"/{rest}" if ".blob." in first else path
    if host.endswith(_AZURE) or ".blob." in host:
        return path
    account, _, _ = host.partition(".")
    return next((f"{prefix}/{account}{path}" for part, prefix in _PREFIXES.items() if part in host), "")
