"""The table of placeholders that several processes share: a private file, by keyed digests of the originals."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .file_lock import lock, unlock
from .placeholders import Placeholders

TABLE = "_MAAS_RECORD_TABLE"
"""The variable by which `maas record` passes the place of the table to the processes of its command, and its key."""

_FLAGS = (
    os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)


@dataclass(slots=True)
class Progress:
    """How far a recording is: how many exchanges there are, and when its first request was sent."""

    count: int = 0
    began: float | None = None


class SharedTable:
    """A table in a file that processes read and write in turn."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self.placeholders = Placeholders(self._digest)
        self._progress = Progress()
        self._left: tuple[int, int] | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> SharedTable | None:
        """Return the table that the environment names; None if it names none."""
        key, mark, path = environ.get(TABLE, "").partition(":")
        return cls(Path(path), key.encode()) if mark and key and path else None

    @staticmethod
    def variable(path: Path, key: str) -> str:
        """Return the value of the variable that names a table."""
        return f"{key}:{path}"

    @contextmanager
    def turn(self) -> Generator[Progress]:
        """Hold the table, as the last process left it; what is changed is written at the end."""
        file = os.open(self._path, _FLAGS, 0o600)
        try:
            lock(file)
            try:
                progress = self._load(file)
                yield progress
                self._save(file, progress)
            finally:
                unlock(file)
        finally:
            os.close(file)

    def _digest(self, original: str) -> str:
        octets = original.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, octets, hashlib.sha256).hexdigest()[:32]

    def _load(self, file: int) -> Progress:
        """Read the table, unless this process was the last to write it."""
        if self._left == _state(file):
            return self._progress
        os.lseek(file, 0, os.SEEK_SET)
        content = b"".join(iter(lambda: os.read(file, 1 << 20), b""))
        if not content:
            return Progress()
        document: dict[str, Any] = json.loads(content)
        self.placeholders.load(document)
        return Progress(document["written"], document["began"])

    def _save(self, file: int, progress: Progress) -> None:
        document = {**self.placeholders.to_document(), "written": progress.count, "began": progress.began}
        content = json.dumps(document).encode()
        os.lseek(file, 0, os.SEEK_SET)
        os.ftruncate(file, 0)
        while content:
            content = content[os.write(file, content) :]
        self._left, self._progress = _state(file), progress


def _state(file: int) -> tuple[int, int]:
    """Return what changes when another process writes the file."""
    found = os.fstat(file)
    return found.st_mtime_ns, found.st_size
