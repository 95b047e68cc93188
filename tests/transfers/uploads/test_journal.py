"""What is remembered of uploads under way: whole or not at all, for nobody else to read, and never in the way."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client.transfers.file_identity import FileIdentity
from maas_client.transfers.uploads.journal import Entry, Journal, state_folder

ENTRY = Entry(
    file="/data/train.jsonl",
    identity=FileIdentity(size=10, mtime=1, inode=2, ctime=3),
    sha256="ab" * 32,
    workspace="/subscriptions/s/workspaces/w",
    blob="LocalUpload/ab/train.jsonl",
    began=1_700_000_000.0,
)

# Names as a file system may have them: any bytes but the slash and NUL, undecodable ones included.
names = st.binary(min_size=1, max_size=40).map(lambda raw: os.fsdecode(raw.translate(None, b"/\0") + b"x"))
numbers = st.integers(0, 1 << 63)
entries = st.builds(
    Entry,
    file=names.map(lambda name: f"/data/{name}"),
    identity=st.builds(FileIdentity, size=numbers, mtime=numbers, inode=numbers, ctime=numbers),
    sha256=st.text(alphabet="0123456789abcdef", min_size=64, max_size=64),
    workspace=st.text(max_size=20),
    blob=st.text(max_size=20),
    began=st.floats(0, 1e12),
    upload_id=st.text(max_size=20),
    parts=st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3),
    expires=st.none() | st.floats(0, 1e12),
)


@contextmanager
def full_disk() -> Generator[None]:
    """Let no file grow for as long as the block."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def only_file(folder: Path) -> Path:
    """Give the one file of a folder."""
    (found,) = folder.iterdir()
    return found


@given(entry=entries)
def test_a_saved_entry_is_loaded(entry: Entry) -> None:
    with TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        assert journal.remember(entry)
        assert journal.recall(Path(entry.file), entry.workspace) == entry
        assert list(journal.entries()) == [entry]


def test_an_entry_is_readable_only_by_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "uploads"
    assert Journal(folder).remember(ENTRY)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600


def test_each_file_and_workspace_has_its_own_entry(tmp_path: Path) -> None:
    journal, other = Journal(tmp_path), replace(ENTRY, workspace="/other", began=ENTRY.began - 1)
    for entry in (ENTRY, other):
        journal.remember(entry)
    assert journal.recall(Path(ENTRY.file), "/other") == other
    assert journal.recall(Path("/data/validation.jsonl"), ENTRY.workspace) is None
    assert list(journal.entries()) == [other, ENTRY]  # the oldest first
    journal.forget(Path(ENTRY.file), "/other")
    assert list(journal.entries()) == [ENTRY]


def test_a_relative_path_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    journal = Journal(tmp_path / "state")
    journal.remember(replace(ENTRY, file=str(tmp_path / "train.jsonl")))
    assert journal.recall(Path("train.jsonl"), ENTRY.workspace) is not None


def test_forgetting_an_unknown_entry_is_not_an_error(tmp_path: Path) -> None:
    Journal(tmp_path).forget(Path("train.jsonl"), "/other")
    Journal(tmp_path / "nothing").forget(Path("train.jsonl"), "/other")
    assert list(Journal(tmp_path / "nothing").entries()) == []


documents = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)


def written(entry: Entry, folder: Path) -> dict[str, Any]:  # Any: it is JSON
    """Give an entry as it is on disk."""
    Journal(folder).remember(entry)
    document: dict[str, Any] = json.loads(only_file(folder).read_text("utf-8"))
    return document


@given(raw=st.binary(max_size=200) | documents.map(lambda one: json.dumps(one).encode()))
def test_an_invalid_entry_counts_as_absent(raw: bytes) -> None:
    with TemporaryDirectory() as name:
        journal = Journal(Path(name))
        journal.remember(ENTRY)
        only_file(Path(name)).write_bytes(raw)
        assert journal.recall(Path(ENTRY.file), ENTRY.workspace) is None
        assert list(journal.entries()) == []


@pytest.mark.parametrize("field", ["file", "identity", "sha256", "workspace", "blob", "began"])
@pytest.mark.parametrize("value", [None, {}, ["x"]])
def test_an_entry_with_one_part_broken_counts_as_nothing(tmp_path: Path, field: str, value: object) -> None:
    document = written(ENTRY, tmp_path)
    only_file(tmp_path).write_text(json.dumps({**document, field: value}), "utf-8")
    assert Journal(tmp_path).recall(Path(ENTRY.file), ENTRY.workspace) is None


@pytest.mark.parametrize("field", ["upload_id", "parts", "expires"])
@pytest.mark.parametrize("value", [7.5, ["x"], {"0": 1}])
def test_an_entry_with_a_broken_upload_of_parts_is_nothing(tmp_path: Path, field: str, value: object) -> None:
    document = written(ENTRY, tmp_path)
    only_file(tmp_path).write_text(json.dumps({**document, field: value}), "utf-8")
    found = Journal(tmp_path).recall(Path(ENTRY.file), ENTRY.workspace)
    assert found == (replace(ENTRY, expires=7.5) if (field, value) == ("expires", 7.5) else None)


def test_an_entry_of_an_earlier_version_is_loaded(tmp_path: Path) -> None:
    document = written(ENTRY, tmp_path)
    earlier = {name: document[name] for name in ("file", "identity", "sha256", "workspace", "blob", "began")}
    only_file(tmp_path).write_text(json.dumps(earlier), "utf-8")
    assert Journal(tmp_path).recall(Path(ENTRY.file), ENTRY.workspace) == ENTRY


def test_a_full_disk_is_not_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with full_disk():
        assert not journal.remember(ENTRY)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_the_earlier_entries(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.remember(ENTRY)
    with full_disk():
        assert not journal.remember(replace(ENTRY, sha256="cd" * 32))
    assert list(journal.entries()) == [ENTRY]


def test_an_impossible_folder_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in its place")
    journal = Journal(tmp_path / "state" / "uploads")
    assert not journal.remember(ENTRY)
    assert journal.recall(Path(ENTRY.file), ENTRY.workspace) is None
    assert list(journal.entries()) == []
    journal.forget(Path(ENTRY.file), ENTRY.workspace)


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({}, "/home/me/.local/state/maas_client/uploads"),
        ({"XDG_STATE_HOME": "/elsewhere"}, "/elsewhere/maas_client/uploads"),
        ({"XDG_STATE_HOME": ""}, "/home/me/.local/state/maas_client/uploads"),
        ({"XDG_STATE_HOME": "relative"}, "/home/me/.local/state/maas_client/uploads"),
    ],
)
def test_uploads_are_recorded_where_the_xdg_specification_says(environ: dict[str, str], folder: str) -> None:
    assert state_folder(environ, Path("/home/me")) == Path(folder)
