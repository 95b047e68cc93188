"""Whatever goes wrong on the way ends in the right file or a typed error, and in the right file the next time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support import Clock

from maas_client import (
    BadRequest,
    Conflict,
    MaasError,
    ReplyLost,
    ServiceUnavailable,
    Throttled,
    TransferProgress,
    UnexpectedReply,
)
from maas_client.client import Resources
from maas_client.transfers.downloads import ranges as plan
from mock_server.server import Server
from tests.transfers.downloads.conftest import CONTENT, RANGE, Once, Store, left_in

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "no answer": {"drop": "before"},
    "a lost answer": {"drop": "after"},
    "half a head": {"drop": "headers"},
    "half a body": {"drop": "body"},
    "no body": {"truncate": 0},
    "a piece of a body": {"truncate": 321},
    "half a body as if it were all": {"shorten": "half"},
    "no body as if that were all": {"shorten": 0},
    "a page of HTML": {"status": 200, "body": "<html><title>Sign in</title></html>"},
    "an empty answer": {"status": 200},
    "another status": {"status": 204},
    "not modified": {"status": 304},
    "a redirect": {"status": 302, "headers": {"Location": "https://evil.example/"}},
    "a bad request": {"status": 400},
    "no authorization": {"status": 401},
    "no right": {"status": 403},
    "nothing there": {"status": 404},
    "a conflict": {"status": 409},
    "another state": {"status": 412},
    "no such range": {"status": 416},
    "a timeout": {"status": 408},
    "too many requests": {"status": 429, "retry_after": 3},
    "an error": {"status": 500},
    "a bad gateway": {"status": 502, "body": "<html>bad gateway</html>"},
    "unavailable": {"status": 503},
    "another range": {"headers": {"Content-Range": "bytes 0-9/10"}},
    "no range": {"headers": {"Content-Range": ""}},
    "a range of another size": {"headers": {"Content-Range": "bytes 0-999/1000000"}},
    "another ETag": {"headers": {"ETag": '"0xOTHER"'}},
    "no ETag": {"headers": {"ETag": ""}},
    "an encoding": {"headers": {"Content-Encoding": "gzip"}},
    "another length": {"headers": {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}},
}


async def attempt(maas: Resources, uri: str, out: Path) -> bool:
    """Download, and say whether that was a success; any error must be one of ours."""
    try:
        await maas.datasets.download(uri, out, overwrite=True)
    except MaasError:
        return False
    return True


@pytest.mark.parametrize(
    ("operation", "count"), [("blob.list", 1), ("blob.head", 1), ("blob.get", 1), ("blob.get", None)]
)
@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_ends_in_the_right_file_or_a_typed_error(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path, fault: str, operation: str, count: int | None
) -> None:
    store.put_in_blocks("model/weights.bin", CONTENT[: 5 * RANGE])
    uri = "azureml://datastores/workspaceblobstore/paths/model/"
    out = tmp_path / "weights.bin"
    out.write_bytes(b"as it was")
    maas_server.fault(operation=operation, skip=int(operation == "blob.get"), count=count, **FAULTS[fault])
    done = await attempt(maas, uri, tmp_path)
    assert out.read_bytes() == (CONTENT[: 5 * RANGE] if done else b"as it was")
    assert len(maas_server.requests()) < 60
    maas_server.faults_clear()
    assert await attempt(maas, uri, tmp_path)
    assert (out.read_bytes(), left_in(tmp_path)) == (CONTENT[: 5 * RANGE], {"weights.bin"})


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("another range", UnexpectedReply),
        ("another ETag", UnexpectedReply),
        ("an encoding", UnexpectedReply),
        ("a page of HTML", UnexpectedReply),
        ("a redirect", UnexpectedReply),
        ("no such range", BadRequest),
        ("another state", Conflict),
        ("too many requests", Throttled),
        ("unavailable", ServiceUnavailable),
        ("half a head", ReplyLost),
        ("no body", ReplyLost),
        ("no body as if that were all", ReplyLost),
    ],
)
async def test_a_fault_that_stays_has_its_own_error(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path, fault: str, error: type[MaasError]
) -> None:
    uri = store.put("a.bin")
    maas_server.fault(operation="blob.get", count=None, **FAULTS[fault])
    with pytest.raises(error):
        await maas.datasets.download(uri, tmp_path / "a.bin", parallel=1)
    assert not (tmp_path / "a.bin").exists()
    assert len(store.asked()) <= 10


@pytest.mark.parametrize(
    "fault", ["half a body", "a piece of a body", "half a body as if it were all", "unavailable", "no answer"]
)
async def test_faults_cost_time_and_no_byte_is_fetched_twice(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path, fault: str, clock: Clock
) -> None:
    uri = store.put("a.bin")
    maas_server.fault(operation="blob.get", count=4, **FAULTS[fault])
    maas_server.fault(operation="blob.get", skip=12, count=4, **FAULTS[fault])
    brought = await maas.datasets.download(uri, tmp_path / "a.bin")
    assert (brought.path.read_bytes(), brought.fetched) == (CONTENT, len(CONTENT))
    assert clock.naps


async def test_constant_disconnects_still_complete_a_large_range(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "RANGE", 1 << 20)
    content = CONTENT * 60
    uri = store.put("a.bin", content)
    maas_server.fault(operation="blob.get", truncate=100_000, count=None)
    brought = await maas.datasets.download(uri, tmp_path / "a.bin")
    assert (brought.path.read_bytes(), brought.fetched) == (content, len(content))


async def test_only_the_rest_of_a_broken_range_is_requested_again(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri = store.put("a.bin")
    maas_server.fault(operation="blob.get", truncate=400, count=3)
    await maas.datasets.download(uri, tmp_path / "a.bin", parallel=1)
    asked = [entry["request_headers"]["range"] for entry in maas_server.requests() if entry["operation"] == "blob.get"]
    assert asked[:4] == ["bytes=0-999", "bytes=400-999", "bytes=800-999", "bytes=1000-1999"]
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


async def test_every_range_is_requested_with_the_etag(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri = store.put("a.bin")
    etag = store.azure.plain.head(store.azure.blob_url("a.bin")).headers["etag"]
    await maas.datasets.download(uri, tmp_path / "a.bin")
    asked = [entry["request_headers"] for entry in maas_server.requests() if entry["operation"] == "blob.get"]
    assert {headers["if-match"] for headers in asked} == {etag}
    assert sorted(int(headers["range"][6:].partition("-")[0]) for headers in asked) == list(
        range(0, len(CONTENT), RANGE)
    )


async def test_a_trickling_server_is_disconnected_and_retried(
    maas: Resources, store: Store, tmp_path: Path, clock: Clock
) -> None:
    uri = store.put("a.bin")
    clock.listeners.clear()
    hour_passes = Once(1, lambda: clock.sleep(3600))
    brought = await maas.datasets.download(uri, tmp_path / "a.bin", on_progress=hour_passes)
    assert brought.path.read_bytes() == CONTENT


async def test_progress_never_goes_back_and_ends_at_the_whole(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri = store.put("a.bin")
    maas_server.fault(operation="blob.get", truncate=400, count=5)
    seen: list[TransferProgress] = []
    await maas.datasets.download(uri, tmp_path / "a.bin", on_progress=seen.append)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, len(CONTENT), len(CONTENT))


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": ""},
        {"ETag": ""},
        {"ETag": 'W/"1"'},
        {"Content-Encoding": "gzip"},
    ],
)
async def test_an_unsafe_blob_is_rejected_before_its_first_byte(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path, headers: dict[str, str]
) -> None:
    uri = store.put("a.bin")
    maas_server.fault(operation="blob.head", count=None, headers=headers)
    with pytest.raises(MaasError):
        await maas.datasets.download(uri, tmp_path / "a.bin")
    assert (store.asked(), left_in(tmp_path)) == ([], set())


async def test_a_download_writes_no_secret_to_disk(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri = store.put("a.bin")
    secret = store.azure.sas().partition("sig=")[2].partition("&")[0]
    maas_server.fault(operation="blob.get", status=403, skip=3, count=None)
    with pytest.raises(MaasError) as caught:
        await maas.datasets.download(uri, tmp_path / "a.bin", parallel=1)
    written = b"".join(path.read_bytes() for path in tmp_path.glob(".*.jsonl")).decode() + str(caught.value)
    assert uri.rpartition("/")[2] in written
    assert "sig=" not in written
    assert secret not in written
