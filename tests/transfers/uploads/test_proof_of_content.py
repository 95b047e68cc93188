"""What is committed under a content's hash is that content: whenever the file changes, and whatever a blob claims."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from support import Clock, FakeService

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.errors import FileChanged
from maas_client.transfers.azureml_layout import SALT
from maas_client.transfers.uploads import blocks as plan
from maas_client.wire import AsyncWire, BlockingWire, Wire
from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.promises.credentials import NewTokens
from tests.transfers.uploads.seen import asked, path_of, stored

STAGES = 14
"""More requests than any of these uploads sends."""


class Storage:
    """A workspace whose storage keeps what it is sent, and does something before it answers a request."""

    def __init__(self, stage: int, file: Path) -> None:
        self.stage, self.file = stage, file
        self.requests = 0
        self.blocks: dict[str, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self.lists: dict[str, list[tuple[str, int]]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if self.requests == self.stage:
            rewrite(self.file)
        path, query = urlsplit(str(request.url)).path, parse_qs(urlsplit(str(request.url)).query)
        if path.startswith("/subscriptions/") and path.endswith("/listSecrets"):
            return httpx.Response(200, json={"sasToken": "sv=1&se=2099-01-01T00:00:00Z&sig=x"})
        if "/datastores/" in path:
            place = {"accountName": "127.0.0.1:1/acct", "containerName": "c", "protocol": "http", "endpoint": "x"}
            return httpx.Response(200, json={"properties": {**place, "credentials": {"credentialsType": "Sas"}}})
        if path.startswith("/subscriptions/"):
            return httpx.Response(404) if request.method == "GET" else httpx.Response(201, json={"name": "1"})
        if query.get("blocklisttype") == ["committed"] and path in self.lists:
            each = "".join(f"<Block><Name>{name}</Name><Size>{size}</Size></Block>" for name, size in self.lists[path])
            return httpx.Response(200, content=f"<BlockList>{each}</BlockList>".encode())
        if request.method != "PUT":
            return httpx.Response(404)
        if query.get("comp") == ["block"]:
            self.blocks[query["blockid"][0]] = request.content
        elif query.get("comp") == ["blocklist"]:
            ids = re.findall(r"<Latest>([^<]+)</Latest>", request.content.decode())
            self.blobs[path] = b"".join(self.blocks[each] for each in ids)
            self.lists[path] = [(each, len(self.blocks[each])) for each in ids]
        else:
            self.blobs[path] = request.content
        return httpx.Response(201)


def rewrite(file: Path) -> None:
    """Write other bytes, as many, with the time set back; the file system's clock ticks every few milliseconds."""
    before = file.stat()
    other = bytes(byte ^ 1 for byte in file.read_bytes())
    while file.stat().st_ctime_ns == before.st_ctime_ns:
        file.write_bytes(other)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("checksums", [True, False])
@pytest.mark.parametrize("size", [1000, 2500], ids=["one request", "blocks"])
@pytest.mark.parametrize("stage", range(1, STAGES))
async def test_no_other_content_is_committed_whenever_a_file_changes(
    wire: Wire,
    service: FakeService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    checksums: bool,
    size: int,
    stage: int,
) -> None:
    monkeypatch.setattr(plan, "BLOCK", 1000)
    file = tmp_path / "rows.jsonl"
    file.write_bytes(os.urandom(size))
    storage = Storage(stage, file)
    service.answer = storage
    maas = Resources(wire, Settings("s", "g", "w", endpoint="http://127.0.0.1:1"), None)
    try:
        await maas.datasets.upload(file, check=False, checksums=checksums)
    except FileChanged:
        assert storage.blobs == {}
    for path, content in storage.blobs.items():
        assert hashlib.sha256(SALT + content).hexdigest() in path


@pytest.mark.parametrize("there", [b"", b"another size", None], ids=["empty", "shorter", "other bytes"])
async def test_a_blob_that_is_not_the_content_is_replaced(
    maas: Resources, maas_server: Server, azure: Azure, tmp_path: Path, there: bytes | None
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"0123456789" * 10)
    content = bytes(reversed(file.read_bytes())) if there is None else there
    headers = {"x-ms-blob-type": "BlockBlob", "x-ms-meta-upload_status": "completed"}
    assert azure.plain.put(azure.blob_url(path_of(file)), content=content, headers=headers).status_code == 201
    dataset = await maas.datasets.upload(file, check=False)
    assert stored(azure, dataset) == file.read_bytes()
    assert dataset.bytes_sent == 100
    assert len(asked(maas_server, "blob.put")) == 2


def wire_with(kind: str, clock: Clock, *, ahead: float) -> AsyncWire | BlockingWire:
    """A wire of a machine whose clock is wrong by this many seconds."""

    def now() -> float:
        return clock.now() + ahead

    courier = BlockingWire(sleep=clock.sleep, now=now, clock=clock.now)
    return courier if kind == "blocking" else AsyncWire(courier=courier, sleep=clock.asleep, now=now, clock=clock.now)


@pytest.mark.parametrize("ahead", [7200.0, -7200.0])
async def test_a_wrong_clock_costs_no_requests(
    kind: str, clock: Clock, maas_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    monkeypatch.setattr(plan, "BLOCK", 1000)
    file = tmp_path / "rows.jsonl"
    file.write_bytes(os.urandom(20_000))
    clock.time = maas_server.now()
    wire, tokens = wire_with(kind, clock, ahead=ahead), NewTokens(clock)
    maas = Resources(wire, Settings("s", "g", "w", endpoint=maas_server.endpoint), tokens)
    await maas.datasets.upload(file, check=False)
    assert len(asked(maas_server, "datastores.list_secrets")) == 1
    assert len(asked(maas_server, "datastores.get")) == 1
    assert tokens.given == 1
    ended = wire.close()
    if ended is not None:
        await ended
