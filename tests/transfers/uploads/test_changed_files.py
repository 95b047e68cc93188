"""Files that change while they are sent, or between two runs: refused by name, never mixed, and begun anew."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from maas_client.client import Resources
from maas_client.errors import BadRequest, FileChanged
from maas_client.transfers.uploads.options import Inspection, Options
from maas_client.transfers.uploads.uploader import Uploader
from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.transfers.uploads.conftest import BLOCK, SIZE, Upload
from tests.transfers.uploads.seen import At, blocks, committed, remembered, stored

Change = Callable[[Path], object]


def grow(file: Path) -> None:
    with file.open("ab") as end:
        end.write(b"one more row")


def shrink(file: Path) -> None:
    os.truncate(file, SIZE - 5)


def become_small(file: Path) -> None:
    os.truncate(file, 5)


def replace(file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(file.read_bytes()[::-1])
    other.replace(file)


def rewrite(file: Path) -> None:
    """Write other bytes, as many, and set the time back, so that only the content differs."""
    before = file.stat()
    other = file.read_bytes()[::-1]
    while file.stat().st_ctime_ns == before.st_ctime_ns:  # the file system's clock ticks every few milliseconds
        file.write_bytes(other)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def rewrite_one_byte_at_the_end(file: Path) -> None:
    """Change a byte that is read last, and set the time back."""
    before = file.stat()
    while file.stat().st_ctime_ns == before.st_ctime_ns:
        with file.open("r+b") as open_file:
            open_file.seek(SIZE - 1)
            open_file.write(bytes([file.read_bytes()[-1] ^ 1]))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES = [grow, shrink, become_small, replace, rewrite, rewrite_one_byte_at_the_end]


@pytest.mark.parametrize("done", [BLOCK, SIZE // 2])
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_midway_is_rejected_then_restarted(
    upload: Upload, azure: Azure, file: Path, state_home: Path, change: Change, done: int
) -> None:
    with pytest.raises(FileChanged, match=r"train\.jsonl"):
        upload(file, on_progress=At(done, lambda: change(file)))
    assert committed(azure) == {}
    assert remembered(state_home) == []
    assert stored(azure, upload(file)) == file.read_bytes()


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_changed_between_runs_is_rejected_once(
    upload: Upload, maas_server: Server, azure: Azure, file: Path, state_home: Path, change: Change
) -> None:
    maas_server.fault(operation="blob.put_block", status=400, skip=8)
    with pytest.raises(BadRequest):
        upload(file)
    change(file)
    assert committed(azure) == {}
    began = time.time()  # what the first upload sent has come by now, and may not be written down yet
    with pytest.raises(FileChanged, match=r"train\.jsonl is not the file whose upload was interrupted.*start over"):
        upload(file)
    assert [sent for sent in blocks(maas_server) if sent["time"] > began] == []
    assert remembered(state_home) == []
    dataset = upload(file)
    assert stored(azure, dataset) == file.read_bytes()
    assert list(committed(azure).values()) == [file.read_bytes()]


def test_a_file_that_was_touched_and_not_changed_is_resumed(
    upload: Upload, maas_server: Server, azure: Azure, file: Path
) -> None:
    maas_server.fault(operation="blob.put_block", status=400, skip=8)
    with pytest.raises(BadRequest):
        upload(file)
    file.chmod(0o600)
    dataset = upload(file)
    assert dataset.bytes_resumed > 0
    assert stored(azure, dataset) == file.read_bytes()


def test_a_file_that_is_deleted_while_it_is_sent_is_refused(
    upload: Upload, azure: Azure, file: Path, state_home: Path
) -> None:
    with pytest.raises(FileChanged, match="No such file"):
        upload(file, on_progress=At(BLOCK, file.unlink))
    assert committed(azure) == {}
    assert remembered(state_home) == []


async def test_a_file_that_changes_while_it_is_checked_is_rejected(
    maas: Resources, uploader: Uploader, file: Path
) -> None:
    await maas.datasets.upload(file, check=False)
    verdicts: list[str] = []
    inspection = Inspection(lambda _: grow(file), lambda: verdicts.append("yes"))
    with pytest.raises(FileChanged, match=r"it had|grew"):
        await uploader.upload_file(file, "train", Options(), inspection=inspection)
    assert verdicts == []


async def test_a_small_file_that_changes_before_it_is_sent_is_refused(
    uploader: Uploader, azure: Azure, tmp_path: Path
) -> None:
    small = tmp_path / "small.jsonl"
    small.write_bytes(b"0123456789")

    def other_bytes() -> None:
        small.write_bytes(b"9876543210")

    with pytest.raises(FileChanged, match=r"small\.jsonl changed before it was sent"):
        await uploader.upload_file(small, "small", Options(), inspection=Inspection(len, other_bytes))
    assert committed(azure) == {}


async def test_a_small_file_that_shrinks_before_it_is_sent_is_refused(
    uploader: Uploader, azure: Azure, tmp_path: Path
) -> None:
    small = tmp_path / "small.jsonl"
    small.write_bytes(b"0123456789")
    inspection = Inspection(len, lambda: os.truncate(small, 5))
    with pytest.raises(FileChanged, match="was truncated"):
        await uploader.upload_file(small, "small", Options(), inspection=inspection)
    assert committed(azure) == {}
