"""Sequential reading of a file, with a check that it does not change meanwhile."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from ...core.errors import FileChanged, InvalidInput
from ..file_identity import FileIdentity, check_unchanged


class FileReader:
    """Reads a file of known identity; it must be closed."""

    def __init__(self, path: Path, identity: FileIdentity) -> None:
        self._path, self._identity = path, identity
        self._file: FileIO | None = None

    def fill(self, part: memoryview) -> None:
        """Read the next bytes; raise FileChanged if the file was truncated or can no longer be read."""
        file = self._opened()
        while part:
            count = self._read(file, part)
            if not count:
                raise FileChanged(f"{self._path} was truncated while it was read; nothing was committed")
            part = part[count:]

    def finish(self) -> None:
        """Raise FileChanged if the file has more bytes or another identity."""
        if self._read(self._opened(), memoryview(bytearray(1))):
            raise FileChanged(f"{self._path} grew while it was read; nothing was committed")
        check_unchanged(self._path, self._identity, "while it was read")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _opened(self) -> FileIO:
        """Open the file on first use; raise InvalidInput if it cannot be read, FileChanged if its identity differs."""
        if self._file is None:
            try:
                self._file = self._path.open("rb", buffering=0)
            except OSError as error:
                raise InvalidInput(f"{self._path} cannot be read: {error.strerror}") from None
            how = self._identity.differs(FileIdentity.of(os.fstat(self._file.fileno())))
            if how:
                raise FileChanged(f"{self._path} changed before it was read: {how}; nothing was committed")
        return self._file

    def _read(self, file: FileIO, part: memoryview) -> int:
        try:
            return file.readinto(part) or 0
        except OSError as error:
            raise FileChanged(f"{self._path} can no longer be read: {error.strerror}; nothing was committed") from None
