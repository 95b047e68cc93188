"""Wires that keep what goes over them: each request's method and URL, and each answer's status, headers and body."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from support import TLS, Clock

from maas_client.core.http_messages import Reply, Request
from maas_client.wire import AsyncWire, BlockingWire, Incoming

MOST_KEPT = 1 << 20
"""Bytes of a streamed body that are kept."""


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; of a streamed answer, the body as far as it was read."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class WatchedBlockingWire(BlockingWire):
    """A blocking wire that keeps its exchanges."""

    exchanges: list[Exchange]

    async def send(self, request: Request, /) -> Reply:
        """Send a request, and keep the answer."""
        reply = await super().send(request)
        self.exchanges.append(_exchange(request, reply.status, reply.headers, reply.body))
        return reply

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send a request, and keep the answer as far as it is read."""
        async with super().open(request) as incoming:
            body = bytearray()
            try:
                yield replace(incoming, open_body=_copying(incoming, body))
            finally:
                self.exchanges.append(_exchange(request, incoming.status, incoming.headers, bytes(body)))


class WatchedAsyncWire(AsyncWire):
    """An asynchronous wire that keeps its exchanges."""

    exchanges: list[Exchange]

    async def send(self, request: Request, /) -> Reply:
        """Send a request, and keep the answer."""
        reply = await super().send(request)
        self.exchanges.append(_exchange(request, reply.status, reply.headers, reply.body))
        return reply

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send a request, and keep the answer as far as it is read."""
        async with super().open(request) as incoming:
            body = bytearray()
            try:
                yield replace(incoming, open_body=_copying(incoming, body))
            finally:
                self.exchanges.append(_exchange(request, incoming.status, incoming.headers, bytes(body)))


def watched_wire(kind: str, clock: Clock, exchanges: list[Exchange]) -> WatchedBlockingWire | WatchedAsyncWire:
    """Make a wire of either kind, on a clock that never really sleeps, that adds what goes over it to a list."""
    blocking = WatchedBlockingWire(verify=TLS, sleep=clock.sleep, now=clock.now, clock=clock.now)
    blocking.exchanges = exchanges
    if kind == "blocking":
        return blocking
    wire = WatchedAsyncWire(verify=TLS, courier=blocking, sleep=clock.asleep, now=clock.now, clock=clock.now)
    wire.exchanges = exchanges
    return wire


def _copying(incoming: Incoming, body: bytearray) -> Callable[[bool], AsyncIterator[bytes]]:
    """Read a response as before, and copy what is read."""

    async def read(renews: bool) -> AsyncIterator[bytes]:
        async for chunk in incoming.open_body(renews):
            body.extend(chunk[: MOST_KEPT - len(body)])
            yield chunk

    return read


def _exchange(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> Exchange:
    return Exchange(request.method, request.url, status, dict(headers), body)
