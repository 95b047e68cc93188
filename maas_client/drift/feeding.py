"""The requests of a recording, sent to a local server in their order: its answers, as another recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote

from ..core.errors import TransportError
from ..core.http_messages import Reply, Request, json_body
from ..core.json_fields import is_object, text
from ..core.secret_text import SecretText
from ..recording.headers import OF_ANSWERS as KEPT
from ..wire import Wire
from .bindings import Bindings
from .exchange import BodyKind, ComparedExchange, kind_of
from .filler import filler, form, parts_of
from .local_addresses import local_address
from .named_addresses import NamedAddresses
from .received import recorded_body, texts_of

_ENDPOINTS = ("/maas/", "/mir/")
_KEYS = ("primaryKey", "accessToken")
_LEFT_OUT = frozenset({"authorization", "api-key", "content-length", "host", "cookie", "content-md5", "content-type"})


class Feeder:
    """Sends recorded requests to a local server."""

    def __init__(self, wire: Wire, endpoint: str, advance: Callable[[float], None]) -> None:
        """Take a wire, the server's address, and what moves the server's clock by some seconds."""
        self._wire, self._endpoint, self._advance = wire, endpoint, advance
        self._bindings, self._addresses = Bindings(), NamedAddresses()
        self._key = ""

    async def feed(self, exchanges: Sequence[ComparedExchange]) -> tuple[ComparedExchange, ...]:
        """Send each request once, at its time, with the server's names; return the exchanges with its answers.

        What only the answers of the recording name, such as a file's id, becomes the server's name for the same.
        """
        answered, now = list[ComparedExchange](), 0.0
        for exchange in exchanges:
            if exchange.at > now:
                self._advance(exchange.at - now)
                now = exchange.at
            answered.append(await self._answered(exchange))
        return tuple(answered)

    async def _answered(self, exchange: ComparedExchange) -> ComparedExchange:
        if exchange.status is not None and exchange.status < 400:
            self._bindings.guess(unquote(exchange.url))
            self._bindings.guess(exchange.request_body)
        request = self._request(exchange)
        if request is None:
            return _unanswered(exchange, "not of Azure")
        try:
            reply = await self._wire.send(request)
        except TransportError:
            return _unanswered(exchange, "connection")
        body = recorded_body(reply.headers, reply.body)
        self._learn(exchange, reply, body)
        headers = {name: value for name, value in reply.headers.items() if name in KEPT}
        return replace(exchange, status=reply.status, failure=None, headers=headers, body=body, has_content=True)

    def _request(self, exchange: ComparedExchange) -> Request | None:
        url = local_address(self._endpoint, exchange.url)
        if not url:
            return None
        path = url.removeprefix(self._endpoint)
        named = self._addresses.followed(exchange.url) if exchange.method == "GET" else ""
        url = named if named.startswith(self._endpoint) else f"{self._endpoint}{self._bindings.applied(path)}"
        media, body = self._body(exchange)
        kept = {name: value for name, value in exchange.request_headers.items() if name not in _LEFT_OUT}
        headers: dict[str, str] = self._bindings.applied(kept)
        if media:
            headers["content-type"] = media
        secret = self._credential(exchange, path)
        return Request(exchange.method, url, headers, body, secret_headers=secret)

    def _body(self, exchange: ComparedExchange) -> tuple[str, bytes]:
        """Return the media type and the bytes of a request: its own, or as many."""
        body, media = exchange.request_body, exchange.request_headers.get("content-type", "")
        if body is None:
            return media, b""
        kind = kind_of(body)
        if kind is BodyKind.JSON:
            return media or "application/json", json_body(self._bindings.applied(body["json"]))
        if kind is BodyKind.XML:
            return media or "application/xml", str(self._bindings.applied(text(body, "xml"))).encode()
        if kind is BodyKind.FORM:
            return form([self._bindings.applied(part) for part in parts_of(body)])
        data = body.get("data")
        return media or "application/octet-stream", filler(data) if is_object(data) else b""

    def _credential(self, exchange: ComparedExchange, path: str) -> Mapping[str, SecretText]:
        """Return a credential of the kind that the request had; an endpoint's is the key that the server gave."""
        if exchange.credential == "none":
            return {}
        key = self._key if path.startswith(_ENDPOINTS) and self._key else "drift"
        if exchange.credential == "api-key":
            return {"api-key": SecretText(key)}
        return {"authorization": SecretText(f"Bearer {key}")}

    def _learn(self, exchange: ComparedExchange, reply: Reply, body: object) -> None:
        received = body.get("json") if is_object(body) else None
        if exchange.body is not None:
            self._bindings.learn(exchange.body.get("json"), received)
            self._bindings.learn(texts_of(text(exchange.body, "xml")), texts_of(text(body, "xml")))
            self._addresses.learn_from_bodies(exchange.body.get("json"), received)
        self._bindings.learn(dict(exchange.headers), dict(reply.headers))
        self._bindings.offer(received)
        self._addresses.learn(exchange.headers if exchange.has_content else None, reply.headers)
        key = next((found for name in _KEYS if (found := text(received, name))), "")
        self._key = key or self._key


def _unanswered(exchange: ComparedExchange, failure: str) -> ComparedExchange:
    return replace(exchange, status=None, failure=failure, headers={}, body=None, has_content=False)
