"""A server that is gone in the middle of an upload and comes back, and a place for notes that cannot be written to."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from maas_client.errors import BadRequest, FileChanged, TransportError
from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.mock_server.server_forker import ServerForker, server_forker
from tests.transfers.uploads.conftest import BLOCK, SIZE, Upload
from tests.transfers.uploads.remote import Remote
from tests.transfers.uploads.seen import At, committed, received, remembered, staged, stored


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[ServerForker]:
    """A process that bears servers."""
    with server_forker(tmp_path) as servers:
        yield servers


@pytest.mark.skipif(sys.platform != "linux", reason="forks its servers, and has them die with the process")
def test_an_upload_to_a_vanished_server_is_resumed_after_restart(
    upload: Upload, servers: ServerForker, file: Path, tmp_path: Path, state_home: Path
) -> None:
    options = ["--state", str(tmp_path / "state"), "--virtual"]
    pid, endpoint = servers.start(*options)
    with pytest.raises(TransportError):
        upload(file, endpoint=endpoint, on_progress=At(8 * BLOCK, lambda: os.kill(pid, signal.SIGKILL)))
    assert len(remembered(state_home)) == 1
    servers.wait_for_exit(pid)
    servers.start(*options, "--port", str(urlsplit(endpoint).port))
    server = Remote(endpoint)
    with closing(Azure(server)) as azure:
        held = staged(azure)
        assert 8 * BLOCK <= held < SIZE
        dataset = upload(file, endpoint=endpoint)
        assert received(server) == dataset.bytes_sent == SIZE - held
        assert stored(azure, dataset) == file.read_bytes()


@pytest.fixture
def no_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a file where the folder for notes would be."""
    (tmp_path / "in its place").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "in its place"))


def test_an_upload_that_cannot_be_recorded_succeeds(upload: Upload, azure: Azure, file: Path, no_notes: None) -> None:
    dataset = upload(file)
    assert stored(azure, dataset) == file.read_bytes()


def test_an_unrecorded_upload_still_finds_its_blocks(
    upload: Upload, maas_server: Server, azure: Azure, file: Path, no_notes: None
) -> None:
    maas_server.fault(operation="blob.put_block", status=400, skip=8)
    with pytest.raises(BadRequest):
        upload(file)
    held = staged(azure)
    dataset = upload(file)
    assert (dataset.bytes_sent, dataset.bytes_resumed) == (SIZE - held, held)
    assert stored(azure, dataset) == file.read_bytes()


def test_a_wrong_journal_entry_is_detected_and_deleted(
    upload: Upload, maas_server: Server, azure: Azure, file: Path, state_home: Path
) -> None:
    maas_server.fault(operation="blob.put_block", status=400, skip=8)
    with pytest.raises(BadRequest):
        upload(file)
    (note,) = state_home.rglob("*.json")
    (entry,) = remembered(state_home)
    note.write_text(note.read_text("utf-8").replace(entry["sha256"], "0" * 64), "utf-8")
    with pytest.raises(FileChanged, match="is not the file whose upload was interrupted: its content differs"):
        upload(file)
    assert committed(azure) == {}
    assert stored(azure, upload(file)) == file.read_bytes()
