"""Processes that upload, started in milliseconds and made to be killed: one imports everything, and forks each of them.

Run as a program it reads orders, one a line: a job to do in a process of its own, which it answers with the pid, or a
pid whose end it waits for, which it answers with the exit code. What a job comes to is written into a file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path

KILLED = -9


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A file to upload with either client: to a workspace at an endpoint, or to a container, with a key or without.

    Or to a Foundry account, in parts of this many bytes.
    """

    file: str
    kind: str
    endpoint: str = ""
    container: str = ""
    key: str = ""
    foundry: str = ""
    part: int = 0
    result: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an upload came to, in bytes: sent, found at the server, memory at the start and at most."""

    sent: int
    resumed: int
    start: int
    peak: int


class Victims:
    """The process that forks them."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._result = process, folder / "result.json"

    def start(self, job: Job) -> int:
        """Begin a job; gives its process's pid."""
        return self._ask(asdict(replace(job, result=str(self._result))))

    def end(self, pid: int) -> int:
        """Wait for a process's end; gives its exit code, negative for a signal."""
        return self._ask(pid)

    def finish(self, job: Job) -> Outcome:
        """Do a job to its end."""
        assert self.end(self.start(job)) == 0
        return Outcome(**json.loads(self._result.read_text("utf-8")))

    def _ask(self, order: object) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def victims(folder: Path) -> Generator[Victims]:
    """Run the process for as long as the block; those it forked end with it."""
    command = [sys.executable, "-m", "tests.transfers.uploads.victims"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Victims(process, folder)
        finally:
            process.kill()


def _become(job: Job) -> None:
    """Do a job, and end with the process that forked this one."""
    import ctypes

    from tests.transfers.uploads.deeds import do

    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    try:
        do(job)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _run() -> None:
    import_module("tests.transfers.uploads.deeds")  # here: who only starts this program does not need it

    for line in sys.stdin:
        order = json.loads(line)
        if isinstance(order, int):
            print(os.waitstatus_to_exitcode(os.waitpid(order, 0)[1]), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            _become(Job(**order))
        print(pid, flush=True)


if __name__ == "__main__":
    _run()
