"""The server that answers from a cassette: `with serve_replay("job.jsonl") as server:`."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TextIO

from mock_server.core.json_values import Json
from mock_server.http_server import LOOPBACK, HttpServer
from mock_server.replay.application import ReplayApplication
from mock_server.replay.exchange import Cassette
from mock_server.replay.reader import read_cassette

PROJECT = "test"
"""The name of a project: a replay takes any."""


class ReplayServer:
    """A running replay; `endpoint` is the address for clients, `ca` the certificate authority to trust for https.

    What it does not have is answered with status 501 and the nearest exchanges. Its clock is that of the recording:
    it moves with each answer to the time that was recorded, and when a client waits.
    """

    def __init__(
        self, cassette: Cassette, *, host: str, port: int, tls: bool = False, request_log: TextIO | None = None
    ) -> None:
        self._cassette = cassette
        self._http = HttpServer(host=host, port=port, tls=tls)
        self._application = ReplayApplication(cassette, self._http.connections, request_log)
        self.endpoint, self.ca = self._http.endpoint, self._http.ca
        self._http.start(self._application)

    @property
    def has_workspace(self) -> bool:
        """Return whether something of a workspace of Azure Machine Learning was recorded."""
        return any("/Microsoft.MachineLearningServices/" in one.url for one in self._cassette.exchanges)

    @property
    def foundry_endpoint(self) -> str | None:
        """Return the URL of the Foundry project or account that was recorded, on this server; None without one."""
        paths = [one.address.segments for one in self._cassette.exchanges]
        if any(tuple(path[:2]) == ("api", "projects") for path in paths):
            return f"{self.endpoint}/api/projects/{PROJECT}"
        is_account = any(path[0] == "openai" or "Microsoft.CognitiveServices" in path for path in paths)
        return self.endpoint if is_account else None

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self._http.on_loop(lambda: self._application.clock.advance(seconds))

    def now(self) -> float:
        """Return the time of the clock, in seconds since 1970."""
        return self._http.on_loop(lambda: self._application.clock.now)

    def reset(self) -> None:
        """Begin again, as if nothing had been asked."""
        self._http.on_loop(self._application.reset)

    def unmatched(self) -> Sequence[str]:
        """Return the requests that fitted no exchange, one sentence for each, with the nearest exchanges."""
        return self._http.on_loop(lambda: [request.sentence for request in self._application.unmatched])

    def progress(self) -> Json:
        """Return what was answered and what was not: the response of GET /_mock/replay."""
        return self._http.on_loop(self._application.described)

    def close(self) -> None:
        """Stop."""
        if self._http.is_running:
            self._http.stop()
            self._http.remove_files()


@contextmanager
def serve_replay(
    path: str | PathLike[str],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: bool = False,
    request_log: TextIO | None = None,
) -> Generator[ReplayServer]:
    """Answer from a cassette for the duration of the block.

    Args:
        path: the cassette.
        host: an address of this machine.
        port: the port, 0 for any free one.
        tls: whether to serve https.
        request_log: receives a line per request.

    Raises:
        ValueError: the file is no cassette or a damaged one, or the host can be reached from other machines.
    """
    if host not in LOOPBACK:
        raise ValueError(f"a replay listens on this machine only, and {host} can be reached from others: use 127.0.0.1")
    server = ReplayServer(read_cassette(Path(path)), host=host, port=port, tls=tls, request_log=request_log)
    try:
        yield server
    finally:
        server.close()
