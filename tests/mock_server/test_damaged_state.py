"""An unusable state directory: one line on stderr, an exit code, and the content unchanged."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.server import serve


def no_database(state: Path) -> None:
    (state / "state.db").write_bytes(b"hello\n" * 100)


def a_folder(state: Path) -> None:
    (state / "state.db").mkdir()


def a_dangling_link(state: Path) -> None:
    (state / "state.db").symlink_to(state / "nowhere" / "x")


def a_fifo(state: Path) -> None:
    os.mkfifo(state / "state.db")


def cut_short(state: Path) -> None:
    with serve(state=state):
        pass
    whole = (state / "state.db").read_bytes()
    (state / "state.db").write_bytes(whole[: len(whole) // 2])


def other_tables(state: Path) -> None:
    with sqlite3.connect(state / "state.db") as database:
        database.execute("CREATE TABLE documents (x)")
    database.close()


def no_objects(state: Path) -> None:
    with serve(state=state):
        pass
    with sqlite3.connect(state / "state.db") as database:
        database.execute("UPDATE documents SET body = '[1]'")
    database.close()


DAMAGES: list[Callable[[Path], None]] = [
    no_database,
    a_folder,
    a_dangling_link,
    a_fifo,
    cut_short,
    other_tables,
    no_objects,
]


def started(state: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--state", str(state)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_state_is_reported_in_one_line_and_kept(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    damage(tmp_path)
    file = tmp_path / "state.db"
    before = file.read_bytes() if stat.S_ISREG(file.lstat().st_mode) else file.lstat().st_mode
    done = started(tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"the state directory {str(tmp_path)!r} cannot be used" in done.stderr
    assert (file.read_bytes() if stat.S_ISREG(file.lstat().st_mode) else file.lstat().st_mode) == before


def test_a_file_instead_of_the_directory_is_reported(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("x")
    done = started(tmp_path / "state")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert (tmp_path / "state").read_text() == "x"


CODE = """
import os, sys
os.umask(int(sys.argv[2], 8))
from pathlib import Path
from mock_server.server import serve
state = Path(sys.argv[1])
with serve(state=state):
    print(oct(state.stat().st_mode & 0o777), *sorted({oct(each.stat().st_mode & 0o777) for each in state.iterdir()}))
"""


@pytest.mark.parametrize("umask", ["000", "022", "077"])
def test_only_the_owner_can_read_the_state_under_any_umask(tmp_path: Path, umask: str) -> None:
    command = [sys.executable, "-c", CODE, str(tmp_path / "state"), umask]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert shown.stdout.split() == ["0o700", "0o600"]
