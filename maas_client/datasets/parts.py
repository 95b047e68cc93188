"""Dividing a file at line ends into parts that are checked separately; their reports add up to the whole file's."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce
from multiprocessing import get_context
from operator import add
from pathlib import Path
from threading import active_count  # noqa: TID251 -- counts threads, and starts none

from .check.checker import CHUNK, CheckOptions
from .check.report import CheckReport

SMALLEST = 4 << 20
"""Minimum bytes for a separate process: starting one takes as long as checking 15 MB."""


@dataclass(frozen=True, slots=True)
class Part:
    """A byte range of a file that contains whole lines, from `start` to just before `end` or to the end of the file."""

    path: str
    start: int
    end: int | None = None


_DESCRIPTORS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")


def parts_of(path: str | os.PathLike[str], count: int, *, smallest: int = SMALLEST) -> tuple[Part, ...]:
    """Divide a file into at most `count` parts of similar size, each except the last of at least `smallest` bytes.

    Raises OSError if the file cannot be read, for a device, which may be endless, and for a named pipe, which may never
    get a writer. A pipe that the process has open, such as /dev/stdin, is a single part.
    """
    name = os.fspath(path)
    facts = Path(name).stat()
    if stat.S_ISCHR(facts.st_mode) or stat.S_ISBLK(facts.st_mode):
        raise OSError(errno.EINVAL, "a device is not a dataset; name a file or a pipe", name)
    if stat.S_ISFIFO(facts.st_mode) and not _is_open(name):
        why = "a named pipe may never get a writer; pass its content as <(command) or /dev/stdin"
        raise OSError(errno.EINVAL, why, name)
    size = facts.st_size
    step = max(-(-size // max(count, 1)), smallest, 1)
    if step >= size:
        return (Part(name, 0),)  # not opened: a pipe can be read only once and has no size
    cuts = [0]
    with Path(name).open("rb") as file:
        for wanted in range(step, size, step):
            file.seek(wanted - 1)
            while (piece := file.readline(CHUNK)) and not piece.endswith(b"\n"):
                continue
            if cuts[-1] < file.tell() < size:
                cuts.append(file.tell())
    return tuple(Part(name, start, end) for start, end in zip(cuts, [*cuts[1:], None], strict=True))


def check_part(part: Part, checking: CheckOptions) -> CheckReport:
    """Check one part; the reports on all parts, added in order, are the report on the file."""
    checker = checking.checker(name=Path(part.path).name if part.start == 0 else None, continues=part.start > 0)
    with Path(part.path).open("rb", buffering=0) as file:
        if part.start:
            file.seek(part.start)  # a pipe cannot seek, and is a single part
        at = part.start
        try:
            while data := file.read(CHUNK if part.end is None else min(CHUNK, part.end - at)):
                checker.feed(data)
                at += len(data)
        except OSError as error:
            error.filename = error.filename or part.path  # a failed read carries only the reason
            raise
    return checker.finish()


def _is_open(name: str) -> bool:
    """Return whether a path is an open file descriptor of the process rather than a directory entry."""
    return str(Path(name).absolute()).startswith(_DESCRIPTORS)


def check_parts(parts: Sequence[Part], checking: CheckOptions, *, jobs: int) -> CheckReport:
    """Check parts in up to `jobs` processes, of which this is one, and add the reports."""
    if len(parts) == 1 or jobs == 1:
        return reduce(add, (check_part(part, checking) for part in parts))
    here, *others = parts
    with ProcessPoolExecutor(min(jobs - 1, len(others)), mp_context=get_context(_start_method())) as pool:
        there = pool.map(partial(check_part, checking=checking), others)
        return reduce(add, there, check_part(here, checking))


def _start_method() -> str:
    """Return how processes are started: by fork, which takes no time, where nothing can be inherited half done.

    A forked child would inherit the locks of other threads in an arbitrary state. On macOS the system's own libraries
    may have started some.
    """
    return "fork" if active_count() == 1 and sys.platform == "linux" else "spawn"


def check_file(path: str | os.PathLike[str], checking: CheckOptions | None = None, *, jobs: int = 1) -> CheckReport:
    """Check a file on disk, its name included, in `jobs` processes; OSError if it cannot be read.

    A program that uses more than one process must guard its entry point with `if __name__ == "__main__"`, as
    `multiprocessing` requires.
    """
    return check_parts(parts_of(path, jobs), checking or CheckOptions(), jobs=jobs)
