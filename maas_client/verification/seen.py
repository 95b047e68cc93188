"""One exchange of a verification as the comparisons between answers take it: its operation, and what was parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from ..contract.match import match
from ..contract.operation import Operation
from ..core.http_messages import parse_json
from .watching_wire import Exchange


@dataclass(frozen=True, slots=True)
class Seen:
    """One exchange.

    Args:
        step: the step that it belongs to.
        operation: what was asked for.
        url: the whole URL.
        path: its path, in lower case.
        query: its query parameters, names in lower case.
        status: the HTTP status.
        headers: those of the answer, names in lower case.
        sent: the parsed JSON of the request; None without any.
        answer: the parsed JSON of the answer; None without any.
        content: the body as it came; empty if it was not kept.
    """

    step: str
    operation: Operation
    url: str
    path: str
    query: Mapping[str, str]
    status: int
    headers: Mapping[str, str]
    sent: object
    answer: object
    content: bytes

    @property
    def is_reading(self) -> bool:
        """Whether the request changes nothing."""
        return self.operation.method in {"GET", "HEAD"} or self.operation.level == "read"


def seen(step: str, exchange: Exchange) -> Seen | None:
    """Return an exchange parsed; None without an answer, or for a request that is none of the contract's."""
    found = match(exchange.method, exchange.url)
    if found is None or exchange.status is None:
        return None
    parts = urlsplit(exchange.url)
    content = exchange.body if isinstance(exchange.body, bytes) else b""
    return Seen(
        step,
        found.operation,
        exchange.url,
        parts.path.lower(),
        {name.lower(): values[-1] for name, values in parse_qs(parts.query).items()},
        exchange.status,
        {name.lower(): value for name, value in exchange.headers.items()},
        _parsed(exchange.sent),
        _parsed(content),
        content,
    )


def _parsed(content: bytes) -> object:
    try:
        return parse_json(content) if content else None
    except ValueError:
        return None
