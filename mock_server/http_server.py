"""A server on a socket: uvicorn in a thread of its own, with or without TLS, until it is stopped."""

import asyncio
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mock_server import certificates
from mock_server.http.connections import Connections
from mock_server.http.head_limit import with_head_limit

T = TypeVar("T")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
START_SECONDS = 10.0
GRACE = 1
"""Seconds that a stop waits for responses in progress."""


class HttpServer:
    """A bound socket, and once it is started, a thread that serves an application on it.

    `endpoint` is the address for clients, `ca` the certificate authority to trust for https, `connections` the open
    connections.
    """

    def __init__(self, *, host: str, port: int, tls: bool, tls_names: Sequence[str] = ()) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="mock_server_") if tls else None
        self._certificate: Path | None = None
        self.ca: Path | None = None
        if self._directory is not None:
            self.ca, self._certificate = certificates.make(Path(self._directory.name), [host, *tls_names])
        self._socket = _listen(host, port)
        self.connections = Connections()
        display_host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared with, not bound to
        display_host = f"[{display_host}]" if ":" in display_host else display_host
        self.endpoint = f"{'https' if tls else 'http'}://{display_host}:{self._socket.getsockname()[1]}"

    def start(self, application: ASGIApp) -> None:
        """Serve an application from now on."""
        config = uvicorn.Config(
            application,
            http=_watched(self.connections),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,  # uvicorn's own is up to a second old, or more under load: see Exchange
            timeout_keep_alive=120,
            timeout_graceful_shutdown=GRACE,
            ssl_certfile=self._certificate,
        )
        self._server = _Uvicorn(config, self.connections)
        self._thread = threading.Thread(target=self._run, name="mock_server", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(START_SECONDS):
            raise RuntimeError(f"the server did not start within {START_SECONDS:g} seconds")

    @property
    def is_running(self) -> bool:
        """Return whether the thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Stop serving, and wait until the thread has ended."""
        self._server.should_exit = True
        self._thread.join()

    def remove_files(self) -> None:
        """Remove the certificates."""
        if self._directory is not None:
            self._directory.cleanup()

    def close_socket(self) -> None:
        """Give up a socket that was never served."""
        self._socket.close()

    def on_loop(self, function: Callable[[], T]) -> T:
        """Call a function on the server's event loop, so that nothing needs a lock."""

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._server.loop).result()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # uvloop if it is installed
            runner.run(self._server.serve(sockets=[self._socket]))


class _Uvicorn(uvicorn.Server):
    """uvicorn's server, with an event that is set when it accepts requests."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self.loop.close()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._connections.hang_up()  # asyncio loses track of, and leaks, a TLS connection that is closed twice
        await asyncio.sleep(0.01)
        self.loop.call_later(
            0.05, self._connections.hang_up
        )  # uvicorn closes idle connections and checks again after 0.1 s
        await super().shutdown(sockets)
        self._connections.hang_up(on_all=True)
        await asyncio.sleep(0.01)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is explicit because asyncio disables Nagle's algorithm only then: 44 ms per response become 1 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there it would let two servers listen on one port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _watched(connections: Connections) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol class, extended to register its connections; uses httptools if it is installed."""
    base = with_head_limit(AutoHTTPProtocol)

    def connection_made(self: asyncio.Protocol, transport: asyncio.BaseTransport) -> None:
        connections.opened(self, transport)
        base.connection_made(self, transport)

    def connection_lost(self: asyncio.Protocol, exc: Exception | None) -> None:
        connections.closed(self)
        base.connection_lost(self, exc)

    # Created by a call: uvicorn's choice is known only at run time, and type checkers reject a variable as base class.
    return type("Watched", (base,), {"connection_made": connection_made, "connection_lost": connection_lost})
