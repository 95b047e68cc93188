"""Promise 26: no token, key or signature in a log, an error, a repr, a traceback with its locals, or a journal."""

from __future__ import annotations

import json
import os
import secrets
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args

import pytest

from mock_server.server import serve

ROOT = Path(__file__).parents[2]
Credentials = Literal["sas", "key", "none"]


def files_below(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("credentials", get_args(Credentials))
def test_the_whole_job_with_full_logging_leaves_no_secret(tmp_path: Path, kind: str, credentials: Credentials) -> None:
    token = f"canary-{secrets.token_hex(16)}"
    found = ran("tests.promises.canaries", tmp_path, token, kind, credentials)
    assert token in found["secrets"]


def test_the_whole_job_on_foundry_leaves_no_secret(tmp_path: Path, kind: str) -> None:
    token = f"canary-{secrets.token_hex(16)}"
    found = ran("tests.promises.foundry_canaries", tmp_path, token, kind)
    assert {token, f"key-{token[::-1]}"} <= set(found["secrets"])


def ran(script: str, folder: Path, token: str, kind: str, credentials: Credentials = "sas") -> dict[str, Any]:
    """Run a script in a process of its own, and see that nothing it wrote has a secret; return what it found."""
    state = folder / "state"
    state.mkdir()
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'helpers'}"}
    with serve(clock="virtual", datastore_credentials=credentials) as server:
        words = [sys.executable, "-X", "dev", "-m", script, server.endpoint, str(folder), token, kind]
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["errors"] > 20
    assert found["texts"] == []
    assert not any(found["pickled"])
    written = {file: file.read_text("utf-8", "replace") for file in files_below(folder)}
    written[Path("stderr")] = done.stderr
    assert len(written[folder / "log.txt"]) > 100_000
    leaks = [
        f"{file.name}: …{text[max(0, text.index(secret) - 120) : text.index(secret) + 12]!r}"
        for secret in found["secrets"]
        for file, text in written.items()
        if secret in text
    ]
    assert leaks == []
    return found


def test_recorded_uploads_are_readable_only_by_their_owner(tmp_path: Path) -> None:
    from maas_client.transfers.file_identity import FileIdentity
    from maas_client.transfers.uploads.journal import Entry, Journal

    before = os.umask(0)
    try:
        identity = FileIdentity(size=1, mtime=1, inode=1, ctime=1)
        folder = tmp_path / "a" / "b"
        assert Journal(folder).remember(
            Entry(file="/x", identity=identity, sha256="0" * 64, workspace="w", blob="b", began=1.0)
        )
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files_below(folder)} == {0o600}
