"""The proxies of the environment: which one a host is reached through, and the variable that names it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.request import getproxies, getproxies_environment, proxy_bypass

from ..core.errors import NetworkSettingsError
from ..core.extras import install_command
from ..core.origins import is_loopback
from ..core.redaction import redact
from .httpx_import import httpx
from .no_proxy import LARGEST_PORT, NoProxy

logger = logging.getLogger("maas_client")

SYSTEM = "the system's proxy settings"
SOCKS_MODULES = ("socksio",)
"""What httpcore imports for a SOCKS proxy."""

SIGN_IN_SOCKS_MODULES = ("socksio", "socks")
"""What signing in imports as well: azure-identity sends its requests with requests, which uses PySocks."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and the environment variable or other place that names it."""

    url: str
    source: str


class Proxies:
    """The proxies of the environment, or of the system where the environment has none; read once."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._from_environment = getproxies_environment()
        self._proxies = self._from_environment or getproxies()
        self._no_proxy: NoProxy | None = None

    def __bool__(self) -> bool:
        return any(scheme != "no" for scheme in self._proxies)

    def of(self, scheme: str, host: str, port: int) -> Proxy | None:
        """Return the proxy for a host, or None if it is reached directly, as every host on this machine is."""
        if not self or is_loopback(host) or self._bypasses(host, port):
            return None
        for key in (scheme, "all"):
            if url := self._proxies.get(key, "").strip():
                return Proxy(url if "://" in url else f"http://{url}", self._source(key))
        return None

    def _bypasses(self, host: str, port: int) -> bool:
        if not self._from_environment:
            return bool(proxy_bypass(host))
        if self._no_proxy is None:
            self._no_proxy = NoProxy.read(self._proxies.get("no", ""))
            if self._no_proxy.invalid:
                entries = ", ".join(repr(entry) for entry in self._no_proxy.invalid)
                logger.warning("%s: ignored what is not a host or network: %s", self._source("no"), redact(entries))
        return self._no_proxy.bypasses(host, port)

    def _source(self, key: str) -> str:
        if not self._from_environment:
            return SYSTEM
        wanted = f"{key}_proxy"
        names = [name for name in self._environ if name.lower() == wanted]
        return wanted if wanted in names or not names else names[0]


def proxy_of(url: str) -> Proxy | None:
    """Return the proxy through which a URL is reached now, or None."""
    parsed = httpx.URL(url)
    port = parsed.port or {"http": 80, "https": 443}.get(parsed.scheme, 0)
    return Proxies().of(parsed.scheme, parsed.host, port)


def check_proxy(url: str) -> None:
    """Raise NetworkSettingsError if the proxy through which a URL is reached can't be used, also to sign in."""
    if (proxy := proxy_of(url)) is not None:
        parsed_proxy(proxy, modules=SIGN_IN_SOCKS_MODULES)


def parsed_proxy(proxy: Proxy, *, modules: Sequence[str] = SOCKS_MODULES) -> httpx.Proxy:
    """Return a proxy as an httpx object; raise NetworkSettingsError if it can't be used.

    `modules` are the modules that a SOCKS proxy needs.
    """
    shown = redact(proxy.url)
    try:
        parsed = httpx.Proxy(proxy.url)
    except (ValueError, httpx.InvalidURL) as error:
        raise NetworkSettingsError(proxy.source, f"the proxy {shown!r} cannot be used: {redact(str(error))}") from None
    if why := _what_is_wrong_with(parsed.url):
        raise NetworkSettingsError(proxy.source, f"the proxy {shown!r} cannot be used: {why}")
    if parsed.url.scheme.startswith("socks") and not all(map(find_spec, modules)):
        why = f"the SOCKS proxy {shown!r} needs packages that are not installed: {install_command('socks')}"
        raise NetworkSettingsError(proxy.source, why)
    return parsed


def _what_is_wrong_with(url: httpx.URL) -> str:
    """Return why a URL that httpx accepts cannot be a proxy's; empty if it can."""
    if not url.host or "%" in url.host:
        return "it has no host"
    if url.port is not None and not 0 < url.port <= LARGEST_PORT:
        return f"{url.port} is not a port"
    return "it has a path; a proxy is a scheme, a host and a port" if url.path.strip("/") else ""
