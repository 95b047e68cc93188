"""A recording in progress: exchanges are redacted, numbered and appended, from any thread and process."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from ..core.errors import InvalidInput
from ..wire.thread_sharing import callback_lock
from .cassette import CassetteFile
from .redactor import Redactor
from .seen import Seen
from .shared_table import Progress, SharedTable

_AT = re.compile(r"\"at\":([0-9]{1,12}(?:\.[0-9]{1,3})?),")

VARIABLE = "MAAS_RECORD"
"""The environment variable that names the file to which every client of the process appends what it sends."""


class Recording:
    """Takes exchanges as they end, and writes each to its file at once.

    Placeholders are the same throughout one recording. Appending to a file that has exchanges already continues its
    numbers, and gives other placeholders; with a shared table, several processes give the same ones.
    """

    def __init__(self, path: str | os.PathLike[str], *, shared: SharedTable | None = None) -> None:
        self._file = CassetteFile(path)
        self._shared = shared
        self._redactor = Redactor(shared.placeholders if shared else None)
        self._writing = callback_lock()
        self._progress = Progress()
        self._written = 0
        self._last = 0.0
        if shared is None:
            self._continue(Path(path))

    @classmethod
    def new(cls, path: str | os.PathLike[str], *, overwrite: bool = False) -> Recording:
        """Begin a recording in a file that does not exist yet, or replace it.

        Raises:
            InvalidInput: the file exists, and may not be replaced.
            OSError: the file cannot be created.
        """
        CassetteFile(path).create(overwrite=overwrite)
        return cls(path)

    @property
    def count(self) -> int:
        """How many exchanges this process has written."""
        return self._written

    def add(self, seen: Seen, *, sent: float, seconds: float) -> None:
        """Write one exchange; `sent` is the wall clock when its request was sent."""
        with self._writing, self._turn() as progress:
            if progress.began is None:
                progress.began = sent - self._last
            at = max(sent - progress.began, 0.0)
            numbered = replace(seen, n=progress.count, at=at, seconds=max(seconds, 0.0))
            self._file.append(self._redactor.exchange(numbered))
            progress.count += 1
            self._written += 1

    @contextmanager
    def _turn(self) -> Generator[Progress]:
        if self._shared is None:
            yield self._progress
            return
        with self._shared.turn() as progress:
            yield progress

    def _continue(self, path: Path) -> None:
        """Continue after what is in the file already."""
        if path.exists():
            with path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    self._progress.count += 1
                    self._redactor.table.begin_after(line)
                    found = _AT.search(line)
                    self._last = float(found[1]) if found else self._last


@cache
def _recording_at(path: str, table: str) -> Recording:
    del table  # part of the key only
    return Recording(path, shared=SharedTable.from_environ(os.environ))


def recording_from(environ: Mapping[str, str]) -> Recording | None:
    """Return the recording that the environment asks for, one for all clients of the process; None if it asks for none.

    Raises:
        InvalidInput: the file's folder does not exist.
    """
    path = environ.get(VARIABLE, "").strip()
    if not path:
        return None
    if not Path(path).absolute().parent.is_dir():
        raise InvalidInput(f"{VARIABLE} names {path}, in a folder that does not exist. Nothing was sent; create it.")
    return _recording_at(str(Path(path).absolute()), environ.get("_MAAS_RECORD_TABLE", ""))
