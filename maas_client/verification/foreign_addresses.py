"""An address in an answer that the client refused to follow: which answer has it, and where."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.match import match
from ..contract.pointers import below, every
from ..core.errors import UntrustedHost
from ..core.http_messages import parse_json
from ..core.json_fields import is_array, is_object
from ..core.redaction import redact
from .step_context import FOREIGN, Violation
from .watching_wire import Exchange

SHOWN = 300
"""Characters of an address that an error shows."""


def foreign_address(step: str, error: UntrustedHost, exchange: Exchange | None) -> Violation | None:
    """Return where the last answer has the address that was refused; None if it is not from there."""
    if exchange is None or (found := match(exchange.method, exchange.url)) is None:
        return None
    where = next((place for place, text in _texts(exchange) if redact(text)[:SHOWN] == error.url), None)
    if where is None:
        return None
    return Violation(step, where, "a host that may have the credentials", "another host", FOREIGN, found.operation.name)


def _texts(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Yield each text of an answer with its place."""
    for name, value in exchange.headers.items():
        yield f"header {name}", value
    if not isinstance(exchange.body, bytes):
        return
    try:
        body = parse_json(exchange.body)
    except ValueError:
        return
    yield from _within(body, "")


def _within(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif is_array(value):
        for item in value:
            yield from _within(item, every(pointer))
    elif is_object(value):
        for name, inner in value.items():
            yield from _within(inner, below(pointer, name))
