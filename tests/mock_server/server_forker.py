"""Mock server processes that start in milliseconds: one process imports everything, and forks each server.

Run as a program it reads lines of arguments for `python -m mock_server` and prints the pid of a server for each. Every
server is a process of its own that can be killed by its pid; only its imports are inherited.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

START_TIMEOUT = 30.0


class ServerForker:
    """A process that forks servers."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self._url_file = folder / "url.json"

    def start(self, *options: str) -> tuple[int, str]:
        """Start a server; returns its pid and its address once it is ready."""
        self._url_file.unlink(missing_ok=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        words = ["--port", "0", "--url-file", str(self._url_file), *options]
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        end = time.monotonic() + START_TIMEOUT
        while not self._url_file.exists():
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.002)
        endpoint: str = json.loads(self._url_file.read_text())["endpoint"]
        return pid, endpoint

    @staticmethod
    def wait_for_exit(pid: int) -> None:
        """Wait until the kernel has closed a killed server's files, and with them released the lock of its state."""
        end = time.monotonic() + START_TIMEOUT
        while _is_running(pid):
            assert time.monotonic() < end, "the server did not exit"
            time.sleep(0.002)


@contextmanager
def server_forker(folder: Path) -> Generator[ServerForker]:
    """Run the process for the duration of the block; remaining servers end with it."""
    command = [sys.executable, "-m", "tests.mock_server.server_forker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield ServerForker(process, folder)
        finally:
            process.kill()


def _become_server(main: Callable[[list[str]], int], words: list[str]) -> None:
    """Become a server that ends with its parent process."""
    import ctypes

    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(silence, 1)
    os._exit(main(words))


def _run() -> None:
    from mock_server.__main__ import main  # imported here: the client side does not need it

    for line in sys.stdin:
        while _reap_one():
            continue
        pid = os.fork()
        if pid == 0:
            _become_server(main, json.loads(line))
        print(pid, flush=True)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _reap_one() -> bool:
    """Reap one server that has ended, if there is one."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


if __name__ == "__main__":
    _run()
