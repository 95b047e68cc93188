"""A state directory belongs to one server at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mock_server.server import serve
from mock_server.state.lock import StateLock
from tests.mock_server.driver import Azure


def test_a_second_server_on_a_directory_is_rejected(tmp_path: Path) -> None:
    with serve(state=tmp_path) as first:
        with (
            pytest.raises(ValueError, match=rf"in use by another mock server \(process {os.getpid()}\)"),
            serve(state=tmp_path),
        ):
            pass
        azure = Azure(first)
        assert azure.get("/jobs").status_code == 200
        azure.close()


def test_the_command_refuses_it_in_one_line(tmp_path: Path) -> None:
    with serve(state=tmp_path):
        command = [sys.executable, "-m", "mock_server", "--port", "0", "--state", str(tmp_path)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert str(tmp_path) in ended.stderr


def test_a_closed_server_leaves_the_directory_free(tmp_path: Path) -> None:
    with serve(state=tmp_path):
        pass
    with serve(state=tmp_path):
        pass


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom mock_server.state.lock import StateLock\n"
        "lock = StateLock(Path(sys.argv[1]))\n"
        "if os.fork() == 0:\n    os.write(1, b'x')\n    os.read(0, 1)\n    os._exit(0)\n"
        "os.read(0, 1)\nos._exit(0)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdin is not None
        assert owner.stdout is not None
        assert owner.stdout.read(1) == b"x"
        owner.kill()  # its child lives until its standard input ends
        owner.wait()
        StateLock(tmp_path).release()
