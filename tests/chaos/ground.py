"""The ground a run stands on: a clock that nobody waits for, wires that do one thing after another, and a watched wire.

One thing after another, because a run has to be the same each time and on both wires.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.wire import AsyncWire, BlockingWire, Thunk, Wire, no_tls
from mock_server.server import Server
from tests.chaos.credentials import Passes
from tests.chaos.secrets import Secrets

T = TypeVar("T")

LATENCY = 1.0
"""Seconds that a request takes: what is signed a moment later has another signature."""

SLOW = 0.05
"""The share of the pieces of answers that come slowly, where any do."""

BROKEN = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
KINDS = ("blocking", "async")


class Hang(BaseException):
    """Somebody waits for longer than was agreed; no `except Exception` may swallow it."""


@dataclass
class Ground:
    """One server, one client, one clock.

    `silent` makes broken connections look like answers that never come; `latency` is how many seconds a request takes,
    and `slowness` one piece in twenty of an answer.
    """

    server: Server
    kind: str
    silent: bool = False
    latency: float = LATENCY
    slowness: float = 0.0
    secrets: Secrets = field(default_factory=Secrets)
    time: float = 0.0
    deadline: float = float("inf")

    def __post_init__(self) -> None:
        self.time = self.server.now()

    def now(self) -> float:
        return self.time

    def pass_by(self, seconds: float) -> None:
        """Let time pass on both sides; raise Hang when it has become too late."""
        self.time += seconds
        self.server.advance(seconds)
        if self.time > self.deadline:
            raise Hang(f"{self.time - self.deadline:.0f} s too late")

    async def asleep(self, seconds: float) -> None:
        self.pass_by(seconds)

    def wire(self) -> Wire:
        blocking = Orderly(verify=no_tls(), transport=Watched(self), sleep=self.pass_by, now=self.now, clock=self.now)
        if self.kind == "blocking":
            return blocking
        return OrderlyOnALoop(
            verify=no_tls(),
            transport=WatchedOnALoop(self),
            courier=blocking,
            sleep=self.asleep,
            now=self.now,
            clock=self.now,
        )

    def resources(self, wire: Wire) -> Resources:
        """Give every resource of a client of the server."""
        settings = Settings("sub-1", "group-1", "work-1", endpoint=self.server.endpoint)
        return Resources(wire, settings, Passes(self.now, self.secrets))

    def hear(self, request: httpx.Request) -> None:
        """Take note of a request on its way."""
        self.secrets.hear_request(request)
        self.pass_by(self.latency)

    def hear_piece(self, hear: Callable[[bytes], None], piece: bytes) -> bytes:
        """Take note of a piece of an answer."""
        hear(piece)
        if self.slowness and random.random() < SLOW:
            self.pass_by(self.slowness)
        return piece

    def lost(self, error: httpx.TransportError, request: httpx.Request) -> httpx.TransportError:
        """Give the error for a connection that broke: itself, or a timeout after which the time has passed."""
        if not self.silent:
            return error
        self.pass_by(float(request.extensions["timeout"]["read"]))
        return httpx.ReadTimeout("nothing came", request=request)


class Orderly(BlockingWire):
    """A blocking wire without threads."""

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        del limit
        return await super().gather(thunks, limit=1)


class OrderlyOnALoop(AsyncWire):
    """An asynchronous wire with one task at a time."""

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        del limit
        return await super().gather(thunks, limit=1)


class Watched(httpx.BaseTransport):
    """Sockets, and an ear for the secrets that pass."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._inner = ground, httpx.HTTPTransport(verify=no_tls())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._ground.hear(request)
        try:
            response = self._inner.handle_request(request)
        except BROKEN as error:
            raise self._ground.lost(error, request) from None
        response.stream = Heard(self._ground, request, response.stream)
        return response

    def close(self) -> None:
        self._inner.close()


class WatchedOnALoop(httpx.AsyncBaseTransport):
    """The same on an event loop."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._inner = ground, httpx.AsyncHTTPTransport(verify=no_tls())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._ground.hear(request)
        try:
            response = await self._inner.handle_async_request(request)
        except BROKEN as error:
            raise self._ground.lost(error, request) from None
        response.stream = Heard(self._ground, request, response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class Heard(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer's body on its way, of either kind."""

    def __init__(self, ground: Ground, request: httpx.Request, stream: object) -> None:
        self._ground, self._request, self._stream = ground, request, stream
        self._hear: Callable[[bytes], None] = ground.secrets.listener()

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx.SyncByteStream)
        try:
            for piece in self._stream:
                yield self._ground.hear_piece(self._hear, piece)
        except BROKEN as error:
            raise self._ground.lost(error, self._request) from None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._stream, httpx.AsyncByteStream)
        try:
            async for piece in self._stream:
                yield self._ground.hear_piece(self._hear, piece)
        except BROKEN as error:
            raise self._ground.lost(error, self._request) from None

    def close(self) -> None:
        assert isinstance(self._stream, httpx.SyncByteStream)
        self._stream.close()

    async def aclose(self) -> None:
        assert isinstance(self._stream, httpx.AsyncByteStream)
        await self._stream.aclose()
