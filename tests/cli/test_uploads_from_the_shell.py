"""`maas upload` and `maas uploads`: resume, list and discard interrupted uploads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maas_client.transfers.uploads import blocks as plan
from mock_server.server import Server
from tests.cli.shell import Shell, chat_row
from tests.mock_server.loopback_server import allow_loopback_sources, file_server, loopback_server


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of many (small) blocks."""
    monkeypatch.setattr(plan, "BLOCK", 1000)
    path = tmp_path / "large.jsonl"
    path.write_text("".join(chat_row(f"What is {n} + 1?", f"It is {n + 1}.") + "\n" for n in range(100)), "utf-8")
    return path


@pytest.fixture
def interrupted(maas: Shell, server: Server, large: Path) -> Path:
    """A file whose upload has failed at its fifth block."""
    server.fault(operation="blob.put_block", status=400, skip=4, count=None)
    assert maas("upload", "large.jsonl", "--parallel", "1").exit_code == 1
    server.faults_clear()
    return large


def listed(maas: Shell) -> list[dict[str, object]]:
    """The interrupted uploads."""
    found: list[dict[str, object]] = json.loads(maas.done("uploads", "--output", "json"))
    return found


def test_an_interrupted_upload_is_listed_and_resumed(maas: Shell, interrupted: Path) -> None:
    [entry] = listed(maas)
    assert (entry["file"], entry["state"], entry["size"]) == (
        str(interrupted),
        "resumable",
        interrupted.stat().st_size,
    )

    shown = maas.done("upload", "large.jsonl")

    assert "already sent by an interrupted upload" in shown
    assert listed(maas) == []


def test_a_changed_file_is_rejected_by_name_and_then_accepted(maas: Shell, interrupted: Path) -> None:
    with interrupted.open("a", encoding="utf-8") as out:
        out.write(chat_row("More?", "Yes.") + "\n")
    assert "changed: it had" in maas.done("uploads")

    refused = maas("upload", "large.jsonl")

    assert refused.exit_code == 2
    assert "large.jsonl is not the file whose upload was interrupted" in refused.stderr
    assert "interrupted" not in maas.done("upload", "large.jsonl")


def test_interrupted_uploads_can_be_discarded(maas: Shell, interrupted: Path) -> None:
    interrupted.unlink()
    assert "file not found" in maas.done("uploads")

    assert maas("uploads", "--clean", "other.jsonl").stderr == "0 uploads discarded\n"
    assert maas("uploads", "--clean").stderr == "1 upload discarded\n"
    assert listed(maas) == []


def test_an_upload_that_ends_well_leaves_nothing_behind(maas: Shell, large: Path) -> None:
    maas.done("upload", large.name)

    assert listed(maas) == []


def test_a_file_at_a_url_is_copied_server_side(maas: Shell, server: Server) -> None:
    content = "".join(chat_row(f"What is {n} + 1?", f"It is {n + 1}.") + "\n" for n in range(20)).encode()
    allow_loopback_sources(server.endpoint)
    with loopback_server(file_server(content, ETag='"1"')) as source:
        url = source.url.replace("/data?v=1", "/train.jsonl")
        shown = json.loads(maas.done("copy", url, "--name", "copied", "--output", "json"))
        refused = maas("copy", url.replace("127.0.0.1", "elsewhere.test"))
    assert (shown["name"], shown["bytes_sent"]) == ("copied", 0)
    assert shown["uri"].endswith("/train.jsonl")
    assert refused.exit_code != 0
    assert "elsewhere.test" in refused.stderr
