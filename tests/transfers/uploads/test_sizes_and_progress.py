"""Files of every size, what is reported on the way, and what a check that refuses the file leaves behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from support import Clock, make_wire

from maas_client import DatasetRefused, InvalidInput, TransferProgress
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.errors import BadRequest, FileChanged
from maas_client.transfers.uploads.options import Inspection, Options
from maas_client.transfers.uploads.uploader import Uploader
from maas_client.wire import Wire
from mock_server.server import Server, serve
from tests.mock_server.driver import Azure, rows
from tests.transfers.uploads.conftest import BLOCK, SIZE, Upload
from tests.transfers.uploads.seen import At, asked, blocks, committed, remembered, staged, stored

PATIENCE = 120.0  # seconds after which something counts as stuck


@pytest.fixture(params=["sas", "key", "none"])
def any_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server whose datastore has each kind of credentials in turn."""
    with serve(clock="virtual", datastore_credentials=request.param) as server:
        yield server


@pytest.fixture
def any_wire(kind: str, clock: Clock) -> Wire:
    return make_wire(kind, clock)


@pytest.mark.parametrize(
    ("size", "puts", "in_blocks"),
    [(0, 1, 0), (1, 1, 0), (BLOCK, 1, 0), (BLOCK + 1, 0, 2), (2 * BLOCK, 0, 2), (2 * BLOCK + 1, 0, 3)],
)
async def test_a_file_of_any_size_arrives_whole_at_any_datastore(
    any_wire: Wire, any_server: Server, settings: Settings, file: Path, size: int, puts: int, in_blocks: int
) -> None:
    file.write_bytes(file.read_bytes()[:size])
    maas = Resources(any_wire, replace(settings, endpoint=any_server.endpoint), None)
    dataset = await maas.datasets.upload(file, check=False)
    with closing(Azure(any_server)) as azure:
        assert stored(azure, dataset) == file.read_bytes()
    assert (len(asked(any_server, "blob.put")), len(blocks(any_server))) == (puts, in_blocks)
    again = await maas.datasets.upload(file, check=False)
    assert (again.id, again.bytes_sent) == (dataset.id, 0)


async def test_progress_adds_up(maas: Resources, file: Path) -> None:
    seen: list[TransferProgress] = []
    await maas.datasets.upload(file, check=False, on_progress=seen.append)
    reading = [progress.read for progress in seen if progress.read]
    assert reading == sorted(reading)
    assert reading[-1] == SIZE
    assert [progress.done for progress in seen[: len(reading)]] == [0] * len(reading)
    seen = seen[len(reading) :]
    assert all(earlier.done < later.done for earlier, later in pairwise(seen))
    assert {progress.total for progress in seen} == {SIZE}
    assert {progress.resumed for progress in seen} == {0}
    assert seen[-1].sent == SIZE


def test_progress_separates_sent_from_existing_bytes(
    upload: Upload, maas_server: Server, azure: Azure, file: Path
) -> None:
    maas_server.fault(operation="blob.put_block", status=400, skip=8)
    with pytest.raises(BadRequest):
        upload(file)
    held, seen = staged(azure), list[TransferProgress]()
    upload(file, on_progress=seen.append)
    seen = [progress for progress in seen if not progress.read]
    assert all(earlier.done < later.done for earlier, later in pairwise(seen))
    assert (seen[-1].sent, seen[-1].resumed, seen[-1].done) == (SIZE - held, held, SIZE)
    assert str(seen[-1]) == f"{SIZE} of {SIZE} bytes ({held} of them already present)"


def test_an_exception_of_a_callback_ends_the_upload(upload: Upload, azure: Azure, file: Path) -> None:
    def stop(progress: TransferProgress) -> None:
        raise KeyError("the caller's own")

    with pytest.raises(KeyError, match="the caller's own"):
        upload(file, on_progress=stop)
    assert committed(azure) == {}
    assert stored(azure, upload(file)) == file.read_bytes()


amounts = st.integers(0, 1 << 40)


@given(sent=amounts, resumed=amounts, left=amounts, seconds=st.just(0.0) | st.floats(1e-3, 1e6))
def test_the_rate_counts_sent_bytes_the_time_left_missing_ones(
    sent: int, resumed: int, left: int, seconds: float
) -> None:
    progress = TransferProgress(sent, sent + resumed + left, resumed, seconds)
    assert progress.done + left == progress.total
    assert progress.rate * seconds == pytest.approx(sent * (seconds > 0))
    assert (progress.remaining is None) == (progress.rate == 0)
    assert (progress.remaining or 0.0) * progress.rate == pytest.approx(left * (progress.rate > 0))


async def test_a_check_that_fails_at_the_last_row_commits_nothing(
    maas: Resources, maas_server: Server, azure: Azure, file: Path, state_home: Path
) -> None:
    """Nor does it leave an entry in the upload journal."""
    file.write_bytes(rows(80) + b"\xff\n")
    with pytest.raises(DatasetRefused):
        await maas.datasets.upload(file)
    assert asked(maas_server, "data.create") == []
    assert committed(azure) == {}
    assert remembered(state_home) == []


async def test_a_small_file_that_the_check_refuses_is_not_sent(
    maas: Resources, maas_server: Server, tmp_path: Path
) -> None:
    small = tmp_path / "small.jsonl"
    small.write_bytes(b"\xff\n")
    with pytest.raises(DatasetRefused):
        await maas.datasets.upload(small)
    assert asked(maas_server, "blob.put") == blocks(maas_server) == asked(maas_server, "data.create") == []


async def test_a_rejection_ends_an_upload_in_progress(
    uploader: Uploader, maas_server: Server, azure: Azure, file: Path
) -> None:
    may_continue, received, length = threading.Event(), threading.Event(), 0

    def receive(piece: memoryview) -> None:
        nonlocal length
        assert may_continue.wait(PATIENCE)
        length += len(piece)
        if length == SIZE:
            received.set()

    def object_to_it() -> None:
        raise FileChanged("it should not be sent")

    def after_the_first_block(progress: TransferProgress) -> None:
        if progress.sent:
            may_continue.set()
            assert received.wait(PATIENCE)

    options = Options(parallel=1, on_progress=after_the_first_block)
    with pytest.raises(FileChanged, match="should not be sent"):
        await uploader.upload_file(file, "train", options, inspection=Inspection(receive, object_to_it))
    assert 1 <= len(blocks(maas_server)) < SIZE // BLOCK
    assert committed(azure) == {}


async def test_a_check_rejects_content_that_was_uploaded_unchecked(
    maas: Resources, maas_server: Server, file: Path
) -> None:
    file.write_bytes(rows(80) + b"\xff\n")
    await maas.datasets.upload(file, name="unchecked", check=False)
    with pytest.raises(DatasetRefused):
        await maas.datasets.upload(file, name="checked")
    assert len(asked(maas_server, "data.create")) == 1


def test_a_check_reads_every_byte_of_a_resumed_file(
    upload: Upload, maas_server: Server, azure: Azure, file: Path
) -> None:
    file.write_bytes(b"\xff\n" + rows(80))
    maas_server.fault(operation="blob.put_block", status=400, skip=6)
    with pytest.raises(BadRequest):
        upload(file, check=False)
    assert staged(azure) > 0
    with pytest.raises(DatasetRefused) as caught:
        upload(file, check=True)
    assert caught.value.report.rows == 81
    assert committed(azure) == {}


@pytest.mark.parametrize("parallel", [0, -1])
async def test_no_block_under_way_is_refused_before_anything_is_sent(
    maas: Resources, maas_server: Server, file: Path, parallel: int
) -> None:
    with pytest.raises(InvalidInput, match="an integer, 1 or more"):
        await maas.datasets.upload(file, check=False, parallel=parallel)
    assert maas_server.requests() == []


@pytest.mark.parametrize("parallel", [1, 2, 3, 7])
async def test_any_number_of_blocks_under_way_gives_the_same_blob(
    maas: Resources, azure: Azure, file: Path, parallel: int
) -> None:
    assert stored(azure, await maas.datasets.upload(file, check=False, parallel=parallel)) == file.read_bytes()


async def test_a_name_that_is_not_text_is_rejected_before_any_request(
    maas: Resources, maas_server: Server, file: Path
) -> None:
    odd = file.rename(file.with_name(os.fsdecode(b"\xff.jsonl")))
    with pytest.raises(InvalidInput, match="rename it"):
        await maas.datasets.upload(odd, check=False)
    assert maas_server.requests() == []


@pytest.mark.parametrize("size", [5, SIZE])
async def test_without_checksums_none_is_sent_and_the_blob_is_the_same(
    maas: Resources, maas_server: Server, azure: Azure, file: Path, size: int
) -> None:
    file.write_bytes(file.read_bytes()[:size])
    dataset = await maas.datasets.upload(file, check=False, checksums=False)
    assert stored(azure, dataset) == file.read_bytes()
    sent = [*blocks(maas_server), *asked(maas_server, "blob.put")]
    assert [name for entry in sent for name in entry["request_headers"] if name.lower() == "content-md5"] == []
    assert (await maas.datasets.upload(file, check=False)).id == dataset.id


def test_blocks_without_checksums_are_resumed_too(
    upload: Upload, maas_server: Server, azure: Azure, file: Path
) -> None:
    maas_server.fault(operation="blob.put_block", status=400, skip=8)
    with pytest.raises(BadRequest):
        upload(file, checksums=False)
    dataset = upload(file, checksums=False)
    assert dataset.bytes_resumed > 0
    assert stored(azure, dataset) == file.read_bytes()


def test_a_file_changed_midway_without_checksums_is_rejected(upload: Upload, azure: Azure, file: Path) -> None:
    def write_other_bytes() -> None:
        with file.open("r+b") as same:  # never shorter in between
            same.write(file.read_bytes()[::-1])

    with pytest.raises(FileChanged, match="was modified"):
        upload(file, checksums=False, on_progress=At(BLOCK, write_other_bytes))
    assert committed(azure) == {}
