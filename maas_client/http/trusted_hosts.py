"""Trusted hosts: which host may receive which secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from ..core.errors import UntrustedHost
from ..core.origins import is_loopback, origin_of
from ..core.redaction import redact
from ..core.text import printable

_INVALID_URL = re.compile(r"[^\x21-\x7e]|\\")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
LONGEST_URL = 16_384
"""Longest URL in characters. The service's signed URLs and continuation links are a tenth of that."""


class Audience(StrEnum):
    """The service that a request is for, and so the secret that it may carry."""

    ARM = "Azure Resource Manager"
    ML = "the Azure Machine Learning data plane"
    BLOB = "Azure Blob Storage"
    SCORING = "a serverless endpoint"
    FOUNDRY = "the Azure AI Foundry account"


@dataclass(frozen=True, slots=True)
class Trust:
    """The hosts that may receive the secrets of each audience.

    `hosts` are exact `host[:port]` names, `suffixes` are domains whose subdomains count. With `loopback`, the origin of
    an endpoint on this machine, every audience is restricted to this machine.
    """

    hosts: Mapping[Audience, frozenset[str]]
    suffixes: Mapping[Audience, tuple[str, ...]]
    loopback: str = ""

    def check(self, url: str, audience: Audience, *, any_port: bool = False) -> str:
        """Return the URL, or raise UntrustedHost if the audience's secrets must not be sent there.

        On this machine only the endpoint's own origin is trusted: other ports may belong to other servers. `any_port`
        is for a secret that was issued for this URL, such as a SAS that came with it.
        """
        if len(url) > LONGEST_URL:
            raise UntrustedHost(_shown(url), str(audience), f"it is longer than {LONGEST_URL} characters")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise UntrustedHost(_shown(url), str(audience), "it is not a URL") from None
        if parts.username is not None or parts.password is not None:
            raise UntrustedHost(_shown(url), str(audience), "it contains a user name or password")
        if _INVALID_URL.search(url):
            raise UntrustedHost(
                _shown(url), str(audience), "it contains whitespace, a backslash or a character that is not ASCII"
            )
        if self.loopback:
            if not is_loopback(host) or parts.scheme not in {"http", "https"}:
                raise UntrustedHost(_shown(url), str(audience), "the endpoint is on this machine and this host is not")
            if not any_port and origin_of(url) != origin_of(self.loopback):
                why = f"the secret is only for {self.loopback}, and this is another origin on this machine"
                raise UntrustedHost(_shown(url), str(audience), why)
            return url
        if parts.scheme != "https":
            raise UntrustedHost(_shown(url), str(audience), "credentials travel over https only")
        if self._is_known(parts, host, port, audience):
            return url
        raise UntrustedHost(_shown(url), str(audience), "the host does not belong to this cloud")

    def _is_known(self, parts: SplitResult, host: str, port: int | None, audience: Audience) -> bool:
        if parts.netloc.lower().removesuffix(":443") in self.hosts.get(audience, frozenset()):
            return True
        if port not in {None, 443} or not _HOST.fullmatch(host):
            return False
        return any(host.endswith("." + suffix) for suffix in self.suffixes.get(audience, ()))


def _shown(url: str) -> str:
    """Return a URL for an error message: without its secrets, and shortened."""
    return redact(printable(url[:LONGEST_URL]))[:300]
