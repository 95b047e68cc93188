"""The httpx transport for blocking calls; the threads of a process share its connections."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator

from .attempt import Attempt
from .blocking_stream import BlockingSocket
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


class BlockingTransport(httpx.BaseTransport):
    """An httpx transport with its own connection pool; a forked process opens its own connections."""

    def __init__(self, verify: ssl.SSLContext, limits: PoolLimits = DEFAULT_LIMITS) -> None:
        self._verify, self._routes, self._limits = verify, Routes(), limits
        self._process = os.getpid()
        self._connections: Connections[httpcore.ConnectionInterface] = Connections(limits.most_idle)

    @property
    def busy(self) -> int:
        """How many connections are in use."""
        return self._connections.busy

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response, whose body has not been read yet; raises httpcore's errors."""
        if self._process != os.getpid():
            self._process, inherited = os.getpid(), self._connections
            self._connections = Connections(self._limits.most_idle)
            inherited.close()
        connections, attempt = self._connections, request.extensions["attempt"]
        route = self._routes.to(request.url)
        held = connections.take(route) or connections.add(self._connection(route, attempt))
        held.socket.attempt = attempt
        try:
            answer = held.connection.handle_request(httpcore_request(request))
        except BaseException:
            connections.release(held, is_read=False)
            raise
        attempt.head_is_complete()
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, held, connections))

    def _connection(self, route: Route, attempt: Attempt) -> PooledConnection[httpcore.ConnectionInterface]:
        socket = BlockingSocket(attempt)
        factory = httpcore.ConnectionPool(
            ssl_context=self._verify,
            proxy=proxy_of(route),
            keepalive_expiry=self._limits.keep_alive,
            network_backend=socket,
        )
        return PooledConnection(route, factory.create_connection(route.origin), socket)

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()


class _Body(httpx.SyncByteStream):
    """The body of a response; closing it returns the connection to the pool, or discards it."""

    def __init__(
        self,
        answer: httpcore.Response,
        held: PooledConnection[httpcore.ConnectionInterface],
        connections: Connections[httpcore.ConnectionInterface],
    ) -> None:
        self._answer, self._held, self._connections = answer, held, connections
        self._is_read = self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()
        self._is_read = True

    def close(self) -> None:
        """Release the connection."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            if self._is_read:
                self._answer.close()
        finally:
            self._connections.release(self._held, is_read=self._is_read)
