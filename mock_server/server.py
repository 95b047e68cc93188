"""The server as an object: it runs in its own thread, on any free port, until it is closed."""

import asyncio
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TextIO, TypeVar

import uvicorn
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mock_server import certificates
from mock_server.app.application import Application
from mock_server.core import quotas
from mock_server.core.copy_origins import first_invalid_origin
from mock_server.core.json_values import Json
from mock_server.faults.rule import parse_rule
from mock_server.http.connections import Connections
from mock_server.http.head_limit import with_head_limit
from mock_server.journal.verdict import judge
from mock_server.resources import running_costs
from mock_server.state import snapshot
from mock_server.state.world import Credentials, Options, open_world
from mock_server.surfaces.operation_names import OPERATIONS

T = TypeVar("T")
START_SECONDS = 10.0
GRACE = 1
"""Seconds that a stop waits for responses in progress."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Server:
    """A running server; `endpoint` is the address for clients, `ca` the certificate authority to trust for https."""

    def __init__(
        self,
        options: Options,
        *,
        host: str,
        port: int,
        tls: bool,
        tls_names: Sequence[str] = (),
        request_log: TextIO | None = None,
    ) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="mock_server_") if tls else None
        certificate = None
        self.ca: Path | None = None
        if self._directory is not None:
            self.ca, certificate = certificates.make(Path(self._directory.name), [host, *tls_names])
        self._socket = _listen(host, port)
        try:
            self._world = snapshot.load_initial(open_world(options))
        except ValueError:
            self._socket.close()
            raise
        connections = Connections()
        config = uvicorn.Config(
            Application(self._world, connections, request_log),
            http=_watched(connections),
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
            ssl_certfile=certificate,
        )
        self._server = _Uvicorn(config, connections)
        display_host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared with, not bound to
        display_host = f"[{display_host}]" if ":" in display_host else display_host
        self.endpoint = f"{'https' if tls else 'http'}://{display_host}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, name="mock_server", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(START_SECONDS):
            raise RuntimeError(f"the server did not start within {START_SECONDS:g} seconds")

    def advance(self, seconds: float, *, workspace: str = "") -> None:
        """Advance the clock; a virtual clock advances only this way."""
        self._on_loop(lambda: self._world.clocks.move(workspace, advance=seconds))

    def advance_on_poll(self, seconds: float, *, workspace: str = "") -> None:
        """Advance a virtual clock from now on by this many seconds with each response that makes a client poll again.

        A reset restores the step that the server was started with.
        """
        self._on_loop(lambda: self._world.clocks.move(workspace, step_on_poll=seconds))

    def end_waits_after(self, seconds: float | None) -> None:
        """Answer with an error a wait that polled in vain for this many seconds of real time; None for never.

        In vain means that nothing can end it: the virtual clock stands still, or a fault rule holds the job or fails
        every poll without end. A reset restores what the server was started with.
        """
        self._on_loop(lambda: setattr(self._world.repeated_polls, "limit", seconds))

    def set_quota(self, quota: Mapping[str, int]) -> None:
        """Set the quotas of virtual cores by family of machines, until a reset.

        `gpu` is every family with GPUs, which start at 0, and `lowPriority` all of low priority.
        """
        written = _quota(quota)
        self._on_loop(lambda: self._world.settings.update(quota=written))

    def now(self, *, workspace: str = "") -> float:
        """Return the time of a workspace's clock, in seconds since 1970."""
        return self._on_loop(lambda: self._world.clocks.now(workspace))

    def reset(self) -> None:
        """Remove all resources, requests, rules and workspace clocks; time goes on."""
        self._on_loop(self._world.reset)

    def lose(self) -> None:
        """Remove all resources, as after data loss; the journal and the fault rules stay."""
        self._on_loop(self._world.lose)

    def requests(self) -> list[Json]:
        """Return the journal: each request with its response, redacted."""
        return self._on_loop(self._world.journal.entries)

    def fault(self, **rule: Any) -> int:  # Any: a rule is JSON; parse_rule validates it
        """Activate a fault rule and return its number; its fields are those of POST /_mock/faults."""
        parsed = parse_rule(rule, OPERATIONS)
        return self._on_loop(lambda: self._world.faults.add(parsed))

    def faults(self) -> list[Json]:
        """Return the active fault rules; `matched` counts the requests that each matched, `done` those it changed."""
        return self._on_loop(self._world.faults.describe)

    def faults_clear(self) -> None:
        """Remove every fault rule."""
        self._on_loop(self._world.faults.clear)

    def verdict(self, *, workspace: str | None = None) -> Json:
        """Return the verdict on the client: the response of GET /_mock/verdict."""
        world = self._world
        return self._on_loop(
            lambda: {**judge(world.journal.entries(workspace)), "costs": running_costs.running(world, workspace)}
        )

    def close(self) -> None:
        """Stop; the state directory, if any, holds everything that was acknowledged."""
        if not self._thread.is_alive():
            return
        self._world.closing = True
        self._server.should_exit = True
        self._thread.join()
        self._world.close()
        if self._directory is not None:
            self._directory.cleanup()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # uvloop if it is installed
            runner.run(self._server.serve(sockets=[self._socket]))

    def _on_loop(self, function: Callable[[], T]) -> T:
        """Call a function on the server's event loop, so that nothing needs a lock."""

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._server.loop).result()


@contextmanager
def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: bool = False,
    tls_names: Sequence[str] = (),
    state: Path | None = None,
    job_seconds: float = 30.0,
    seed: int = 0,
    workspaces: Sequence[str] = (),
    clock: Literal["real", "virtual"] = "real",
    step_on_poll: float = 0.0,
    load: Path | None = None,
    datastore_credentials: Credentials = "sas",
    requests_per_page: int = 100,
    copy_sources: Sequence[str] = (),
    end_waits_after: float | None = None,
    quota: Mapping[str, int] | None = None,
    admin_token: str | None = None,
    request_log: TextIO | None = None,
) -> Generator[Server]:
    """Run a server for the duration of the block.

    Port 0 is any free one; without `state` everything is in memory; `load` is an export of /_mock/state. With
    a virtual `clock`, each response that makes the client poll again advances time by `step_on_poll` seconds. Blobs are
    copied from the server itself and from `copy_sources`, origins on loopback such as http://127.0.0.1:9000, whose port
    may be `*`. `end_waits_after` is that of `Server`. `quota` gives families of virtual machines a number of cores
    (see `set_quota`). Another `host` than loopback needs `tls`, with a certificate for
    this host and `tls_names`, and an `admin_token`. `request_log` receives a line per request.
    """
    if invalid := first_invalid_origin(" ".join(copy_sources)):
        raise ValueError(
            f"{invalid!r} is not an origin on loopback: use scheme, host and port, as in http://127.0.0.1:9000"
        )
    if (name := certificates.first_invalid_name(tls_names)) is not None:
        raise ValueError(f"{name[:80]!r} is neither a host name nor an address: a certificate cannot be for it")
    if step_on_poll and clock != "virtual":
        raise ValueError("step_on_poll needs a virtual clock: add clock='virtual'")
    if host not in LOOPBACK and not (tls and admin_token):
        raise ValueError(
            f"{host} can be reached from other machines, which takes https and a token for the routes under /_mock: "
            "set tls=True and an admin_token, or listen on 127.0.0.1"
        )
    options = Options(
        state=state,
        job_seconds=job_seconds,
        seed=seed,
        workspaces=tuple(workspaces),
        clock=clock,
        step_on_poll=step_on_poll,
        load=load,
        datastore_credentials=datastore_credentials,
        requests_per_page=requests_per_page,
        copy_sources=tuple(copy_sources),
        end_waits_after=end_waits_after,
        quota=_quota(quota or {}),
        admin_token=admin_token,
    )
    server = Server(options, host=host, port=port, tls=tls, tls_names=tls_names, request_log=request_log)
    try:
        yield server
    finally:
        server.close()


def _quota(quota: Mapping[str, int]) -> str:
    parsed = quotas.parse(dict(quota))
    if parsed is None:
        raise ValueError(f"a quota must be {quotas.ACCEPTS}; got {str(quota)[:80]!r}")
    return quotas.written(parsed)


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
