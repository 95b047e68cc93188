"""Trouble with this machine's files, while data arrives: a typed error that names the file, and never a hang."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maas_client.client import Resources
from maas_client.errors import InvalidInput, LocalFileError, MaasError
from maas_client.transfers.downloads.safe_paths import journal_beside, part_beside
from tests.transfers.downloads.conftest import CONTENT, Store


async def test_a_target_below_a_file_is_reported(maas: Resources, store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"precious")
    with pytest.raises((LocalFileError, InvalidInput), match="file"):
        await maas.datasets.download(store.put("a.bin"), tmp_path / "file" / "a.bin")
    assert (tmp_path / "file").read_bytes() == b"precious"


@pytest.mark.parametrize("place", ["a\0b", ""])
async def test_a_place_that_no_file_has_is_refused(maas: Resources, store: Store, place: str) -> None:
    with pytest.raises(InvalidInput, match="is not a valid path"):
        await maas.datasets.download(store.put("a.bin"), place)
    with pytest.raises(InvalidInput, match="is not a valid path"):
        await maas.jobs.download("j", place)


async def test_a_target_that_cannot_hold_a_file_is_reported(maas: Resources, store: Store) -> None:
    with pytest.raises(LocalFileError, match="/proc"):
        await maas.datasets.download(store.put("a.bin"), "/proc/maas_client_test")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
@pytest.mark.parametrize("beside", [part_beside, journal_beside])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
async def test_an_obstacle_at_the_path_of_a_part_is_handled(
    maas: Resources, store: Store, tmp_path: Path, beside: object, make: object
) -> None:
    assert callable(beside)
    assert callable(make)
    make(beside(tmp_path / "a.bin"))
    try:
        await maas.datasets.download(store.put("a.bin"), tmp_path / "a.bin")
    except MaasError:
        return
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
async def test_a_child_forked_during_a_download_keeps_no_lock(maas: Resources, store: Store, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    children: list[int] = []

    def fork(_: object) -> None:
        if not children:
            children.append(os.fork())
            if not children[0]:
                os.read(reading, 1)
                os._exit(0)

    uri = store.put("a.bin")
    await maas.datasets.download(uri, tmp_path / "a.bin", on_progress=fork)
    (tmp_path / "a.bin").unlink()
    await maas.datasets.download(uri, tmp_path / "a.bin")
    os.write(writing, b"x")
    os.waitpid(children[0], 0)  # noqa: ASYNC222 -- it has been sent a signal to end
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
