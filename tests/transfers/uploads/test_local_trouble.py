"""Trouble with this machine's files, while data is sent: a typed error that names the file, and never a hang."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from maas_client.client import Resources
from maas_client.errors import InvalidInput, LocalFileError
from mock_server.server import Server

NO_NAMES = ("..", ".", "/", "a/b", "a\\b", "a\0b", "a\nb", "\ud800", "x" * 300)


@pytest.mark.parametrize("name", NO_NAMES)
async def test_a_name_that_no_file_has_is_refused(maas: Resources, maas_server: Server, name: str) -> None:
    with pytest.raises(InvalidInput, match="is not a valid file name"):
        await maas.datasets.upload(b"x", filename=name, check=False)
    assert maas_server.requests() == []


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EACCES])
async def test_a_failing_file_object_is_reported(maas: Resources, number: int) -> None:
    class Failing:
        """A file whose disk is broken."""

        def read(self, size: int = -1, /) -> bytes:
            del size
            raise OSError(number, os.strerror(number), "/mnt/data.jsonl")

    with pytest.raises(LocalFileError, match=r"^/mnt/data\.jsonl: ") as caught:
        await maas.datasets.upload(Failing(), check=False)
    assert caught.value.number == number


@pytest.mark.parametrize("path", ["a\0b", ""])
async def test_a_path_that_no_file_has_is_refused(maas: Resources, path: str) -> None:
    with pytest.raises(InvalidInput, match="is not a valid path"):
        await maas.datasets.upload(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
async def test_a_path_that_is_not_a_file_is_rejected_at_once(maas: Resources, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(InvalidInput, match="is not a file"):
            await maas.datasets.upload(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
async def test_a_fifo_among_the_recorded_uploads_is_skipped(maas: Resources, tmp_path: Path, state_home: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"x")
    folder = state_home / "maas_client" / "uploads"
    folder.mkdir(parents=True)
    from maas_client.transfers.uploads.journal import own_journal

    place = own_journal()._place(file, maas.workspace._arm.settings.workspace_path)  # pyright: ignore[reportPrivateUsage] -- where the entry would be
    os.mkfifo(place)
    assert list(own_journal().entries()) == []
    assert (await maas.datasets.upload(file, check=False)).bytes_sent == 1
