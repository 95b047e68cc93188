"""The environment of a run: a virtual clock, wires that send one request at a time, and transports that are observed.

One at a time, because a run has to be the same each time and on both wires.
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
from tests.chaos.credentials import ShortLivedCredential
from tests.chaos.secrets import Secrets

T = TypeVar("T")

LATENCY = 1.0
"""Seconds that a request takes: what is signed a moment later has another signature."""

SLOW = 0.05
"""The share of the pieces of answers that come slowly, where any do."""

BROKEN = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
KINDS = ("blocking", "async")


class Hang(BaseException):
    """A call takes longer than it may; no `except Exception` may catch it."""


@dataclass
class RunEnvironment:
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

    def advance(self, seconds: float) -> None:
        """Let time pass on both sides; raise Hang when it has become too late."""
        self.time += seconds
        self.server.advance(seconds)
        if self.time > self.deadline:
            raise Hang(f"{self.time - self.deadline:.0f} s too late")

    async def sleep_async(self, seconds: float) -> None:
        self.advance(seconds)

    def wire(self) -> Wire:
        blocking = SequentialWire(
            verify=no_tls(), transport=ObservedTransport(self), sleep=self.advance, now=self.now, clock=self.now
        )
        if self.kind == "blocking":
            return blocking
        return AsyncSequentialWire(
            verify=no_tls(),
            transport=AsyncObservedTransport(self),
            courier=blocking,
            sleep=self.sleep_async,
            now=self.now,
            clock=self.now,
        )

    def resources(self, wire: Wire) -> Resources:
        """Give every resource of a client of the server."""
        settings = Settings("sub-1", "group-1", "work-1", endpoint=self.server.endpoint)
        return Resources(wire, settings, ShortLivedCredential(self.now, self.secrets))

    def note_request(self, request: httpx.Request) -> None:
        """Record the secrets of a request, and let its latency pass."""
        self.secrets.add_request(request)
        self.advance(self.latency)

    def observe_chunk(self, collect: Callable[[bytes], None], piece: bytes) -> bytes:
        """Record the secrets of a chunk of an answer."""
        collect(piece)
        if self.slowness and random.random() < SLOW:
            self.advance(self.slowness)
        return piece

    def connection_error(self, error: httpx.TransportError, request: httpx.Request) -> httpx.TransportError:
        """Give the error for a connection that broke: itself, or a timeout after which the time has passed."""
        if not self.silent:
            return error
        self.advance(float(request.extensions["timeout"]["read"]))
        return httpx.ReadTimeout("nothing came", request=request)


class SequentialWire(BlockingWire):
    """A blocking wire without threads."""

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        del limit
        return await super().gather(thunks, limit=1)


class AsyncSequentialWire(AsyncWire):
    """An asynchronous wire with one task at a time."""

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        del limit
        return await super().gather(thunks, limit=1)


class ObservedTransport(httpx.BaseTransport):
    """Connections over sockets whose secrets are recorded."""

    def __init__(self, environment: RunEnvironment) -> None:
        self._environment, self._inner = environment, httpx.HTTPTransport(verify=no_tls())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._environment.note_request(request)
        try:
            response = self._inner.handle_request(request)
        except BROKEN as error:
            raise self._environment.connection_error(error, request) from None
        response.stream = ObservedStream(self._environment, request, response.stream)
        return response

    def close(self) -> None:
        self._inner.close()


class AsyncObservedTransport(httpx.AsyncBaseTransport):
    """The same on an event loop."""

    def __init__(self, environment: RunEnvironment) -> None:
        self._environment, self._inner = environment, httpx.AsyncHTTPTransport(verify=no_tls())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._environment.note_request(request)
        try:
            response = await self._inner.handle_async_request(request)
        except BROKEN as error:
            raise self._environment.connection_error(error, request) from None
        response.stream = ObservedStream(self._environment, request, response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class ObservedStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer on either wire, whose secrets are recorded."""

    def __init__(self, environment: RunEnvironment, request: httpx.Request, stream: object) -> None:
        self._environment, self._request, self._stream = environment, request, stream
        self._collect: Callable[[bytes], None] = environment.secrets.collector()

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx.SyncByteStream)
        try:
            for piece in self._stream:
                yield self._environment.observe_chunk(self._collect, piece)
        except BROKEN as error:
            raise self._environment.connection_error(error, self._request) from None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._stream, httpx.AsyncByteStream)
        try:
            async for piece in self._stream:
                yield self._environment.observe_chunk(self._collect, piece)
        except BROKEN as error:
            raise self._environment.connection_error(error, self._request) from None

    def close(self) -> None:
        assert isinstance(self._stream, httpx.SyncByteStream)
        self._stream.close()

    async def aclose(self) -> None:
        assert isinstance(self._stream, httpx.AsyncByteStream)
        await self._stream.aclose()
