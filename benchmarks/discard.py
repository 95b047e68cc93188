"""A blob service and a Foundry account that keep no byte: they count them, and take in as fast as sockets give.

`python -m benchmarks.discard` prints its address. A blob is there once its block list, or the blob at once, was sent.
The account has no files, and processes each at once.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

CHUNK = 1 << 20

_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")
_EXPECTS = re.compile(rb"(?im)^expect: *100-continue")
_LATEST = re.compile(r"<(?:Latest|Uncommitted)>([^<]+)<")


@dataclass(slots=True)
class Blob:
    """What came of a blob: its staged blocks' sizes, in bytes, and which of them it consists of, once it is there."""

    staged: dict[str, int] = field(default_factory=dict[str, int])
    committed: Sequence[str] | None = None

    def blocks(self, *, committed: bool) -> str:
        """Give the block list."""
        ids = self.committed or () if committed else ()
        listed = "".join(f"<Block><Name>{each}</Name><Size>{self.staged[each]}</Size></Block>" for each in ids)
        return f"<BlockList>{listed}</BlockList>"


class Discard:
    """The service: a thread for each connection."""

    def __init__(self, certificate: str = "") -> None:
        self._blobs: dict[str, Blob] = {}
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._socket.getsockname()[1]}"

    def run(self) -> None:
        """Serve for ever."""
        while True:
            connection, _ = self._socket.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Answer the requests on one connection."""
        connection = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
        buffer = memoryview(bytearray(CHUNK))
        came = b""
        with connection:
            while True:
                head, came = _head(connection, came)
                if not head:
                    return
                method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
                found = _LENGTH.search(head)
                size = int(found[1]) if found else 0
                if _EXPECTS.search(head):
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                keeps = "comp=blocklist" in target
                body, came = came[:size], came[size:]
                left = size - len(body)
                while left:
                    count = connection.recv_into(buffer, min(left, CHUNK))
                    if not count:
                        return
                    left -= count
                    body += bytes(buffer[:count]) if keeps else b""
                connection.sendall(self._answer(method, target, size, body.decode() if keeps else ""))

    def _answer(self, method: str, target: str, size: int, body: str) -> bytes:
        address = urlsplit(target)
        if "/openai/" in address.path:
            return _account(method, address.path)
        query = parse_qs(address.query)
        blob = self._blobs.setdefault(address.path, Blob())
        match method, query.get("comp"):
            case "PUT", ["block"]:
                blob.staged[query["blockid"][0]] = size
            case "PUT", ["blocklist"]:
                blob.committed = _LATEST.findall(body)
            case "PUT", _:
                blob.staged, blob.committed = {"": size}, [""]
            case "GET", _:
                return _answer(200, blob.blocks(committed=query.get("blocklisttype") == ["committed"]).encode())
            case _:
                length = None if blob.committed is None else sum(blob.staged[each] for each in blob.committed)
                return _answer(404, code="BlobNotFound") if length is None else _answer(200, length=length)
        return _answer(201)


def _head(connection: socket.socket, came: bytes) -> tuple[bytes, bytes]:
    """Receive the head of a request; give it, and what came after it. Nothing when the other side has gone."""
    while b"\r\n\r\n" not in came:
        piece = connection.recv(1 << 16)
        if not piece:
            return b"", b""
        came += piece
    head, _, rest = came.partition(b"\r\n\r\n")
    return head, rest


def _account(method: str, path: str) -> bytes:
    """Answer a request to the Foundry account."""
    file = {
        "id": "file-1",
        "object": "file",
        "status": "processed",
        "purpose": "fine-tune",
        "filename": "a",
        "bytes": 1,
    }
    upload = {"id": "upload_1", "object": "upload", "status": "pending", "expires_at": 1 << 32, "file": None}
    document: object = file
    if method == "GET":
        document = {"object": "list", "data": [], "has_more": False}
    elif path.endswith("/uploads"):
        document = upload
    elif path.endswith("/parts"):
        document = {"id": "uplprt-1", "object": "upload.part", "upload_id": "upload_1"}
    elif path.endswith("/complete"):
        document = {**upload, "status": "completed", "file": file}
    return _answer(200, json.dumps(document).encode())


def _answer(status: int, body: bytes = b"", *, length: int | None = None, code: str = "") -> bytes:
    head = [
        f"HTTP/1.1 {status} OK",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if length is None else length}",
        'ETag: "1"',
        "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",
        "x-ms-request-id: 1",
        "x-ms-version: 2023-11-03",
        *([f"x-ms-error-code: {code}"] if code else []),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


@contextmanager
def discarding(certificate: Path | None = None) -> Generator[str]:
    """Run the service in a process of its own for as long as the block; gives its address.

    With a certificate it speaks TLS.
    """
    command = [sys.executable, "-m", "benchmarks.discard", *([str(certificate)] if certificate else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def main() -> None:
    """Say where it is, and serve."""
    service = Discard(*sys.argv[1:])
    print(service.address, flush=True)
    service.run()


if __name__ == "__main__":
    main()
