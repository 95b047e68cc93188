"""Downloads of Foundry's files on both wires: streamed, resumed, verified by the hash in the name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from support import FakeService

from maas_client import InvalidInput, NotFound, TransferProgress
from maas_client.azure.credentials import Tokens, default_credential
from maas_client.azure.settings import Settings
from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import ReplyLost, UnexpectedReply
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.files_backend import FoundryFiles
from maas_client.foundry.settings import resolve_foundry
from maas_client.http.channel import Channel
from maas_client.transfers.downloads import ranges
from maas_client.transfers.downloads.safe_paths import part_beside
from maas_client.wire import Wire
from mock_server.server import Server

RANGE = 1000
CONTENT = os.urandom(10 * RANGE + 5)
DIGEST = hashlib.sha256(CONTENT).hexdigest()[:32]
CHUNK = 500


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a thousand bytes at a time, and write them as they come."""
    monkeypatch.setattr(ranges, "RANGE", RANGE)
    monkeypatch.setattr("maas_client.foundry.file_download.WRITE_SIZE", CHUNK)
    monkeypatch.setattr("maas_client.foundry.file_download.LEAST_PROGRESS", RANGE)


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that may break off."""

    def __init__(self, content: bytes, cut: int | None) -> None:
        self.content, self.cut = content, cut

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), CHUNK):
            if self.cut is not None and start >= self.cut:
                raise httpx.ReadError("cut")
            yield self.content[start : start + CHUNK]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


@dataclass
class Account:
    """An account with one file, whose content breaks off after `cuts` bytes of each response, while there are any."""

    content: bytes = CONTENT
    filename: str = f"train.{DIGEST}.jsonl"
    honours_ranges: bool = True
    cuts: list[int] = field(default_factory=list[int])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    ranges: list[str] = field(default_factory=list[str])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/content"):
            body = {"id": "file-1", "filename": self.filename, "bytes": len(CONTENT), "created_at": 1_700_000_000}
            return httpx.Response(200, json={**body, "status": "processed", "purpose": "fine-tune"})
        assert request.headers["accept-encoding"] == "identity"
        asked = request.headers.get("range", "")
        self.ranges.append(asked)
        cut = self.cuts.pop(0) if self.cuts else None
        if not (asked and self.honours_ranges):
            return httpx.Response(200, headers=self.headers, stream=Stream(self.content, cut))
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        headers = {"Content-Range": f"bytes {start}-{len(self.content) - 1}/{len(self.content)}", **self.headers}
        return httpx.Response(206, headers=headers, stream=Stream(self.content[start:], cut))


@pytest.fixture
def stored(service: FakeService) -> Account:
    """The account at the other end of the wire."""
    account = Account()
    service.answer = account
    return account


@pytest.fixture
def datasets(wire: Wire) -> AsyncDatasets:
    """The datasets of an account on loopback."""
    account = resolve_foundry(foundry_endpoint="http://127.0.0.1:1", environ={})
    settings = Settings("s", "g", "w", endpoint="http://127.0.0.1:1")
    tokens = Tokens(wire, lambda: default_credential(settings))
    return AsyncDatasets(FoundryFiles(FoundryConnection(Channel(wire, account.trust), account, tokens)))


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_an_uploaded_file_comes_back(
    files: AsyncDatasets, rows: Path, tmp_path: Path, maas_server: Server
) -> None:
    dataset = await files.upload(rows)
    seen, folder = list[TransferProgress](), tmp_path / "new"
    found = await files.download("train@latest", f"{folder}/", on_progress=seen.append)
    (file,) = found.files
    assert file.path.read_bytes() == rows.read_bytes()
    assert (file.name, file.proof, file.fetched) == (f"train.{dataset.version}.jsonl", "sha256", dataset.size)
    assert (seen[-1].sent, seen[-1].total) == (dataset.size, dataset.size)
    assert left_in(folder) == {file.name}
    before = len(maas_server.requests())
    assert (await files.download(dataset, file.path)).fetched == 0
    assert [each["operation"] for each in maas_server.requests()[before:]] == ["foundry.files.get"]


async def test_other_content_is_not_replaced_unasked(files: AsyncDatasets, rows: Path, tmp_path: Path) -> None:
    dataset, out = await files.upload(rows), tmp_path / "out.jsonl"
    out.write_text("mine")
    with pytest.raises(InvalidInput, match="already exists"):
        await files.download(dataset, out)
    assert out.read_text() == "mine"
    await files.download(dataset, out, overwrite=True)
    assert out.read_bytes() == rows.read_bytes()


async def test_a_missing_file_is_not_found(files: AsyncDatasets, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there are none"):
        await files.download("nothing", tmp_path / "out")
    with pytest.raises(InvalidInput, match="does not name a dataset"):
        await files.download("azureml://datastores/a/paths/b", tmp_path / "out")


@pytest.mark.parametrize("honours_ranges", [True, False], ids=["with ranges", "without"])
async def test_an_interrupted_response_is_continued(
    datasets: AsyncDatasets, stored: Account, tmp_path: Path, honours_ranges: bool
) -> None:
    stored.honours_ranges, stored.cuts = honours_ranges, [3 * CHUNK, 9 * CHUNK]
    found = await datasets.download("file-1", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CONTENT
    assert (found.fetched, left_in(tmp_path)) == (len(CONTENT), {"out"})
    assert stored.ranges == ["", f"bytes={3 * CHUNK}-", f"bytes={(12 if honours_ranges else 9) * CHUNK}-"]


@pytest.mark.parametrize("honours_ranges", [True, False], ids=["with ranges", "without"])
async def test_another_call_resumes_at_the_last_whole_range(
    datasets: AsyncDatasets, stored: Account, tmp_path: Path, honours_ranges: bool
) -> None:
    stored.cuts = [7 * CHUNK] + [0] * 9
    with pytest.raises(ReplyLost):
        await datasets.download("file-1", tmp_path / "out")
    assert left_in(tmp_path) == {".out.part", ".out.part.jsonl"}
    stored.cuts, stored.honours_ranges = [], honours_ranges
    seen = list[TransferProgress]()
    found = await datasets.download("file-1", tmp_path / "out", on_progress=seen.append)
    assert (stored.ranges[-1], found.fetched) == (f"bytes={3 * RANGE}-", len(CONTENT) - 3 * RANGE)
    assert (seen[-1].resumed, seen[-1].done) == (3 * RANGE, len(CONTENT))
    assert ((tmp_path / "out").read_bytes(), left_in(tmp_path)) == (CONTENT, {"out"})


async def test_a_damaged_part_is_not_used(datasets: AsyncDatasets, stored: Account, tmp_path: Path) -> None:
    stored.cuts = [7 * CHUNK] + [0] * 9
    with pytest.raises(ReplyLost):
        await datasets.download("file-1", tmp_path / "out")
    with part_beside(tmp_path / "out").open("r+b") as part:
        part.seek(RANGE + 1)
        part.write(b"\0\0\0")
    stored.cuts = []
    await datasets.download("file-1", tmp_path / "out")
    assert (stored.ranges[-1], (tmp_path / "out").read_bytes()) == (f"bytes={RANGE}-", CONTENT)


async def test_content_that_its_name_denies_is_refused(
    datasets: AsyncDatasets, stored: Account, tmp_path: Path
) -> None:
    stored.content = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with pytest.raises(UnexpectedReply, match="the content has another"):
        await datasets.download("file-1", tmp_path / "out")
    assert left_in(tmp_path) == set()


@pytest.mark.parametrize(
    ("content", "headers", "why"),
    [
        (CONTENT + b"x", {}, "more than"),
        (CONTENT, {"Content-Encoding": "br"}, "encoded as"),
        (CONTENT, {"Content-Length": "7"}, "it has 7 bytes"),
    ],
)
async def test_a_response_of_another_content_is_refused(
    datasets: AsyncDatasets, stored: Account, tmp_path: Path, content: bytes, headers: dict[str, str], why: str
) -> None:
    stored.content, stored.headers = content, headers
    with pytest.raises(UnexpectedReply, match=why):
        await datasets.download("file-1", tmp_path / "out")
    assert "out" not in left_in(tmp_path)


async def test_another_range_than_requested_is_refused(
    datasets: AsyncDatasets, stored: Account, tmp_path: Path
) -> None:
    stored.cuts, stored.headers = [3 * CHUNK], {"Content-Range": "bytes 0-9/10005"}
    with pytest.raises(UnexpectedReply, match="requested the bytes from 1500 of 10005, got"):
        await datasets.download("file-1", tmp_path / "out")


async def test_a_name_that_leads_elsewhere_is_refused(datasets: AsyncDatasets, stored: Account, tmp_path: Path) -> None:
    stored.filename = "../../evil"
    with pytest.raises(UnexpectedReply, match="cannot be used as a local file name"):
        await datasets.download("file-1", tmp_path)
    assert stored.ranges == []


async def test_a_file_of_another_client_is_known_by_its_size(
    datasets: AsyncDatasets, stored: Account, tmp_path: Path
) -> None:
    stored.filename = "results.csv"
    found = await datasets.download("file-1", tmp_path)
    assert (found.files[0].proof, found.files[0].name) == ("size", "results.csv")
    assert (await datasets.download("file-1", tmp_path)).fetched == 0
    assert len(stored.ranges) == 1
