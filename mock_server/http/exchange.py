"""One request and its response as they are transferred: counted, altered by fault rules, and reported at the end."""

import hashlib
from collections.abc import Callable, MutableMapping
from email.utils import formatdate
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from mock_server.faults.rule import Rule
from mock_server.http.connections import Connections
from mock_server.journal.journal import BODY_LIMIT

EVENTS_LIMIT = 65_536


class Dropped(Exception):
    """The connection was closed by a fault rule; no response can be sent."""


class Exchange:
    """The two directions of a request, and what was transferred in each."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, connections: Connections | None) -> None:
        self.request_bytes = 0
        self.response_bytes = 0
        self.status: int | None = None
        self.response_headers: dict[str, str] = {}
        self.body = bytearray()  # the beginning of it, for the journal
        self.extra_headers: list[tuple[bytes, bytes]] = []
        self.on_end: list[Callable[[], None]] = []
        self.scope = scope
        self._digest = hashlib.sha256()
        self._receive = receive
        self._send = send
        self._connections = connections
        self._rule: Rule | None = None
        self._request_read = False
        self._cut_at: int | None = None
        self._is_finished = False
        self._events: bytearray | None = None  # the part sent of an event stream that a rule alters

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the request's body."""
        return self._digest.hexdigest()

    @property
    def cut_events(self) -> bytes | None:
        """Return the events sent of a stream that ended without its end marker, or None."""
        return None if self._events is None or b"data: [DONE]" in self._events else bytes(self._events)

    def apply_rule(self, rule: Rule) -> None:
        """Let a fault rule alter what is transferred from now on."""
        self._rule = rule
        self._cut_at = rule.truncate

    async def receive(self) -> Message:
        """Receive the next piece of the request."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._request_read = True
        if message["type"] != "http.request":
            return message
        piece: bytes = message.get("body", b"")
        if self._rule is not None and self._rule.flip is not None:
            piece = _flipped(piece, self._rule.flip - self.request_bytes)
            message = {**message, "body": piece}
        self.request_bytes += len(piece)
        self._digest.update(piece)
        if len(self.body) <= BODY_LIMIT:
            self.body += piece[: BODY_LIMIT + 1]
        self._request_read = not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Receive the rest of the request: a response before its end would reset the connection."""
        while not self._request_read:
            await self.receive()

    async def send(self, message: Message) -> None:
        """Send a piece of the response, or the part of it that a fault rule lets through."""
        if message["type"] == "http.response.start":
            headers = [*message["headers"], *self.extra_headers]
            if not any(name == b"date" for name, _ in headers):
                headers.append((b"date", formatdate(usegmt=True).encode()))
            self.status = message["status"]
            self.response_headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
            if self._rule is not None:
                headers = await self._start_tampered(self._rule, headers)
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            await self._send_body(message)
            return
        await self._send(message)

    async def _start_tampered(self, rule: Rule, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        if self.response_headers.get("content-type", "").startswith("text/event-stream"):
            self._events = bytearray()
        if rule.drop == "headers":
            self.response_headers = {}  # the client receives none of them
            await self.drop(f"HTTP/1.1 {self.status} OK\r\nContent-Type: application/js".encode())
        if rule.drop == "body":
            self._cut_at = _half(headers)
        if rule.shorten is None:
            return headers
        self._cut_at = _half(headers) if rule.shorten == "half" else rule.shorten
        return [
            (name, _capped_length(self._cut_at, value) if name == b"content-length" else value)
            for name, value in headers
        ]

    async def drop(self, last: bytes | None = None) -> None:
        """Close the connection, at once or after some last bytes; raises `Dropped`."""
        if self._connections is None:
            raise RuntimeError("only a server on a socket can drop a connection: use mock_server.server.serve()")
        await self.drain()
        await self._connections.close(self.scope, last)
        while (await self._receive())["type"] != "http.disconnect":
            continue
        raise Dropped

    async def _send_body(self, message: MutableMapping[str, Any]) -> None:  # Any: what ASGI messages consist of
        piece: bytes = message.get("body", b"")
        if self._is_finished:
            return
        if self._cut_at is not None and self.response_bytes + len(piece) > self._cut_at:
            await self._send_last(piece[: self._cut_at - self.response_bytes])
            return
        self._count(piece)
        if not message.get("more_body", False):
            self.end()  # before the last byte is sent, so that a client with the response finds it in the journal
        await self._send(message)

    async def _send_last(self, piece: bytes) -> None:
        """End the response early: as if it were complete, or by closing the connection."""
        self._count(piece)
        as_complete = self._rule is not None and self._rule.shorten is not None
        if as_complete:
            self._is_finished = True
            self.end()
        await self._send({"type": "http.response.body", "body": piece, "more_body": not as_complete})
        if not as_complete:
            await self.drop(b"")

    def _count(self, piece: bytes) -> None:
        self.response_bytes += len(piece)
        if self._events is not None and len(self._events) < EVENTS_LIMIT:
            self._events += piece

    def end(self) -> None:
        """Report the end of the exchange to each listener, once."""
        listeners, self.on_end = self.on_end, []
        for listener in listeners:
            listener()


def _capped_length(size: int, length: bytes) -> bytes:
    return str(min(size, int(length))).encode()


def _half(headers: list[tuple[bytes, bytes]]) -> int:
    length = next((value for name, value in headers if name.lower() == b"content-length"), b"512")
    return int(length) // 2


def _flipped(piece: bytes, offset: int) -> bytes:
    if not 0 <= offset < len(piece):
        return piece
    return piece[:offset] + bytes([piece[offset] ^ 1]) + piece[offset + 1 :]
