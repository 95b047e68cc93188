"""Whatever an account answers about files and uploads, a call ends with a value or one of our errors."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from support import FakeService, collect

from maas_client.azure.credentials import Tokens, default_credential
from maas_client.azure.settings import Settings
from maas_client.core.values import Value
from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import MaasError
from maas_client.foundry import file_processing, files_backend, large_uploads
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.files_backend import FoundryFiles
from maas_client.foundry.settings import resolve_foundry
from maas_client.http.channel import Channel
from maas_client.transfers.uploads.journal import own_journal
from maas_client.wire import Wire
from tests.promises.test_hostile_answers import DRIVING, WRONG, paths, with_value

CONTENT = b'{"a": 1}\n' * 12
FILE: dict[str, Any] = {
    "id": "file-1",
    "object": "file",
    "bytes": len(CONTENT),
    "created_at": 1_765_377_614,
    "filename": "train.jsonl",
    "purpose": "fine-tune",
    "status": "processed",
    "error": {"code": "c", "message": "m"},
}
UPLOAD: dict[str, Any] = {"id": "upload_1", "status": "pending", "expires_at": 1 << 32, "file": FILE}
DOCUMENTS: dict[tuple[str, str], Any] = {
    ("GET", "/files"): {"object": "list", "data": [FILE], "has_more": False},
    ("POST", "/files"): FILE,
    ("GET", "/files/file-1"): FILE,
    ("DELETE", "/files/file-1"): {"object": "file", "id": "file-1", "deleted": True},
    ("POST", "/uploads"): UPLOAD,
    ("POST", "/parts"): {"id": "uplprt-1", "object": "upload.part"},
    ("POST", "/complete"): {**UPLOAD, "status": "completed"},
    ("POST", "/cancel"): {**UPLOAD, "status": "cancelled"},
}
Call = Callable[[AsyncDatasets, Path], Awaitable[Sequence[Value]]]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a minute, of which each poll of the clock takes seconds."""
    monkeypatch.setattr(file_processing, "TIMEOUT", 60.0)


async def upload(datasets: AsyncDatasets, folder: Path) -> Sequence[Value]:
    file = folder / "new.jsonl"
    file.write_bytes(CONTENT)
    return [await datasets.upload(file, check=False)]


async def read(datasets: AsyncDatasets, _: Path) -> Sequence[Value]:
    return [await datasets.get("file-1"), *await collect(datasets.list())]


async def delete(datasets: AsyncDatasets, _: Path) -> Sequence[Value]:
    return [await datasets.delete("file-1")]


async def download(datasets: AsyncDatasets, folder: Path) -> Sequence[Value]:
    await datasets.download("file-1", folder / "out" / "file", overwrite=True)
    return []


CALLS: dict[str, tuple[Call, tuple[str, str], bool]] = {
    "a list before an upload": (upload, ("GET", "/files"), False),
    "a new file": (upload, ("POST", "/files"), False),
    "a list": (read, ("GET", "/files"), False),
    "a file": (read, ("GET", "/files/file-1"), False),
    "a file to delete": (delete, ("GET", "/files/file-1"), False),
    "a deletion": (delete, ("DELETE", "/files/file-1"), False),
    "a file to download": (download, ("GET", "/files/file-1"), False),
    "a new upload": (upload, ("POST", "/uploads"), True),
    "a part": (upload, ("POST", "/parts"), True),
    "a completed upload": (upload, ("POST", "/complete"), True),
}


def answers(key: tuple[str, str], document: Any) -> Callable[[httpx.Request], httpx.Response]:
    """An account that answers one kind of request with this document, and the others as it should."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/content"):
            return httpx.Response(200, content=CONTENT)
        known = next(
            (each for each in DOCUMENTS if each[0] == request.method and request.url.path.endswith(each[1])), None
        )
        if known is None:
            return httpx.Response(404, json={"error": {"code": "notFound"}})
        return httpx.Response(200, content=json.dumps(document if known == key else DOCUMENTS[known]).encode())

    return answer


@pytest.mark.parametrize("what", CALLS)
async def test_a_wrong_value_about_files_ends_a_call_well(
    what: str, wire: Wire, service: FakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, key, is_large = CALLS[what]
    if is_large:
        monkeypatch.setattr(files_backend, "LARGEST_FILE", 50)
        monkeypatch.setattr(large_uploads, "PART", 50)
    account = resolve_foundry(foundry_endpoint="http://127.0.0.1:9", environ={})
    settings = Settings("s", "g", "w", endpoint="http://127.0.0.1:9")
    connection = FoundryConnection(
        Channel(wire, account.trust), account, Tokens(wire, lambda: default_credential(settings))
    )
    shown: list[str] = []
    for place in paths(DOCUMENTS[key]):
        for value in Random(f"{what} {place}").sample(WRONG, 6):
            service.answer = answers(key, with_value(DOCUMENTS[key], place, value))
            try:
                found = await call(AsyncDatasets(FoundryFiles(connection)), tmp_path)
                shown += [repr(each) + each.to_json() for each in found]
            except MaasError as error:
                shown.append(str(error))
            for entry in own_journal().entries():
                own_journal().forget(Path(entry.file), entry.workspace)
    assert shown or call is download
    assert not any(set(each) & set(DRIVING) for each in shown)
    assert {file.name for file in tmp_path.iterdir()} <= {"new.jsonl", "out"}
