"""What the downloads' tests start from: blobs in the workspace's datastore, in ranges so small that there are many."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from maas_client import TransferProgress
from maas_client.transfers.downloads import ranges as plan
from mock_server.server import Server
from tests.mock_server.driver import Azure

RANGE = 1000
CONTENT = random.Random(5).randbytes(20 * RANGE - 7)
"""Twenty ranges, of which no two are alike."""


@dataclass(frozen=True, slots=True)
class Store:
    """The default datastore, written to by another client: plain requests, on a connection of its own."""

    server: Server
    azure: Azure

    def put(self, path: str, content: bytes = CONTENT, headers: Mapping[str, str] | None = None) -> str:
        """Put a blob in one request, so that the service knows its MD5; return its URI."""
        sent = self.azure.plain.put(
            self.azure.blob_url(path), content=content, headers={"x-ms-blob-type": "BlockBlob", **(headers or {})}
        )
        assert sent.status_code == 201, sent.text
        return f"azureml://datastores/workspaceblobstore/paths/{path}"

    def put_in_blocks(self, path: str, content: bytes = CONTENT) -> str:
        """Put a blob as a list of blocks, so that the service has no hash of it; return its URI."""
        url = self.azure.blob_url(path)
        ids = [base64.b64encode(f"{at:08}".encode()).decode() for at in range(0, len(content), 5 * RANGE)]
        for number, block in enumerate(ids):
            part = content[number * 5 * RANGE : (number + 1) * 5 * RANGE]
            assert self.azure.plain.put(f"{url}&comp=block&blockid={block}", content=part).status_code == 201
        listed = "".join(f"<Latest>{block}</Latest>" for block in ids)
        sent = self.azure.plain.put(f"{url}&comp=blocklist", content=f"<BlockList>{listed}</BlockList>")
        assert sent.status_code == 201, sent.text
        return f"azureml://datastores/workspaceblobstore/paths/{path}"

    def asked(self, operation: str = "blob.get") -> list[str]:
        """The statuses of the requests of one operation."""
        return [str(entry["status"]) for entry in self.server.requests() if entry["operation"] == operation]


@pytest.fixture
def store(maas_server: Server) -> Iterator[Store]:
    """The datastore of the workspace that `maas` works in."""
    azure = Azure(maas_server)
    azure.ws = (
        "/subscriptions/sub-1/resourceGroups/group-1/providers/Microsoft.MachineLearningServices/workspaces/work-1"
    )
    yield Store(maas_server, azure)
    azure.close()


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide blobs into ranges of a thousand bytes."""
    monkeypatch.setattr(plan, "RANGE", RANGE)


@dataclass(slots=True)
class Once:
    """A listener that acts once, when this many bytes have come over the network."""

    sent: int
    act: Callable[[], object]
    done: bool = False

    def __call__(self, progress: TransferProgress) -> None:
        if progress.sent >= self.sent and not self.done:
            self.done = True
            self.act()


def left_in(folder: Path) -> set[str]:
    """The names of all files in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
