"""Downloads that were interrupted: what came is used again if it is right, and nobody else writes into it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from maas_client import InvalidInput, LocalFileError, MaasClient, TransferProgress
from maas_client.client import Resources
from maas_client.transfers.downloads.safe_paths import journal_beside, part_beside
from mock_server.server import Server
from tests.transfers.downloads.conftest import CONTENT, RANGE, Once, Store, left_in

EVERY = 20
"""The ranges of CONTENT."""


async def test_a_second_call_fetches_only_the_ranges_that_are_missing(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri, out = store.put_in_blocks("a.bin"), tmp_path / "a.bin"
    maas_server.fault(operation="blob.get", status=403, skip=7, count=None)
    with pytest.raises(Exception, match="403"):
        await maas.datasets.download(uri, out, parallel=1)
    assert left_in(tmp_path) == {".a.bin.part", ".a.bin.part.jsonl"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    maas_server.faults_clear()
    before = len(store.asked())
    seen: list[TransferProgress] = []
    brought = await maas.datasets.download(uri, out, on_progress=seen.append)
    assert len(store.asked()) - before == EVERY - 7
    assert (seen[-1].resumed, seen[-1].done) == (7 * RANGE, len(CONTENT))
    assert brought.fetched == len(CONTENT) - 7 * RANGE
    assert (out.read_bytes(), left_in(tmp_path)) == (CONTENT, {"a.bin"})


async def stopped_in_the_middle(maas: Resources, server: Server, uri: str, out: Path) -> None:
    """Leave the part of a download, with seven ranges."""
    server.fault(operation="blob.get", status=400, skip=7, count=1)
    with pytest.raises(Exception, match="400"):
        await maas.datasets.download(uri, out, parallel=1)


async def test_a_damaged_part_is_repaired(maas: Resources, maas_server: Server, store: Store, tmp_path: Path) -> None:
    uri, out = store.put_in_blocks("a.bin"), tmp_path / "a.bin"
    await stopped_in_the_middle(maas, maas_server, uri, out)
    with part_beside(out).open("r+b") as part:
        part.seek(3 * RANGE + 5)
        part.write(b"\0\0\0")
    brought = await maas.datasets.download(uri, out)
    assert (out.read_bytes(), brought.fetched) == (CONTENT, len(CONTENT) - 6 * RANGE)


@pytest.mark.parametrize(
    "notes",
    [
        b"",
        b"{}",
        b"nonsense\n\n",
        b"\xff\xfe",
        b"[" * 10_000,
        b'{"format": 1, "url": "", "etag": "", "size": 0, "range": 0}',
    ],
)
async def test_an_invalid_journal_counts_as_empty(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path, notes: bytes
) -> None:
    uri, out = store.put("a.bin"), tmp_path / "a.bin"
    await stopped_in_the_middle(maas, maas_server, uri, out)
    journal_beside(out).write_bytes(notes)
    assert (await maas.datasets.download(uri, out)).fetched == len(CONTENT)
    assert out.read_bytes() == CONTENT


async def test_a_note_that_a_kill_cut_off_costs_its_range_alone(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri, out = store.put("a.bin"), tmp_path / "a.bin"
    await stopped_in_the_middle(maas, maas_server, uri, out)
    notes = journal_beside(out)
    lines = notes.read_bytes() + b'\n{"range": 99, "crc32": 1}\n{"range": true}\n[3]'
    notes.write_bytes(lines.replace(b'\n{"range": 99', b'\n{"range": -1', 1))
    with notes.open("r+b") as file:
        file.truncate(lines.index(b'{"range": 6') + 5)
    assert (await maas.datasets.download(uri, out)).fetched == len(CONTENT) - 6 * RANGE


async def test_a_part_of_another_state_of_the_blob_is_not_used(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri, out = store.put_in_blocks("a.bin"), tmp_path / "a.bin"
    await stopped_in_the_middle(maas, maas_server, uri, out)
    changed = CONTENT[::-1]
    store.put_in_blocks("a.bin", changed)
    brought = await maas.datasets.download(uri, out)
    assert (out.read_bytes(), brought.fetched) == (changed, len(changed))


async def test_a_part_of_another_blob_is_not_used(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    out = tmp_path / "a.bin"
    await stopped_in_the_middle(maas, maas_server, store.put("a.bin"), out)
    other = CONTENT[::-1]
    await maas.datasets.download(store.put("b.bin", other), out)
    assert out.read_bytes() == other


async def test_a_concurrent_second_download_to_one_path_is_rejected(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri, other, out = store.put("a.bin"), store.put("b.bin", CONTENT[::-1]), tmp_path / "a.bin"
    refused: list[str] = []

    def second() -> None:
        client = MaasClient(
            subscription_id="sub-1", resource_group="group-1", workspace="work-1", endpoint=maas_server.endpoint
        )
        with client:
            with pytest.raises(InvalidInput, match="another download is writing") as caught:
                client.datasets.download(other, out)
            refused.append(str(caught.value))

    await maas.datasets.download(uri, out, on_progress=Once(1, second))
    assert len(refused) == 1
    assert (out.read_bytes(), left_in(tmp_path)) == (CONTENT, {"a.bin"})


def hard_link(path: Path) -> None:
    path.hardlink_to(path.parent / "precious")


@pytest.mark.parametrize("make", [os.mkfifo, hard_link])
async def test_a_foreign_file_at_the_path_of_a_part_is_rejected(
    maas: Resources, store: Store, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    make(part_beside(tmp_path / "a.bin"))
    with pytest.raises(InvalidInput, match="in the way of a download"):
        await maas.datasets.download(store.put("a.bin"), tmp_path / "a.bin")
    assert (tmp_path / "precious").read_bytes() == b"precious"


async def test_a_link_in_the_parts_place_is_not_followed(maas: Resources, store: Store, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    part_beside(tmp_path / "a.bin").symlink_to(tmp_path / "precious")
    with pytest.raises(LocalFileError, match=r"\.a\.bin\.part"):
        await maas.datasets.download(store.put("a.bin"), tmp_path / "a.bin")
    assert (tmp_path / "precious").read_bytes() == b"precious"
