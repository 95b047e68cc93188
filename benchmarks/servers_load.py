"""Load for any server: one connection kept open, one request after the other, and as little Python as can be."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request: where, what, and the body."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    def head(self) -> bytes:
        """Write the request's head."""
        url = urlsplit(self.url)
        target = url.path + (f"?{url.query}" if url.query else "")
        lines = [f"{self.method} {target} HTTP/1.1", f"Host: {url.netloc}", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Line:
    """A connection to a server; opened anew where the server closes it behind each answer."""

    def __init__(self, wanted: Wanted) -> None:
        url = urlsplit(wanted.url)
        self._address = (url.hostname or "", url.port or 80)
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def ask(self, wanted: Wanted) -> bytes:
        """Send the request and return the body of the answer; one that is no success ends the benchmark."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(wanted.head())
        self._socket.sendall(wanted.body)
        status, fields, body = _read(self._socket)
        if b"close" in fields.get(b"connection", b""):
            self._close()
        if status >= 300:
            raise RuntimeError(f"{wanted.method} {wanted.url} was answered {status}: {body[:300]!r}")
        return body

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def milliseconds(wanted: Wanted, count: int) -> float:
    """Send the request this many times, one after the other; return the milliseconds that one of them took."""
    with Line(wanted) as line:
        began = time.perf_counter()
        for _ in range(count):
            line.ask(wanted)
        return (time.perf_counter() - began) * 1000 / count


def answer(wanted: Wanted) -> bytes:
    """Send the request once and return the body of its answer."""
    with Line(wanted) as line:
        return line.ask(wanted)


def _read(connection: socket.socket) -> tuple[int, dict[bytes, bytes], bytes]:
    """Read one answer: its status, its header fields in lower case and its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _piece(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    fields = {
        name: value.strip() for name, _, value in (line.lower().partition(b":") for line in head.split(b"\r\n")[1:])
    }
    while b"chunked" in fields.get(b"transfer-encoding", b"") and not body.endswith(b"0\r\n\r\n"):
        body += _piece(connection)
    while len(body) < int(fields.get(b"content-length", b"0")):
        body += _piece(connection)
    return int(head.split(b" ", 2)[1]), fields, body


def _piece(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("the server closed the connection within its answer")
    return piece
