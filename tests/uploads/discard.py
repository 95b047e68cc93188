"""A blob service that keeps nothing but the count of the bytes it was sent; run as a program it prints its address."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CHUNK = 1 << 20


class Discard(ThreadingHTTPServer):
    """The service. A blob is there once its block list was sent, and is as large as its blocks were."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.taken: list[int] = []
        self.is_committed = False


class Answer(BaseHTTPRequestHandler):
    """The answers on one connection."""

    protocol_version = "HTTP/1.1"
    rbufsize = 1 << 16

    def do_HEAD(self) -> None:
        """Tell the size of what was committed."""
        service = self._service()
        self._answer(200 if service.is_committed else 404, sum(service.taken) if service.is_committed else 0)

    def do_GET(self) -> None:
        """Give an empty block list."""
        body = b"<BlockList/>"
        self._answer(200, len(body))
        self.wfile.write(body)

    def do_PUT(self) -> None:
        """Take a block, and forget it; or a block list."""
        service, buffer = self._service(), memoryview(bytearray(CHUNK))
        size = left = int(self.headers["Content-Length"])
        while left:
            left -= self.rfile.readinto(buffer[:left])
        service.is_committed = "comp=blocklist" in self.path
        service.taken.append(0 if service.is_committed else size)
        self._answer(201, 0)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        """Say nothing."""

    def _service(self) -> Discard:
        assert isinstance(self.server, Discard)
        return self.server

    def _answer(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()


@contextmanager
def discarding() -> Generator[str]:
    """Run the service in a process of its own for as long as the block; gives its address."""
    command = [sys.executable, "-m", "tests.uploads.discard"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def _run() -> None:
    with Discard() as service:
        print(f"http://127.0.0.1:{service.server_address[1]}", flush=True)
        service.serve_forever()


if __name__ == "__main__":
    _run()
