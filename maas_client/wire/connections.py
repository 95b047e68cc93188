"""The connection pool of both wires: which connections are in use and which are idle. No I/O.

A connection carries one request at a time. It is reused only if its response was read to the end; in every other case
its socket is closed at once, so nothing that happens to a request, such as a cancellation, can leave one in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Generic, Protocol, TypeVar

from .attempt import Attempt
from .httpx_import import httpcore, httpx
from .proxies import Proxies, Proxy, parsed_proxy

MOST_HOSTS = 1000
"""Number of hosts whose proxy is cached."""


class Socket(Protocol):
    """The socket of a connection, and the attempt that uses it."""

    attempt: Attempt

    def abort(self) -> None:
        """Close it at once."""
        ...


class Connection(Protocol):
    """An httpcore connection."""

    def is_idle(self) -> bool:
        """Whether it is idle."""
        ...

    def has_expired(self) -> bool:
        """Whether it was idle for too long, or the server has closed it."""
        ...


C = TypeVar("C", bound=Connection)


@dataclass(frozen=True, slots=True)
class Route:
    """The target of a connection, and its proxy."""

    scheme: bytes
    host: bytes
    port: int
    proxy: Proxy | None = None

    @property
    def origin(self) -> httpcore.Origin:
        """The server that it connects to."""
        return httpcore.Origin(self.scheme, self.host, self.port)


@dataclass(frozen=True, slots=True, eq=False)
class PooledConnection(Generic[C]):
    """A connection in use, and its socket."""

    route: Route
    connection: C
    socket: Socket


class Connections(Generic[C]):
    """The connections of one process, or of one event loop in it."""

    def __init__(self, most_idle: int) -> None:
        self._most_idle = most_idle
        self._idle: list[PooledConnection[C]] = []
        self._busy: set[PooledConnection[C]] = set()
        self._lock = Lock()

    @property
    def busy(self) -> int:
        """How many connections are in use."""
        return len(self._busy)

    def take(self, route: Route) -> PooledConnection[C] | None:
        """Return the most recently used idle connection of a route, if any; drop those that have expired."""
        with self._lock:
            expired = [held for held in self._idle if held.connection.has_expired()]
            self._idle = [held for held in self._idle if held not in expired]
            found = next((held for held in reversed(self._idle) if held.route == route), None)
            if found is not None:
                self._idle.remove(found)
                self._busy.add(found)
        for held in expired:
            held.socket.abort()
        return found

    def add(self, held: PooledConnection[C]) -> PooledConnection[C]:
        """Count a new connection as in use."""
        with self._lock:
            self._busy.add(held)
        return held

    def release(self, held: PooledConnection[C], *, is_read: bool) -> None:
        """Take back a connection, and keep it for the next request if its response was read to the end."""
        with self._lock:
            known = held in self._busy
            self._busy.discard(held)
            keeps = known and is_read and self._most_idle > 0 and held.connection.is_idle()
            surplus = [] if keeps else [held]
            if keeps:
                self._idle.append(held)
                surplus = self._idle[: -self._most_idle]
                del self._idle[: -self._most_idle]
        for each in surplus:
            each.socket.abort()

    def close(self) -> None:
        """Close every connection; requests that use one fail."""
        with self._lock:
            closing = [*self._idle, *self._busy]
            self._idle.clear()
            self._busy.clear()
        for held in closing:
            held.socket.abort()


class Routes:
    """Finds the route to a host: through a proxy of the environment or system, or directly."""

    def __init__(self) -> None:
        self._proxies = Proxies()
        self._known: dict[tuple[str, str, int], Proxy | None] = {}

    def to(self, url: httpx.URL) -> Route:
        """Return the route to the host of a URL."""
        port = url.port or {"http": 80, "https": 443}[url.scheme]
        return Route(url.raw_scheme, url.raw_host, port, self._proxy(url.scheme, url.host, port))

    def _proxy(self, scheme: str, host: str, port: int) -> Proxy | None:
        if not self._proxies:
            return None
        if (scheme, host, port) not in self._known:
            if len(self._known) >= MOST_HOSTS:
                self._known.clear()
            self._known[scheme, host, port] = self._proxies.of(scheme, host, port)
        return self._known[scheme, host, port]


def proxy_of(route: Route) -> httpcore.Proxy | None:
    """Return the proxy of a route as an httpcore object; raise NetworkSettingsError if it cannot be used."""
    if route.proxy is None:
        return None
    proxy = parsed_proxy(route.proxy)
    url = httpcore.URL(
        scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=proxy.url.raw_path
    )
    return httpcore.Proxy(url, auth=proxy.raw_auth, headers=proxy.headers.raw, ssl_context=proxy.ssl_context)


def httpcore_request(request: httpx.Request) -> httpcore.Request:
    """Return a request as an httpcore object."""
    url = request.url
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )
