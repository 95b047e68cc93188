"""A receiver of webhooks on loopback."""

import queue
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Received = tuple[dict[str, str], bytes]
SECONDS = 30
"""How long a delivery may take, which is a tenth of a second, before a test fails."""


class Receiver:
    """A server on loopback that keeps what it receives; it answers the statuses given, then 200."""

    def __init__(self) -> None:
        self.received: queue.Queue[Received] = queue.Queue()
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                receiver.received.put(({name.lower(): value for name, value in self.headers.items()}, body))

            def log_request(self, code: object = "-", size: object = "-") -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def next(self) -> Received:
        """Wait for the next delivery."""
        return self.received.get(timeout=SECONDS)

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
