"""URLs: the service's own part of a host, literal parts of a path and names of parameters are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ..azure.clouds import CLOUDS
from ..core.origins import is_loopback
from ..core.secret_text import REDACTED
from .paths import Paths
from .placeholders import Placeholders
from .public_words import is_public, regions
from .word_lists import listed

_SUFFIXES: Mapping[str, str] = {
    **{domain: "account" for cloud in CLOUDS for domain in cloud.blob_domains},
    **{domain: "endpoint" for cloud in CLOUDS for domain in cloud.scoring_domains},
    **{domain: "host" for cloud in CLOUDS for domain in cloud.ml_domains},
    "openai.azure.com": "account",
    "services.ai.azure.com": "account",
    "cognitiveservices.azure.com": "account",
    "dfs.core.windows.net": "account",
    "file.core.windows.net": "account",
    "vault.azure.net": "host",
    "azurecr.io": "host",
}
"""Domains of Azure's services, and what the first label of a host below one is called."""

_OWN_HOSTS = frozenset(
    {
        *(
            urlsplit(url).netloc
            for cloud in CLOUDS
            for url in (cloud.resource_manager, cloud.sign_in, cloud.ml_resource)
        ),
        *("portal.azure.com", "ai.azure.com", "learn.microsoft.com", "aka.ms", "management.core.windows.net"),
        *("graph.microsoft.com", "schemas.microsoft.com", "azuremlschemas.azureedge.net"),
    }
)
_LABELS = frozenset({"workspace", "cert", "experiments", "privatelink"})
"""Labels of hosts of the service that no user chose."""

_LOCAL = "localhost"
_STORAGE = "core.windows.net"
_DOMAINS = frozenset(domain.partition(".")[2] for cloud in CLOUDS for domain in cloud.blob_domains)
"""What datastores name as their endpoint; a local server's is written as Azure's."""

_SAS_WORDS = frozenset({"sv", "sr", "sp", "spr", "ss", "srt"})
_SAS = frozenset(
    {"sig", "se", "st", "ske", "skt", "sks", "skv", "skoid", "sktid", "sip", "saoid", "suoid", "scid", "rscd", "si"}
)
_PARAMETERS = listed(
    "api-version comp restype prefix marker blockid blocklisttype listviewtype jobtype tag limit after order "
    "$orderby orderby $skip $skiptoken $top $filter $expand skip skiptoken top purpose wsid tid flight include timeout "
    "snapshot versionid metricnames aggregation timespan interval metricnamespace name type underlyingresourceaction"
)
_ORDERS = frozenset({"createdtime desc", "createdtime asc"})
_GRANT = re.compile(r"\A(?:[racwdxyltmeopfiqbs]{1,16}|https(?:,http)?|[0-9]{4}-[0-9]{2}-[0-9]{2})\Z")
_PLAIN = re.compile(
    r"\A(?:v?[0-9]{1,9}(?:\.[0-9]{1,3})?|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:-preview|-dataplanepreview|\.[0-9.]{1,9})?)\Z"
)
_VALUES: Mapping[str, re.Pattern[str]] = {
    "aggregation": re.compile(r"\A(?:Average|Count|Maximum|Minimum|Total)\Z"),
    "interval": re.compile(r"\AP[0-9DTHMS]{1,20}\Z"),
    "metricnames": re.compile(r"\ARequestsPerMinute\Z"),
    "timespan": re.compile(r"\A[0-9TZ:.+-]{10,40}/[0-9TZ:.+-]{10,40}\Z"),
    "underlyingresourceaction": re.compile(r"\A(?:Delete|Detach)\Z"),
    "$filter": re.compile(r"\Adeployment eq '\*'\Z"),
}
"""Values of parameters that no user chose, by the parameter's name in lower case."""

_SCHEME = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]{1,15}://")


def is_url(text: str) -> bool:
    """Return whether a text begins as a URL does."""
    return _SCHEME.match(text) is not None


class Urls:
    """Replaces the names in URLs, by one table of placeholders."""

    def __init__(self, table: Placeholders, paths: Paths) -> None:
        self._table, self._paths = table, paths

    def url(self, url: str) -> str:
        """Return a URL without names, secrets and hosts; its fragment is left out."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return self._table.of("host", url)
        if parts.scheme == "azureml":
            inner = url.partition("://")[2].partition("?")[0]
            first, slash, rest = inner.partition("/")
            if "." not in first and ":" not in first:
                return f"azureml://{self._paths.path(inner)}"
            return f"azureml://{self.service(first)}{self._paths.path(slash + rest)}"
        if parts.scheme not in {"http", "https"}:
            return self._table.of("host", url)
        is_local = is_loopback(host)
        shown, path = _LOCAL if is_local else self.host(host), parts.path
        if is_local and ".blob." in (first := path.split("/", 2)[1] if path else ""):
            path = f"/{self.host(unquote(first).partition(':')[0])}{self._blob(path.removeprefix(f'/{first}'))}"
        else:
            path = self._blob(path) if self._is_blob(host) else self._paths.path(path)
        query = f"?{self.query(parts.query)}" if parts.query else ""
        return f"{parts.scheme}://{shown}{path}{query}"

    def host(self, host: str) -> str:
        """Return a host with its domain, if that is one of Azure's, and placeholders for the rest."""
        host = host.lower()
        if host in _OWN_HOSTS:
            return host
        for domain, kind in _SUFFIXES.items():
            if host == domain:
                return host
            if host.endswith(f".{domain}"):
                labels = host.removesuffix(f".{domain}").split(".")
                return ".".join([*(self._label(kind, label) for label in labels), domain])
        label, mark, rest = host.partition(".blob.")
        if mark and is_loopback(rest):  # a local server's
            return f"{self._label('account', label)}.blob.core.windows.net"
        return self._table.of("host", host) if host else ""

    def service(self, host: str) -> str:
        """Return a host, with or without a port, or a domain of the service as a resource names it."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if is_loopback(name):
            return _STORAGE
        return name if name.lower() in _DOMAINS else self.host(name)

    def query(self, query: str) -> str:
        """Return a query, or a shared access signature, whose values are placeholders unless they are harmless."""
        pairs = parse_qsl(query, keep_blank_values=True)
        return "&".join(f"{self._parameter(name)}={self._value(name.lower(), value)}" for name, value in pairs)

    def _label(self, kind: str, label: str) -> str:
        if label in regions() or label in _LABELS:
            return label
        return self._paths.name(kind, label)

    def _is_blob(self, host: str) -> bool:
        return _SUFFIXES.get(host.lower().partition(".")[2]) == "account" and ".core." in host.lower()

    def _blob(self, path: str) -> str:
        """Return the path of a blob with its container."""
        _, _, inner = path.partition("/")
        container, slash, blob = inner.partition("/")
        shown = self._paths.name("container", unquote(container))
        return f"/{quote(shown)}{slash}{quote(self._paths.blob(blob))}" if path else ""

    def _parameter(self, name: str) -> str:
        lower = name.lower()
        is_kept = lower in _PARAMETERS or lower in _SAS or lower in _SAS_WORDS
        return name if is_kept else self._table.of("header", lower)

    def _value(self, name: str, value: str) -> str:
        if name in _SAS:
            return REDACTED
        if name in _SAS_WORDS:
            return value if _GRANT.match(value) else REDACTED
        if not value or _PLAIN.match(value) or (name in _PARAMETERS and is_public(value)):
            return value
        if name in _VALUES and _VALUES[name].match(value):
            return quote(value)
        if value in _ORDERS:
            return quote(value)
        if name == "prefix":
            return quote(self._paths.blob(value))
        if value.startswith("/"):
            return quote(self._paths.path(value))
        return quote(self._paths.name("id", value))
