"""A wire around a wire: it reports each exchange, and ends what takes longer than the time that is left."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from math import inf

from ..contract.check import NOT_KEPT, Kept
from ..core.errors import MaasError, TransportError
from ..core.http_messages import Reply, Request
from ..wire import Incoming, Wire
from ..wire.wrapped_wire import WrappedWire

MOST_KEPT = 1 << 20
"""Bytes of a streamed body that are kept for its check."""

SHORTEST = 0.001
"""Seconds that a request may take at least: none at all is no timeout."""


class OutOfTime(MaasError):
    """The time limit of a verification has passed."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    `status` is None where no whole answer came. `body` is `NOT_KEPT` where it was not read to its end. `seconds` is
    how long the answer took, to its end. `sent` is the request's body; empty where it is no bytes.
    """

    method: str
    url: str = field(repr=False)
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | Kept = field(default=NOT_KEPT, repr=False)
    seconds: float = 0.0
    sent: bytes = field(default=b"", repr=False)


class WatchingWire(WrappedWire):
    """A wire that passes everything on to another one, and each exchange to `on_exchange`.

    After `deadline`, by the other wire's clock, everything raises OutOfTime.
    """

    def __init__(self, wire: Wire, on_exchange: Callable[[Exchange], object]) -> None:
        super().__init__(wire)
        self._on_exchange = on_exchange
        self.deadline = inf

    @property
    def left(self) -> float:
        """The seconds that are left; raises OutOfTime without any."""
        left = self.deadline - self._wire.clock()
        if left <= 0:
            raise OutOfTime("the time limit has passed")
        return left

    async def send(self, request: Request, /) -> Reply:
        """Send a request, and report the exchange."""
        request, started = self._in_time(request), self._wire.clock()
        try:
            reply = await self._wire.send(request)
        except TransportError:
            self._on_exchange(Exchange(request.method, request.url, seconds=self._wire.clock() - started))
            raise
        self._report(request, reply.status, reply.headers, reply.body, started)
        return reply

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send a request, and report the exchange once its answer has been read."""
        request, started = self._in_time(request), self._wire.clock()
        is_open = False
        try:
            async with self._wire.open(request) as incoming:
                is_open, copy = True, _Copy(incoming)
                try:
                    yield replace(incoming, open_body=copy.read)
                finally:
                    self._report(request, incoming.status, incoming.headers, copy.body, started)
        except TransportError:
            if not is_open:
                self._on_exchange(Exchange(request.method, request.url, seconds=self._wire.clock() - started))
            raise

    def _in_time(self, request: Request) -> Request:
        left = self.left
        return request if left >= request.timeout else replace(request, timeout=max(left, SHORTEST))

    def _report(
        self, request: Request, status: int, headers: Mapping[str, str], body: bytes | Kept, started: float
    ) -> None:
        seconds = self._wire.clock() - started
        sent = request.body if isinstance(request.body, bytes) else b""
        self._on_exchange(Exchange(request.method, request.url, status, dict(headers), body, seconds, sent))

    async def sleep(self, seconds: float, /) -> None:
        """Sleep; at the deadline raise OutOfTime."""
        left = self.left
        await self._wire.sleep(min(seconds, left))
        if seconds >= left:
            raise OutOfTime("the time limit has passed")


class _Copy:
    """A copy of what is read of a body; `NOT_KEPT` unless it is a stream of events, or was read to its end."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming, self._read, self._is_whole = incoming, bytearray(), False

    @property
    def body(self) -> bytes | Kept:
        is_stream = self._incoming.headers.get("content-type", "").startswith("text/event-stream")
        return bytes(self._read) if self._is_whole or is_stream else NOT_KEPT

    async def read(self, renews: bool) -> AsyncIterator[bytes]:
        async for chunk in self._incoming.open_body(renews):
            self._read.extend(chunk[: MOST_KEPT - len(self._read)])
            yield chunk
            del chunk
        self._is_whole = len(self._read) < MOST_KEPT
