"""What became of an upload, seen from the server."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from maas_client import Dataset, TransferProgress
from maas_client.transfers.azureml_layout import SALT
from maas_client.transfers.uploads.blocks import Block
from mock_server.server import Server
from tests.mock_server.driver import Azure

Entry = dict[str, Any]  # Any: the server's journal is JSON


class At:
    """Does something once, when an upload has come so far; `seen` is every progress that was reported."""

    def __init__(self, done: int, act: Callable[[], object]) -> None:
        self._done, self._acts = done, [act]
        self.seen: list[TransferProgress] = []

    def __call__(self, progress: TransferProgress) -> None:
        self.seen.append(progress)
        while self._acts and progress.done >= self._done:
            self._acts.pop()()


def path_of(file: Path) -> str:
    """Give the path of the blob that a file becomes."""
    return f"LocalUpload/{hashlib.sha256(SALT + file.read_bytes()).hexdigest()}/{file.name}"


def asked(server: Server, operation: str) -> list[Entry]:
    """Give the requests for an operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


def blocks(server: Server) -> list[Entry]:
    """Give the requests that carried a block."""
    return asked(server, "blob.put_block")


def received(server: Server) -> int:
    """Give the bytes that came in blocks, whatever became of them."""
    return sum(entry["request_bytes"] for entry in blocks(server))


def committed(azure: Azure) -> dict[str, bytes]:
    """Give every blob that there is, by its path in the container."""
    state = azure.http.get("/_mock/state").json()
    return {blob["name"]: base64.b64decode(blob["content"]) for blob in state["blobs"]}


def staged(azure: Azure) -> int:
    """Give the bytes that are staged and not committed."""
    state = azure.http.get("/_mock/state").json()
    return sum(len(base64.b64decode(block["content"])) for block in state["blocks"])


def stored(azure: Azure, dataset: Dataset) -> bytes:
    """Give the bytes that a data asset names."""
    return committed(azure)[dataset.uri.partition("/paths/")[2]]


def remembered(state_home: Path) -> list[Entry]:
    """Give what is remembered of uploads under way."""
    return [json.loads(entry.read_text("utf-8")) for entry in state_home.rglob("*.json")]


def pattern_of(file: Path, number: int, size: int) -> str:
    """Give a fault rule's path that matches the requests with one block of a file."""
    piece = file.read_bytes()[number * size : (number + 1) * size]
    block = Block(number, number * size, len(piece), hashlib.md5(piece).digest())
    return f"blockid={quote(block.id, safe='').replace('+', '.')}"
