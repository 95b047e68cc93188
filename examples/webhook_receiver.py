"""Receive Foundry's webhooks: verify each delivery, take it once, and print what became of the job.

    MAAS_WEBHOOK_SECRET=whsec_… python examples/webhook_receiver.py [PORT]

The secret is what the service showed when the webhook endpoint was added. The server listens on this machine only, on
port 8000 or the one that is given; put it behind a proxy that ends TLS. It ends after Ctrl-C.

Nothing is trusted before it is verified: a body has at most 64 KiB, a client may pause for ten seconds, and a delivery
that was taken already is only acknowledged, since the service sends it again when no answer arrived.
"""

import os
import sys
from collections import deque
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

from maas_client import InvalidInput, InvalidSignature
from maas_client.webhooks import WebhookEvent, verify

LARGEST = 64 << 10
SECONDS = 10.0
REMEMBERED = 1_000


class Receiver(BaseHTTPRequestHandler):
    """Takes one delivery."""

    timeout = SECONDS
    secrets: ClassVar[tuple[str, ...]] = ()
    taken: ClassVar[deque[str]] = deque(maxlen=REMEMBERED)

    def do_POST(self) -> None:
        """Answer 204 to a delivery of the service, and 400 to anything else."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST:
            self.answer(413)
            return
        try:
            event = verify(self.headers, self.rfile.read(int(length)), self.secrets)
        except (InvalidSignature, InvalidInput) as error:
            print(f"refused: {error}", file=sys.stderr)
            self.answer(400)
            return
        if event.delivery_id not in self.taken:
            self.taken.append(event.delivery_id)
            on_event(event)
        self.answer(204)

    def answer(self, status: int) -> None:
        """Answer without a body, and close the connection."""
        self.close_connection = True
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Keep the log to what this program prints."""


def on_event(event: WebhookEvent) -> None:
    """Print what happened; whatever takes long belongs into a queue, for the service waits for the answer."""
    match event.type:
        case "fine_tuning.job.succeeded":
            print(f"{event.job_id} succeeded: `maas deploy {event.job_id}` serves its model", flush=True)
        case "fine_tuning.job.failed":
            print(f"{event.job_id} failed: `maas jobs show {event.job_id}` says why", flush=True)
        case other:
            print(f"{event.job_id}: {other}", flush=True)


def main() -> None:
    """Serve until Ctrl-C. MAAS_WEBHOOK_SECRET may have several secrets with spaces between them, to replace one."""
    Receiver.secrets = tuple(os.environ.get("MAAS_WEBHOOK_SECRET", "").split())
    if not Receiver.secrets:
        sys.exit("set MAAS_WEBHOOK_SECRET to the secret of the webhook endpoint (whsec_…)")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    with HTTPServer(("127.0.0.1", port), Receiver) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped", flush=True)


if __name__ == "__main__":
    main()
