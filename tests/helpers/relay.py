"""A relay between a client and a server, over sockets, which changes the answers of one operation on their way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from maas_client.contract.match import match

METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE")
_OF_ONE_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on its way; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


Change = Callable[[Answer], Answer]


@dataclass
class Relay:
    """Where the relay listens, and what it changes: the answers of one operation, as far as `change` changes them."""

    target: str
    url: str = ""
    operation: str = ""
    change: Change = field(default=lambda answer: answer)
    changed: int = 0

    def plant(self, operation: str, change: Change) -> None:
        """Change the answers of this operation from now on, and of no other."""
        self.operation, self.change, self.changed = operation, change, 0

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Ask the server, and change its answer if it is one of the operation's."""
        parts = urlsplit(self.target)
        connection = HTTPConnection(parts.hostname or "", parts.port)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            reply = connection.getresponse()
            answer = Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        finally:
            connection.close()
        found = match(method, f"{self.url}{path}")
        if found is None or found.operation.name != self.operation:
            return answer
        changed = self.change(answer)
        self.changed += changed != answer
        return changed


@contextmanager
def relay(target: str) -> Generator[Relay]:
    """Relay to a server until the block ends; the server sees the relay's address, and names it in its answers."""
    serving = Relay(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            with suppress(ConnectionError):  # the client has gone
                super().handle_one_request()

        def relayed(self) -> None:
            body = _chunked(self) if "chunked" in self.headers.get("transfer-encoding", "") else _sized(self)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
            headers["content-length"] = str(len(body))
            answer = serving.answer(self.command, self.path, headers, body)
            self.send_response_only(answer.status)
            is_head = self.command == "HEAD"
            for name, value in answer.headers.items():
                if name not in _OF_ONE_HOP or (is_head and name == "content-length"):
                    self.send_header(name, value)
            if not is_head and answer.status != 204:
                self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            if not is_head:
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
            """Print nothing."""

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler.relayed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    serving.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield serving
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _sized(handler: BaseHTTPRequestHandler) -> bytes:
    return handler.rfile.read(int(handler.headers.get("content-length") or 0))


def _chunked(handler: BaseHTTPRequestHandler) -> bytes:
    pieces = list[bytes]()
    while size := int(handler.rfile.readline().partition(b";")[0], 16):
        pieces.append(handler.rfile.read(size))
        handler.rfile.readline()
    while handler.rfile.readline().strip():
        pass
    return b"".join(pieces)
