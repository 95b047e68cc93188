"""The httpx transport for event loops; each loop has its own connections."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

from .async_stream import AsyncSocket
from .attempt import Attempt
from .caller_http import DEFAULT_LIMITS, PoolLimits
from .connections import (
    Connections,
    PooledConnection,
    Route,
    Routes,
    httpcore_request,
    proxy_of,
)
from .httpx_import import httpcore, httpx
from .per_loop import PerLoop


class AsyncTransport(httpx.AsyncBaseTransport):
    """An httpx transport with its own connection pool, which closes connections without suspending.

    httpcore's asynchronous pool counts a connection as in use forever when a task is cancelled at certain points
    (httpcore 1.0.9: its shields against cancellation are those of anyio, which `Task.cancel` does not know).
    """

    def __init__(self, verify: ssl.SSLContext, *, keep_alive: bool, limits: PoolLimits = DEFAULT_LIMITS) -> None:
        self._verify, self._routes = verify, Routes()
        self._limits, self._most_idle = limits, limits.most_idle if keep_alive else 0
        self._connections: PerLoop[Connections[httpcore.AsyncConnectionInterface]] = PerLoop(
            lambda: Connections(self._most_idle), lambda connections: connections.close()
        )

    @property
    def busy(self) -> int:
        """How many connections are in use, on all loops."""
        return sum(connections.busy for connections in self._connections.all())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response, whose body has not been read yet; raises httpcore's errors."""
        connections, attempt = self._connections.get(), request.extensions["attempt"]
        route = self._routes.to(request.url)
        held = connections.take(route) or connections.add(self._connection(route, attempt))
        held.socket.attempt = attempt
        try:
            answer = await held.connection.handle_async_request(httpcore_request(request))
        except BaseException:
            connections.release(held, is_read=False)
            raise
        attempt.head_is_complete()
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, held, connections))

    def _connection(self, route: Route, attempt: Attempt) -> PooledConnection[httpcore.AsyncConnectionInterface]:
        socket = AsyncSocket(attempt)
        factory = httpcore.AsyncConnectionPool(
            ssl_context=self._verify,
            proxy=proxy_of(route),
            keepalive_expiry=self._limits.keep_alive,
            network_backend=socket,
        )
        return PooledConnection(route, factory.create_connection(route.origin), socket)

    async def aclose(self) -> None:
        """Close every connection."""
        for connections in self._connections.all():
            connections.close()


class _Body(httpx.AsyncByteStream):
    """The body of a response; closing it returns the connection to the pool, or discards it."""

    def __init__(
        self,
        answer: httpcore.Response,
        held: PooledConnection[httpcore.AsyncConnectionInterface],
        connections: Connections[httpcore.AsyncConnectionInterface],
    ) -> None:
        self._answer, self._held, self._connections = answer, held, connections
        self._is_read = self._is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.aiter_stream():
            yield chunk
        self._is_read = True

    async def aclose(self) -> None:
        """Release the connection; a cancellation meanwhile costs only this connection."""
        if self._is_closed:
            return
        self._is_closed = True
        is_idle = False
        try:
            if self._is_read:
                await self._answer.aclose()
                is_idle = True
        finally:
            self._connections.release(self._held, is_read=is_idle)
