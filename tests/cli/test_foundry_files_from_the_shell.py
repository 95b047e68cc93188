"""`maas upload`, `maas uploads`, `maas datasets` and `maas download` with the files of a Foundry account."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from maas_client.foundry import files_backend, large_uploads
from maas_client.transfers.uploads.journal import own_journal
from mock_server.server import Server
from tests.cli.shell import Shell, chat_row


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """A training file in the shell's folder."""
    path = tmp_path / "train.jsonl"
    path.write_text("".join(chat_row(f"What is {n} + 1?", f"It is {n + 1}.") + "\n" for n in range(70)), "utf-8")
    return path


@pytest.fixture
def interrupted(foundry: Shell, server: Server, train: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A large file whose upload failed at its third part."""
    monkeypatch.setattr(large_uploads, "PART", 1000)
    monkeypatch.setattr(files_backend, "LARGEST_FILE", 1000)
    server.fault(operation="foundry.uploads.part", status=400, skip=2, count=None)
    assert foundry("upload", "train.jsonl", "--parallel", "1").exit_code == 1
    server.faults_clear()
    return train


def test_a_file_is_uploaded_listed_and_shown(foundry: Shell, train: Path) -> None:
    uploaded = json.loads(foundry.done("upload", "train.jsonl", "--output", "json"))
    assert (uploaded["status"], uploaded["size"]) == ("processed", train.stat().st_size)
    assert "nothing: this content already exists" in foundry.done("upload", "train.jsonl")
    listed = foundry.done("datasets", "list", "--fields", "name,latest version,size,status").splitlines()
    assert listed[1].split() == ["train", uploaded["version"], "7.5", "KiB", "processed"]
    shown = foundry.done("datasets", "show", "train")
    assert (uploaded["id"] in shown, "processed" in shown, "7.5 KiB" in shown) == (True, True, True)


def test_a_deleted_file_is_not_called_archived(foundry: Shell, train: Path) -> None:
    version = json.loads(foundry.done("upload", train.name, "--output", "json"))["version"]
    deleted = foundry("datasets", "delete", "train", "--yes")
    assert deleted.stderr == f"data asset train:{version} deleted\n"
    assert json.loads(foundry.done("datasets", "list", "--output", "json")) == []
    refused = foundry("datasets", "restore", "train")
    assert refused.exit_code == 2
    assert "not offered by Azure AI Foundry; Azure Machine Learning offers it" in refused.stderr
    assert "upload it again" in refused.stderr


def test_a_file_is_downloaded_under_its_name(foundry: Shell, train: Path, tmp_path: Path) -> None:
    version = json.loads(foundry.done("upload", train.name, "--output", "json"))["version"]
    assert "sha256" in foundry.done("download", "train", "out/")
    assert (tmp_path / "out" / f"train.{version}.jsonl").read_bytes() == train.read_bytes()


def test_an_interrupted_upload_to_foundry_is_resumed(foundry: Shell, interrupted: Path) -> None:
    (entry,) = json.loads(foundry.done("uploads", "--output", "json"))
    assert (entry["file"], entry["state"]) == (str(interrupted), "resumable")
    assert "127.0.0.1" in foundry.done("uploads")
    assert "already sent by an interrupted upload" in foundry.done("upload", "train.jsonl")
    assert json.loads(foundry.done("uploads", "--output", "json")) == []


def test_an_upload_that_expired_is_called_so(foundry: Shell, interrupted: Path) -> None:
    journal = own_journal()
    (entry,) = journal.entries()
    journal.remember(replace(entry, expires=1.0))
    assert "expired: starts over" in foundry.done("uploads")
    assert "interrupted" not in foundry.done("upload", interrupted.name)


def test_an_upload_to_foundry_can_be_discarded(foundry: Shell, interrupted: Path) -> None:
    assert foundry("uploads", "--clean", interrupted.name).stderr == "1 upload discarded\n"
    assert "interrupted" not in foundry.done("upload", interrupted.name)
