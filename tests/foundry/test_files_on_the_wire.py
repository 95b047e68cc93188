"""Files of Foundry against the mock server: uploaded once per content, found by name, version and id, deleted."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from maas_client import DatasetRefused, FileChanged, NotFound, OperationFailed, TransferProgress
from maas_client.core.errors import BadRequest, NotOffered
from maas_client.datasets.resource import AsyncDatasets
from maas_client.wire import Wire
from mock_server.server import Server

CREATE = "foundry.files.create"


def creations(server: Server) -> int:
    return sum(request["operation"] == CREATE for request in server.requests())


async def names(files: AsyncDatasets, name: str | None = None) -> list[str]:
    return [f"{dataset.name}:{dataset.version}" async for dataset in files.list(name)]


async def test_a_file_is_uploaded_under_its_hash_and_processed(files: AsyncDatasets, rows: Path) -> None:
    dataset = await files.upload(rows)
    content = rows.read_bytes()
    version = hashlib.sha256(content).hexdigest()[:32]
    assert (dataset.name, dataset.version, dataset.status) == ("train", version, "processed")
    assert (dataset.size, dataset.bytes_sent, dataset.bytes_resumed) == (len(content), len(content), 0)
    assert dataset.id.startswith("file-")
    assert dataset.created is not None
    assert (dataset.uri, dataset.is_archived) == ("", False)


async def test_the_same_content_is_uploaded_once(files: AsyncDatasets, rows: Path, maas_server: Server) -> None:
    first = await files.upload(rows)
    again = await files.upload(rows.read_bytes(), name="train")
    assert (again.id, again.bytes_sent) == (first.id, 0)
    assert creations(maas_server) == 1


async def test_calls_at_once_upload_a_file_once(
    files: AsyncDatasets, rows: Path, maas_server: Server, server_wire: Wire
) -> None:
    found = await server_wire.gather((partial(files.upload, rows) for _ in range(4)), limit=4)
    assert len({dataset.id for dataset in found}) == creations(maas_server) == 1
    assert sorted(dataset.bytes_sent for dataset in found) == [0, 0, 0, rows.stat().st_size]


async def test_other_content_is_another_version(files: AsyncDatasets, rows: Path) -> None:
    first = await files.upload(rows)
    rows.write_bytes(rows.read_bytes() * 2)
    second = await files.upload(rows)
    assert await names(files, "train") == [f"train:{second.version}", f"train:{first.version}"]
    assert await names(files) == [f"train:{second.version}"]
    assert (await files.get("train")).id == (await files.get("train@latest")).id == second.id
    assert (await files.get(f"train:{first.version}")).id == (await files.get("train", first.version)).id == first.id
    assert await files.get(second.id) == (await files.get("train")).model_copy()


@pytest.mark.parametrize(
    "fault",
    [{"drop": "after"}, {"drop": "before"}, {"drop": "headers"}, {"truncate": 20}, {"status": 500}, {"status": 503}],
    ids=str,
)
async def test_a_lost_reply_makes_no_second_file(
    files: AsyncDatasets, rows: Path, maas_server: Server, fault: dict[str, Any]
) -> None:
    maas_server.fault(operation=CREATE, **fault)
    dataset = await files.upload(rows)
    assert dataset.status == "processed"
    assert await names(files) == [f"train:{dataset.version}"]


async def test_a_throttled_upload_is_repeated(files: AsyncDatasets, rows: Path, maas_server: Server) -> None:
    maas_server.fault(operation=CREATE, status=429, count=2, retry_after=1)
    assert (await files.upload(rows)).bytes_sent == rows.stat().st_size
    assert len(await names(files)) == 1


async def test_an_outage_ends_the_upload_with_its_error(files: AsyncDatasets, rows: Path, maas_server: Server) -> None:
    maas_server.fault(operation=CREATE, status=400, count=None)
    with pytest.raises(BadRequest):
        await files.upload(rows)
    assert creations(maas_server) == 1


async def test_a_file_unknown_for_seconds_is_waited_for(files: AsyncDatasets, rows: Path, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.files.get", status=404, count=3)
    assert (await files.upload(rows)).status == "processed"


async def test_a_failed_poll_does_not_fail_the_upload(files: AsyncDatasets, rows: Path, maas_server: Server) -> None:
    for fault in ({"drop": "before"}, {"status": 503}, {"status": 429, "retry_after": 7}, {"truncate": 9}):
        maas_server.fault(operation="foundry.files.get", **fault)
    assert (await files.upload(rows)).status == "processed"
    assert creations(maas_server) == 1


async def test_a_file_that_ends_in_error_is_an_error(files: AsyncDatasets, rows: Path, maas_server: Server) -> None:
    body = {"id": "file-1", "status": "error", "filename": "x", "error": {"code": "c", "message": "it is no JSONL"}}
    maas_server.fault(operation="foundry.files.get", status=200, body=body)
    with pytest.raises(OperationFailed, match="ended as 'error': c: it is no JSONL"):
        await files.upload(rows)


async def test_a_rejected_file_is_not_sent(files: AsyncDatasets, tmp_path: Path, maas_server: Server) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"messages": []}\n')
    with pytest.raises(DatasetRefused):
        await files.upload(file)
    assert creations(maas_server) == 0
    assert (await files.upload(file, check=False)).size == file.stat().st_size


@pytest.mark.parametrize("part", ["while it is read", "while it is sent"])
async def test_a_file_that_changes_is_not_uploaded(files: AsyncDatasets, tmp_path: Path, part: str) -> None:
    file = tmp_path / "big.jsonl"
    file.write_bytes(b"x" * (9 << 20))
    status = file.stat()

    def change(progress: TransferProgress) -> None:
        if bool(progress.sent) == (part == "while it is sent"):
            with file.open("r+b") as out:
                out.seek(-1, os.SEEK_END)
                out.write(b"y")
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    with pytest.raises(FileChanged):
        await files.upload(file, on_progress=change, check=False)
    assert await names(files) == []


async def test_progress_reaches_the_size(files: AsyncDatasets, tmp_path: Path) -> None:
    file, seen = tmp_path / "big.jsonl", list[TransferProgress]()
    file.write_bytes(b"x" * (9 << 20))
    await files.upload(file, check=False, on_progress=seen.append)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert seen[0].read > 0
    assert (seen[-1].sent, seen[-1].total, len(seen) > 8) == (9 << 20, 9 << 20, True)


async def test_a_file_is_deleted_for_good(files: AsyncDatasets, rows: Path) -> None:
    dataset = await files.upload(rows)
    assert (await files.delete("train")).id == dataset.id
    with pytest.raises(NotFound):
        await files.get(dataset.id)
    with pytest.raises(NotOffered, match="Azure Machine Learning offers it"):
        await files.restore("train")
    assert (await files.upload(rows)).id != dataset.id


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"status": 204, "body": ""}], ids=str)
async def test_a_deletion_survives_a_lost_reply(
    files: AsyncDatasets, rows: Path, maas_server: Server, fault: dict[str, Any]
) -> None:
    dataset = await files.upload(rows)
    maas_server.fault(operation="foundry.files.delete", **fault)
    assert (await files.delete(dataset.id)).id == dataset.id


async def test_missing_names_come_with_near_ones(files: AsyncDatasets, rows: Path) -> None:
    dataset = await files.upload(rows)
    with pytest.raises(NotFound, match=r"no dataset 'trein'; did you mean 'train'\?"):
        await files.get("trein")
    with pytest.raises(NotFound, match=f"no dataset 'train:1'; the only one is train:{dataset.version}"):
        await files.get("train:1")
    with pytest.raises(NotFound, match="no dataset 'other'; the only one is train"):
        await names(files, "other")


async def test_archived_datasets_are_not_offered(files: AsyncDatasets, maas_server: Server) -> None:
    before = len(maas_server.requests())
    with pytest.raises(NotOffered):
        _ = [dataset async for dataset in files.list(view="All")]
    assert len(maas_server.requests()) == before
