"""Another server on loopback, of few words: it answers as it is told, and remembers what it was asked."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Neighbour:
    """A running neighbour: where it is, how it answers, and the headers of each request it got."""

    url: str
    answer: Answer
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


def whole(content: bytes, etag: str = '"1"') -> Answer:
    """Answer with some bytes, whatever was asked for."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        say(request, 200, content, {"ETag": etag, "Content-Type": "text/csv", "Cache-Control": "no-store"})

    return answer


def ranges(content: bytes, etag: str = '"1"') -> Answer:
    """Answer with the range that was asked for."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        first, _, last = request.headers["Range"].removeprefix("bytes=").partition("-")
        part = content[int(first) : int(last or len(content)) + 1]
        told = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
        say(request, 206, part, {"ETag": etag, "Content-Range": told})

    return answer


def file(content: bytes, **headers: str) -> Answer:
    """Answer as a file server does: the whole, or the range that was asked for, or nothing but the headers."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if "Range" not in request.headers:
            say(request, 200, content, told)
            return
        first, _, last = request.headers["Range"].removeprefix("bytes=").partition("-")
        part = content[int(first) : int(last) + 1]
        say(request, 206, part, told | {"Content-Range": f"bytes {first}-{last}/{len(content)}"})

    return answer


def status(code: int, **headers: str) -> Answer:
    """Answer with a status and nothing else."""
    return lambda request: say(request, code, b"", {name.replace("_", "-"): value for name, value in headers.items()})


def say(request: BaseHTTPRequestHandler, code: int, content: bytes, headers: dict[str, str]) -> None:
    """Write an answer."""
    request.send_response(code)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content if request.command != "HEAD" else b"")


def allow_neighbours(endpoint: str, origins: str = "http://127.0.0.1:* https://127.0.0.1:*") -> None:
    """Let the mock server copy from other servers of this machine."""
    httpx.post(f"{endpoint}/_mock/state", json={"settings": {"copy_sources": origins}}).raise_for_status()


@contextmanager
def neighbour(answer: Answer) -> Generator[Neighbour]:
    """Run a neighbour on any free port for as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
            here.answer(self)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so in http.server
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here = Neighbour(f"http://127.0.0.1:{server.server_port}/data?v=1", answer)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()
