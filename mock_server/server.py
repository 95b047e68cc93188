"""The server as an object: it runs in its own thread, on any free port, until it is closed."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TextIO, TypeVar

from mock_server import certificates
from mock_server.app.application import Application
from mock_server.core import quotas
from mock_server.core.copy_origins import first_invalid_origin
from mock_server.core.json_values import Json
from mock_server.faults.rule import parse_rule
from mock_server.http_server import LOOPBACK, HttpServer
from mock_server.journal.verdict import judge
from mock_server.resources import running_costs
from mock_server.state import snapshot
from mock_server.state.world import Credentials, Options, open_world
from mock_server.surfaces.operation_names import OPERATIONS

T = TypeVar("T")


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
        self._http = HttpServer(host=host, port=port, tls=tls, tls_names=tls_names)
        try:
            self._world = snapshot.load_initial(open_world(options))
        except ValueError:
            self._http.close_socket()
            raise
        self.endpoint, self.ca = self._http.endpoint, self._http.ca
        self._http.start(Application(self._world, self._http.connections, request_log))

    def advance(self, seconds: float, *, workspace: str = "") -> None:
        """Advance the clock; a virtual clock advances only this way."""
        self._on_loop(lambda: self._world.clocks.move(workspace, advance=seconds))

    def advance_on_poll(self, seconds: float, *, workspace: str = "") -> None:
        """Advance a virtual clock from now on by this many seconds with each response that makes a client poll again.

        A reset restores the step that the server was started with.
        """
        self._on_loop(lambda: self._world.clocks.move(workspace, step_on_poll=seconds))

    def end_waits_after(self, seconds: float | None) -> None:
        """Answer with an error a wait that polled without progress for this many seconds of real time; None for never.

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
        """Remove all resources, requests, rules and workspace clocks; time continues."""
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
        if not self._http.is_running:
            return
        self._world.closing = True
        self._http.stop()
        self._world.close()
        self._http.remove_files()

    def _on_loop(self, function: Callable[[], T]) -> T:
        return self._http.on_loop(function)


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
