"""Servers in processes of their own, started in milliseconds: one process imports everything, and forks each of them.

Run as a program it reads lines of arguments for `python -m mock_server` and answers each with the pid of a server. The
server is a whole process, to be killed by its pid; only its imports were done before.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 20.0


class Nursery:
    """A process that bears servers."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._url_file = folder / "url.json"

    def start(self, *options: str) -> tuple[int, str]:
        """Start a server; gives its pid and its address once it answers."""
        self._url_file.unlink(missing_ok=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        words = ["--port", "0", "--url-file", str(self._url_file), *options]
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        end = time.monotonic() + PATIENCE
        while not self._url_file.exists():
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.002)
        endpoint: str = json.loads(self._url_file.read_text())["endpoint"]
        return pid, endpoint


@contextmanager
def nursery(folder: Path) -> Generator[Nursery]:
    """Run the process for as long as the block; the servers that are left end with it."""
    command = [sys.executable, "-m", "tests.mock_server.nursery"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Nursery(process, folder)
        finally:
            process.kill()


def _bear(main: Callable[[list[str]], int], words: list[str]) -> None:
    """Become a server that ends with the process that bore it."""
    import ctypes

    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(silence, 1)
    os._exit(main(words))


def _run() -> None:
    from mock_server.__main__ import main  # here: who only starts the nursery does not need it

    for line in sys.stdin:
        while _reaped():
            continue
        pid = os.fork()
        if pid == 0:
            _bear(main, json.loads(line))
        print(pid, flush=True)


def _reaped() -> bool:
    """Bury one of the servers that have ended, if there is one."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


if __name__ == "__main__":
    _run()
