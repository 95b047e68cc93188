"""A Hugging Face hub on this machine: as much of its protocol as reading a model's repository takes.

Programs find it by HF_ENDPOINT, so what they run names a model by its id on the real hub (huggingface_hub 2.4.0
`hf_api.py` and `file_download.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

REVISION = "0123456789abcdef" * 2 + "01234567"


class SmallHub:
    """A hub with the models of some folders, by their ids."""

    def __init__(self, models: Mapping[str, Path]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(models))

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(models: Mapping[str, Path]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name that http.server calls
            self._answer()

        def do_HEAD(self) -> None:  # the name that http.server calls
            self._answer()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in the class above
            pass

        def _answer(self) -> None:
            status, content, headers = _response(models, self.path.partition("?")[0].strip("/"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

    return Handler


def _response(models: Mapping[str, Path], path: str) -> tuple[int, bytes, Mapping[str, str]]:
    """Return status, content and headers for a path of the hub."""
    for hub_id, folder in models.items():
        about, files = f"api/models/{hub_id}", sorted(folder.iterdir())
        if path.startswith(f"{about}/tree/"):
            return _json([_entry(file) for file in files])
        if path == about or path.startswith(f"{about}/revision/"):
            names = [{"rfilename": file.name} for file in files]
            return _json({"id": hub_id, "sha": REVISION, "private": False, "tags": [], "siblings": names})
        if path.startswith(f"{hub_id}/resolve/"):
            file = folder / path.removeprefix(f"{hub_id}/resolve/").partition("/")[2]
            if file not in files:
                return 404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": REVISION}
            content = file.read_bytes()
            return 200, content, {"ETag": f'"{_digest(content)}"', "X-Repo-Commit": REVISION}
    return 404, b"", {"X-Error-Code": "RepoNotFound"}


def _entry(file: Path) -> Mapping[str, object]:
    return {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": _digest(file.read_bytes())}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(document: object) -> tuple[int, bytes, Mapping[str, str]]:
    return 200, json.dumps(document).encode(), {"Content-Type": "application/json"}
