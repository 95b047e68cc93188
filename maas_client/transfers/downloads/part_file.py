"""The part file of a download: next to its target, locked, and kept if the download is interrupted."""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path

from ...core.errors import InvalidInput
from ..file_slice import read_slice
from .part_journal import Header, line_of, read_part_journal
from .ranges import WRITE_SIZE, ByteRange
from .safe_paths import journal_beside, part_beside

# No symbolic links, and no translation of line ends on Windows.
# Opening a FIFO without a reader does not block: it is opened at once or fails.
_OPEN_FLAGS = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
)

if sys.platform == "win32":

    def _unlock(file: FileIO) -> None:
        """Nothing to do."""
        del file

    def _lock(file: FileIO) -> bool:
        """Nothing to do: Windows neither removes nor replaces an open file."""
        del file
        return True
else:
    import fcntl

    def _unlock(file: FileIO) -> None:
        """Release the lock, which a forked child would otherwise keep as long as it has the file open."""
        fcntl.flock(file, fcntl.LOCK_UN)

    def _lock(file: FileIO) -> bool:
        """Lock the file exclusively; return whether that succeeded. The lock ends with the process, in any case."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class PartFile:
    """The part file of a download and its journal, both with mode 0600."""

    def __init__(self, target: Path, header: Header) -> None:
        self.path = part_beside(target)
        self._target, self._header = target, header
        self._journal_path = journal_beside(target)
        self._known: Mapping[int, int] = {}
        self._file: FileIO | None = None
        self._journal: FileIO | None = None
        self._to_close: list[FileIO] = []
        self._is_closed = False

    def open(self) -> None:
        """Open the part file, and keep the ranges it has of the same version of the blob.

        Raises InvalidInput if another download uses it, OSError if it cannot be written.
        """
        try:
            self._open()
        finally:
            if self._is_closed:  # while it was opened on another thread
                self.close()

    def _open(self) -> None:
        self._file = _open_locked(self.path)
        self._to_close.append(self._file)
        size = os.fstat(self._file.fileno()).st_size
        known = read_part_journal(self._journal_path, self._header) if size == self._header.size else None
        if known is None:
            self._journal_path.unlink(missing_ok=True)
            self._file.truncate(0)
            try:
                self._file.truncate(self._header.size)
            except OverflowError:
                size = self._header.size
                raise InvalidInput(
                    f"{self._target} cannot be written: the service says that it has {size} bytes"
                ) from None
        self._known = known or {}
        self._journal = _opened(self._journal_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._to_close.append(self._journal)
        if known is None:
            self._journal.write(self._header.line())

    def has(self, span: ByteRange) -> bool:
        """Return whether a range is complete: it is in the journal, and its bytes match the CRC-32 there."""
        if span.number not in self._known:
            return False
        crc = 0
        for chunk in read_slice(self.path, span.start, span.size):
            crc = zlib.crc32(chunk, crc)
        return crc == self._known[span.number]

    def note(self, span: ByteRange, crc: int) -> None:
        """Record in the journal that a range is complete; callers must not overlap."""
        if self._journal is not None:
            self._journal.write(line_of(span.number, crc))

    def commit(self, *, overwrite: bool, modified: int | None) -> None:
        """Sync the complete part file, set the blob's modification time, and rename it to the target.

        Raises InvalidInput if the target exists by now and may not be overwritten.
        """
        if self._file is not None:
            os.fsync(self._file.fileno())
        if modified is not None:
            os.utime(self.path, (modified, modified))
        refuse_existing(self._target, overwrite=overwrite)
        if sys.platform == "win32":
            self.close()  # an open file cannot be renamed
        self.path.replace(self._target)
        self._remove_journal()

    def discard(self) -> None:
        """Remove the part file and its journal: it cannot be completed."""
        if sys.platform == "win32":
            self.close()
        self.path.unlink(missing_ok=True)
        self._remove_journal()

    def close(self) -> None:
        """Close and unlock the part file, so that another download can resume it."""
        self._is_closed = True
        self._journal = self._file = None
        with suppress(IndexError):
            while True:
                # Atomic: a file that another thread opens meanwhile is closed by exactly one of the two.
                file = self._to_close.pop()
                if not file.closed:
                    _unlock(file)
                    file.close()

    def _remove_journal(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._journal_path.unlink(missing_ok=True)


class PartWriter:
    """Writes a range to the part file: buffered, with a CRC-32."""

    def __init__(self, path: Path, span: ByteRange) -> None:
        self._path, self._span = path, span
        self._at = span.start
        self._buffer = bytearray()
        self.crc = 0

    @property
    def at(self) -> int:
        """The offset of the next missing byte."""
        return self._at + len(self._buffer)

    @property
    def left(self) -> int:
        """The number of missing bytes."""
        return self._span.end - self.at

    def take(self, chunk: bytes) -> bool:
        """Buffer a chunk, which must not be longer than `left`; return whether the buffer should be written."""
        self._buffer += chunk
        return len(self._buffer) >= WRITE_SIZE

    def write(self) -> int:
        """Write the buffer, and return its size."""
        if not self._buffer:
            return 0
        with self._path.open("r+b", buffering=0) as file, memoryview(self._buffer) as gathered:
            file.seek(self._at)
            written = 0
            while written < len(gathered):
                written += file.write(gathered[written:])
            self.crc = zlib.crc32(gathered, self.crc)
        self._at += written
        self._buffer.clear()
        return written


def refuse_existing(target: Path, *, overwrite: bool) -> None:
    """Raise InvalidInput for a target that is a folder, or that exists and may not be overwritten."""
    if target.is_dir() and not target.is_symlink():
        raise InvalidInput(f"{str(target)!r} is a folder and cannot be replaced by a file; it was not changed")
    if os.path.lexists(target) and not overwrite:
        raise InvalidInput(
            f"{str(target)!r} already exists with different content; use `overwrite` to replace it or another path"
        )


def _open_locked(path: Path) -> FileIO:
    """Open and lock a part file, creating it if necessary."""
    while True:
        file = _opened(path, os.O_RDWR | os.O_CREAT)
        try:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                raise InvalidInput(
                    f"{str(path)!r} is in the way of a download and is not a regular file with one link; remove it"
                )
            if not _lock(file):
                raise InvalidInput(f"another download is writing {str(path)!r}; wait for it, or choose another path")
            if _is_at(path, status):  # else it was completed or discarded between opening and locking
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def _is_at(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.lstat(), status)
    except FileNotFoundError:
        return False


def _opened(path: Path, flags: int) -> FileIO:
    return os.fdopen(os.open(path, flags | _OPEN_FLAGS, 0o600), "ab" if flags & os.O_APPEND else "r+b", buffering=0)
