"""The peer's service: a listing of fine-tuning jobs in OpenAI's shape, made once and served as bytes."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def listing(count: int) -> bytes:
    """Write a page of this many jobs."""
    jobs = [_job(number) for number in range(count)]
    return json.dumps({"object": "list", "data": jobs, "has_more": False}).encode()


def _job(number: int) -> dict[str, Any]:
    return {
        "object": "fine_tuning.job",
        "id": f"ftjob-{number:024d}",
        "model": "gpt-4o-mini-2024-07-18",
        "created_at": 1_721_764_800 + number,
        "finished_at": 1_721_768_400 + number,
        "fine_tuned_model": f"ft:gpt-4o-mini-2024-07-18:bench::{number:08d}",
        "organization_id": "org-bench",
        "result_files": [],
        "status": "succeeded",
        "validation_file": None,
        "training_file": "file-bench",
        "hyperparameters": {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": 1.0},
        "trained_tokens": 16539,
        "error": None,
        "seed": 0,
        "estimated_finish": None,
        "integrations": [],
    }


@contextmanager
def serve_listing(count: int) -> Generator[str]:
    """Serve the listing on any free port for as long as the block; the value is the API's base URL."""
    body = listing(count)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name that http.server gives
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.server_port}/v1"
        finally:
            listener.shutdown()
            thread.join()
