"""A file that is read in order, from its first byte to its last, and is the same one all the while."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from ...core.errors import FileChanged, InvalidInput
from ..file_identity import FileIdentity, check_unchanged


class FileReader:
    """Reads the file of an identity; whoever reads must `close`."""

    def __init__(self, path: Path, identity: FileIdentity) -> None:
        self._path, self._identity = path, identity
        self._file: FileIO | None = None

    def fill(self, part: memoryview) -> None:
        """Read the next bytes; raise FileChanged when the file became shorter or cannot be read any more."""
        file = self._opened()
        while part:
            count = self._read(file, part)
            if not count:
                raise FileChanged(f"{self._path} became shorter while it was read; nothing was committed")
            part = part[count:]

    def finish(self) -> None:
        """Raise FileChanged if there is more of the file, or it is not the one that it was."""
        if self._read(self._opened(), memoryview(bytearray(1))):
            raise FileChanged(f"{self._path} became longer while it was read; nothing was committed")
        check_unchanged(self._path, self._identity, "while it was read")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _opened(self) -> FileIO:
        """Open the file on first use; raise InvalidInput if it cannot be read, FileChanged if it is another by now."""
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
