"""Which host may see which secret, and how secrets are kept out of sight."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from .errors import UntrustedHost

REDACTED = "***"

_SECRET_QUERY = re.compile(r"(?i)([?&](?:sig|sharedaccesssignature|code|access_token|key)=)[^&\s\"'<>\\]+")
_SECRET_SCHEME = re.compile(r"(?i)\b(bearer|sharedkey|basic)\s+[A-Za-z0-9._~+/=:-]{8,}")
_SECRET_HEADER = re.compile(
    r"(?i)(\b(?:authorization|api-key|ocp-apim-subscription-key|x-ms-copy-source-authorization|set-cookie|cookie)"
    r"[\"']?\s*[:=,]\s*(?:b?[\"'])?)(?!bearer|sharedkey|basic)[^\s\"',)]+"
)
_UNFIT = re.compile(r"[^\x21-\x7e]|\\")
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Audience(StrEnum):
    """Who a request is for, and so which secret it may carry."""

    ARM = "Azure Resource Manager"
    ML = "the Azure Machine Learning data plane"
    BLOB = "Azure Blob Storage"
    SCORING = "a serverless endpoint"


def is_loopback(host: str) -> bool:
    """Say whether a host name is a loopback literal; names are never resolved, so none but `localhost` counts."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Trust:
    """The hosts that each audience may be reached at.

    `hosts` are exact `host[:port]` names, `suffixes` are domains whose subdomains count. With `loopback`, which
    only a loopback endpoint turns on, every audience is on this machine and nowhere else.
    """

    hosts: Mapping[Audience, frozenset[str]]
    suffixes: Mapping[Audience, tuple[str, ...]]
    loopback: bool = False

    def check(self, url: str, audience: Audience) -> str:
        """Return the URL, or raise UntrustedHost when the audience's secrets must not go there."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise UntrustedHost(redact(url), str(audience), "it is no URL") from None
        if parts.username is not None or parts.password is not None:
            raise UntrustedHost(redact(url), str(audience), "it carries a user name or password")
        if _UNFIT.search(url):
            raise UntrustedHost(redact(url), str(audience), "it holds white space, a backslash or what is not ASCII")
        if self.loopback:
            if is_loopback(host) and parts.scheme in {"http", "https"}:
                return url
            raise UntrustedHost(redact(url), str(audience), "the endpoint is on this machine and this host is not")
        if parts.scheme != "https":
            raise UntrustedHost(redact(url), str(audience), "credentials travel over https only")
        if self._knows(parts, host, port, audience):
            return url
        raise UntrustedHost(redact(url), str(audience), "the host is not one of this cloud's")

    def _knows(self, parts: SplitResult, host: str, port: int | None, audience: Audience) -> bool:
        if parts.netloc.lower().removesuffix(":443") in self.hosts.get(audience, frozenset()):
            return True
        return port in {None, 443} and any(host.endswith("." + suffix) for suffix in self.suffixes.get(audience, ()))


def redact(text: str) -> str:
    """Blank every signature, token and key that a URL, header or log line shows."""
    text = _SECRET_QUERY.sub(rf"\1{REDACTED}", text)
    text = _SECRET_SCHEME.sub(rf"\1 {REDACTED}", text)
    return _SECRET_HEADER.sub(rf"\1{REDACTED}", text)


def printable(text: str) -> str:
    """Strip terminal control sequences from text that the service sent; tabs and newlines stay."""
    return _CONTROL.sub("", text)


class _Redaction(logging.Filter):
    """Blank secrets in a record before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        safe = redact(message)
        if safe != message:
            record.msg, record.args = safe, ()
        return True


_REDACTION = _Redaction()


def quieten(loggers: Iterable[str]) -> None:
    """Keep secrets out of these loggers' records (httpx writes whole SAS URLs at INFO). Safe to call again."""
    for name in loggers:
        logging.getLogger(name).addFilter(_REDACTION)
