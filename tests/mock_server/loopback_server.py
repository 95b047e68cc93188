"""A configurable HTTP server on loopback that records its requests."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class LoopbackServer:
    """A running server: its URL, its response, and the headers of each request it received."""

    url: str
    answer: Answer
    requests: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


def whole(content: bytes, etag: str = '"1"') -> Answer:
    """Respond with the given bytes, whatever was requested."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        send(request, 200, content, {"ETag": etag, "Content-Type": "text/csv", "Cache-Control": "no-store"})

    return answer


def ranges(content: bytes, etag: str = '"1"') -> Answer:
    """Respond with the requested range."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        first, _, last = request.headers["Range"].removeprefix("bytes=").partition("-")
        part = content[int(first) : int(last or len(content)) + 1]
        sent = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
        send(request, 206, part, {"ETag": etag, "Content-Range": sent})

    return answer


def file_server(content: bytes, **headers: str) -> Answer:
    """Respond like a file server: with the whole, the requested range, or only the headers."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if "Range" not in request.headers:
            send(request, 200, content, sent)
            return
        first, _, last = request.headers["Range"].removeprefix("bytes=").partition("-")
        part = content[int(first) : int(last) + 1]
        send(request, 206, part, sent | {"Content-Range": f"bytes {first}-{last}/{len(content)}"})

    return answer


def status(code: int, **headers: str) -> Answer:
    """Respond with a status only."""
    return lambda request: send(request, code, b"", {name.replace("_", "-"): value for name, value in headers.items()})


def send(request: BaseHTTPRequestHandler, code: int, content: bytes, headers: dict[str, str]) -> None:
    """Send a response."""
    request.send_response(code)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content if request.command != "HEAD" else b"")


def allow_loopback_sources(endpoint: str, origins: str = "http://127.0.0.1:* https://127.0.0.1:*") -> None:
    """Allow the mock server to copy from other servers on this machine."""
    httpx.post(f"{endpoint}/_mock/state", json={"settings": {"copy_sources": origins}}).raise_for_status()


@contextmanager
def loopback_server(answer: Answer) -> Generator[LoopbackServer]:
    """Run a server on any free port for the duration of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.requests.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
            here.answer(self)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so in http.server
            """Suppress logging."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here = LoopbackServer(f"http://127.0.0.1:{server.server_port}/data?v=1", answer)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()
