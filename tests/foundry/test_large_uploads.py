"""Large files on both wires: in parts, resumed from what was sent, one file under lost replies, canceled if refused."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from maas_client import DatasetRefused, FileChanged, InvalidInput, TransferProgress
from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import BadRequest, ServiceUnavailable
from maas_client.foundry import files_backend, large_uploads
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.files_backend import FoundryFiles
from maas_client.transfers.uploads.journal import own_journal
from maas_client.transfers.uploads.options import Inspection, Options
from mock_server.server import Server

PART = 1000
ROW = '{{"messages": [{{"role": "user", "content": "{0}"}}, {{"role": "assistant", "content": "{0}"}}]}}\n'


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send files of more than 1,000 bytes in parts of 1,000."""
    monkeypatch.setattr(large_uploads, "PART", PART)
    monkeypatch.setattr(files_backend, "LARGEST_FILE", PART)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A training file of eight parts."""
    path = tmp_path / "large.jsonl"
    path.write_text("".join(ROW.format(f"number {n:05}") for n in range(70)), "utf-8")
    assert 7 * PART < path.stat().st_size < 8 * PART
    return path


def asked(server: Server, operation: str) -> list[dict[str, Any]]:
    return [each for each in server.requests() if each["operation"] == f"foundry.uploads.{operation}"]


async def ids(files: AsyncDatasets) -> list[str]:
    return [dataset.id async for dataset in files.list()]


async def content(files: AsyncDatasets, tmp_path: Path, reference: str) -> bytes:
    found = await files.download(reference, tmp_path / "downloaded")
    return found.path.read_bytes()


async def interrupted(files: AsyncDatasets, server: Server, file: Path, *, parts: int = 3) -> None:
    """Leave an upload of which some parts were sent."""
    server.fault(operation="foundry.uploads.part", status=400, skip=parts, count=None)
    with pytest.raises(BadRequest):
        await files.upload(file, parallel=1)
    server.faults_clear()


async def test_a_large_file_is_sent_in_parts(
    files: AsyncDatasets, file: Path, tmp_path: Path, maas_server: Server
) -> None:
    seen = list[TransferProgress]()
    dataset = await files.upload(file, on_progress=seen.append)
    size = file.stat().st_size
    assert (dataset.name, dataset.version) == ("large", hashlib.sha256(file.read_bytes()).hexdigest()[:32])
    assert (dataset.status, dataset.size, dataset.bytes_sent) == ("processed", size, size)
    assert (seen[-1].sent, seen[-1].total, len(seen)) == (size, size, 8)
    assert (len(asked(maas_server, "part")), len(asked(maas_server, "complete"))) == (8, 1)
    assert await content(files, tmp_path, "large") == file.read_bytes()
    assert list(own_journal().entries()) == []
    assert all("/openai/uploads" in each["url"] for each in asked(maas_server, "part"))


async def test_progress_is_reported_within_a_part(
    files: AsyncDatasets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_uploads, "PART", 8 << 20)
    file, seen = tmp_path / "large.jsonl", list[TransferProgress]()
    file.write_bytes(b"x" * (20 << 20))
    await files.upload(file, on_progress=seen.append, check=False)
    sent = [progress.sent for progress in seen if not progress.read]
    assert sent == sorted(sent)
    assert (sent[-1], len(sent) > 6) == (20 << 20, True)


async def test_the_same_large_content_is_sent_once(files: AsyncDatasets, file: Path, maas_server: Server) -> None:
    first = await files.upload(file)
    again = await files.upload(file)
    assert (again.id, again.bytes_sent, len(asked(maas_server, "create"))) == (first.id, 0, 1)


async def test_an_interrupted_upload_sends_the_rest(files: AsyncDatasets, file: Path, maas_server: Server) -> None:
    await interrupted(files, maas_server, file)
    (entry,) = own_journal().entries()
    assert (entry.file, entry.blob.startswith("large."), len(entry.parts)) == (str(file), True, 3)
    seen = list[TransferProgress]()
    dataset = await files.upload(file, on_progress=seen.append)
    assert (dataset.bytes_resumed, dataset.bytes_sent) == (3 * PART, file.stat().st_size - 3 * PART)
    assert seen[-1].resumed == 3 * PART
    assert len(asked(maas_server, "create")) == 1
    assert list(own_journal().entries()) == []


async def test_an_upload_that_expired_is_begun_again(
    files: AsyncDatasets, file: Path, tmp_path: Path, maas_server: Server
) -> None:
    await interrupted(files, maas_server, file)
    await files._wire.sleep(3 * 3600)  # pyright: ignore[reportPrivateUsage] -- the clock of both
    before = len(asked(maas_server, "part"))
    dataset = await files.upload(file)
    assert (dataset.bytes_resumed, len(asked(maas_server, "create"))) == (0, 2)
    assert {each["status"] for each in asked(maas_server, "part")[before:]} == {200}
    assert await content(files, tmp_path, "large") == file.read_bytes()


async def test_an_upload_the_service_forgot_is_begun_again(
    files: AsyncDatasets, file: Path, maas_server: Server
) -> None:
    await interrupted(files, maas_server, file)
    maas_server.fault(operation="foundry.uploads.part", status=404)
    dataset = await files.upload(file, parallel=1)
    assert (dataset.bytes_resumed, dataset.bytes_sent, len(await ids(files))) == (0, file.stat().st_size, 1)


@pytest.mark.parametrize("operation", ["create", "part", "complete"])
@pytest.mark.parametrize(
    "fault",
    [{"drop": "after"}, {"drop": "before"}, {"drop": "headers"}, {"truncate": 20}, {"status": 500}, {"status": 503}],
    ids=str,
)
async def test_a_lost_reply_makes_no_second_large_file(
    files: AsyncDatasets, file: Path, tmp_path: Path, maas_server: Server, operation: str, fault: dict[str, Any]
) -> None:
    maas_server.fault(operation=f"foundry.uploads.{operation}", **fault)
    try:
        dataset = await files.upload(file)
    except Exception:
        if "truncate" not in fault:
            raise
        dataset = await files.upload(file)  # a response that is no JSON is not asked for again
    assert await ids(files) == [dataset.id]
    assert await content(files, tmp_path, dataset.id) == file.read_bytes()
    assert list(own_journal().entries()) == []


async def test_an_outage_is_resumed_by_the_next_call(files: AsyncDatasets, file: Path, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.uploads.complete", status=503, count=None)
    with pytest.raises(ServiceUnavailable):
        await files.upload(file)
    maas_server.faults_clear()
    dataset = await files.upload(file)
    assert (dataset.bytes_sent, dataset.bytes_resumed) == (0, file.stat().st_size)


async def test_a_refused_large_file_is_not_completed(files: AsyncDatasets, file: Path, maas_server: Server) -> None:
    file.write_text('{"messages": []}\n' * 400, "utf-8")
    with pytest.raises(DatasetRefused):
        await files.upload(file)
    assert asked(maas_server, "complete") == []
    assert await ids(files) == []
    assert len(asked(maas_server, "cancel")) == len(asked(maas_server, "create"))
    assert list(own_journal().entries()) == []


async def test_a_check_that_ends_after_the_parts_is_waited_for(
    connection: FoundryConnection, file: Path, maas_server: Server
) -> None:
    everything_is_sent = Event()

    def see(progress: TransferProgress) -> None:
        if progress.sent == progress.total:
            everything_is_sent.set()

    def object_to_it() -> None:
        raise InvalidInput("it is refused")

    inspection = Inspection(lambda _: everything_is_sent.wait(60), object_to_it)
    with pytest.raises(InvalidInput, match="it is refused"):
        await FoundryFiles(connection).upload(file, "large", Options(on_progress=see), inspection=inspection)
    assert everything_is_sent.is_set()
    assert asked(maas_server, "complete") == []


def rewrite(file: Path) -> None:
    """Change a byte, without any change of size or time."""
    status = file.stat()
    with file.open("r+b") as out:
        out.seek(-9, os.SEEK_END)
        out.write(b"#")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_by_another(file: Path) -> None:
    file.write_bytes(b"{}\n" * 2000)


async def test_other_content_is_refused_by_its_checksum(files: AsyncDatasets, file: Path, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.uploads.part", flip=100)
    maas_server.fault(operation="foundry.uploads.complete", status=400, body={"error": {"code": "invalidPayload"}})
    with pytest.raises(BadRequest):
        await files.upload(file)
    assert len(asked(maas_server, "cancel")) == 1
    assert list(own_journal().entries()) == []


@pytest.mark.parametrize("change", [rewrite, replace_by_another])
async def test_a_large_file_that_changes_is_canceled(
    files: AsyncDatasets, file: Path, maas_server: Server, change: Callable[[Path], object]
) -> None:
    def act(progress: TransferProgress) -> None:
        if progress.sent == 2 * PART:
            change(file)

    with pytest.raises(FileChanged):
        await files.upload(file, on_progress=act, parallel=1)
    assert (await ids(files), len(asked(maas_server, "cancel"))) == ([], 1)


async def test_a_file_changed_between_two_calls_is_refused_once(
    files: AsyncDatasets, file: Path, maas_server: Server
) -> None:
    await interrupted(files, maas_server, file)
    file.write_bytes(file.read_bytes() * 2)
    with pytest.raises(FileChanged, match="is not the file whose upload was interrupted"):
        await files.upload(file)
    assert len(asked(maas_server, "cancel")) == 1
    assert (await files.upload(file)).bytes_resumed == 0


async def test_the_checksum_of_the_file_is_sent(files: AsyncDatasets, file: Path, maas_server: Server) -> None:
    await files.upload(file)
    (entry,) = asked(maas_server, "complete")
    body = entry["request_body"]
    assert body["md5"] == hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    file.write_bytes(file.read_bytes() * 2)
    await files.upload(file, checksums=False)
    assert "md5" not in asked(maas_server, "complete")[-1]["request_body"]


async def test_a_file_beyond_every_limit_is_not_read(
    files: AsyncDatasets, file: Path, monkeypatch: pytest.MonkeyPatch, maas_server: Server
) -> None:
    monkeypatch.setattr(files_backend, "LARGEST_UPLOAD", 2 * PART)
    with pytest.raises(InvalidInput, match="takes at most 2,000"):
        await files.upload(file)
    assert maas_server.requests() == []
