"""A server of raw sockets, which answers each request with whatever bytes the test says, well-formed or not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import trustme

Answer = Callable[[socket.socket, bytes], bool | None]
"""Answers a request whose head is given; True keeps the connection for another one."""


@dataclass
class RawServer:
    """Where the server listens, and the heads of the requests that it was sent."""

    port: int
    tls: bool = False
    heads: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"


@contextmanager
def raw_server(answer: Answer, tls: ssl.SSLContext | None = None) -> Generator[RawServer]:
    """Serve each connection on a thread of its own until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        server = RawServer(listening.getsockname()[1], tls is not None)
        opened: list[socket.socket] = []

        def serve(connection: socket.socket) -> None:
            try:
                with connection if tls is None else tls.wrap_socket(connection, server_side=True) as stream:
                    opened.append(stream)
                    while head := read_head(stream):
                        server.heads.append(head)
                        if not answer(stream, head):
                            return
            except OSError:
                pass  # the client has gone, or the test is over

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                server.connections += 1
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for stream in opened:
                _shut(stream)
            accepting.join()


def tls_contexts(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make an authority and a certificate for a name; return the contexts of the server and of who trusts it."""
    authority = trustme.CA()
    trusted, own = folder / "authority.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(trusted)
    authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(own)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(own)
    return server, ssl.create_default_context(cafile=trusted)


def _shut(stream: socket.socket) -> None:
    with suppress(OSError):
        stream.shutdown(socket.SHUT_RDWR)


def read_head(stream: socket.socket) -> bytes:
    """Read a request up to the end of its head, and its body when it has a Content-Length; empty at the end."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = stream.recv(1 << 16)
        if not more:
            return b""
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    left = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
    while left > 0:
        more = stream.recv(min(left, 1 << 16))
        if not more:
            return b""
        left -= len(more)
    return head


def answer_of(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """Give a well-formed answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body
