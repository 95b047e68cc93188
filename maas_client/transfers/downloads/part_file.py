"""The file that a download is written into until it is whole: beside its target, nobody else's, kept if interrupted."""

from __future__ import annotations

import os
import stat
import sys
import zlib
from collections.abc import Mapping
from io import FileIO
from pathlib import Path

from ...core.errors import InvalidInput
from .checksums import read
from .part_journal import Header, line_of, read_part_journal
from .ranges import WRITE_SIZE, ByteRange
from .safe_paths import journal_beside, part_beside

# Neither a link that somebody put there, nor, on Windows, a translation of line ends.
# Nor is a FIFO without a reader waited for: it is opened at once, or refused.
_PLAIN = (
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
        """Nothing to do: Windows neither removes nor replaces a file that somebody has open."""
        del file
        return True
else:
    import fcntl

    def _unlock(file: FileIO) -> None:
        """Let go of the lock, which a forked child would keep for as long as it has the file."""
        fcntl.flock(file, fcntl.LOCK_UN)

    def _lock(file: FileIO) -> bool:
        """Say whether the file is ours alone now; the lock ends with the process, however that ends."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class PartFile:
    """The part of one download and the notes about it, both 0600."""

    def __init__(self, target: Path, header: Header) -> None:
        self.path = part_beside(target)
        self._target, self._header = target, header
        self._notes_path = journal_beside(target)
        self._known: Mapping[int, int] = {}
        self._file: FileIO | None = None
        self._notes: FileIO | None = None
        self._is_left = False

    def open(self) -> None:
        """Open the part, and keep what it has of this very blob.

        Raises InvalidInput when another download is at it, OSError when it cannot be written.
        """
        try:
            self._open()
        finally:
            if self._is_left:  # while it was opened on another thread
                self.close()

    def _open(self) -> None:
        self._file = _own(self.path)
        size = os.fstat(self._file.fileno()).st_size
        known = read_part_journal(self._notes_path, self._header) if size == self._header.size else None
        if known is None:
            self._notes_path.unlink(missing_ok=True)
            self._file.truncate(0)
            self._file.truncate(self._header.size)
        self._known = known or {}
        self._notes = _opened(self._notes_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        if known is None:
            self._notes.write(self._header.line())

    def has(self, span: ByteRange) -> bool:
        """Say whether a range is finished: it was noted, and its bytes are those that were."""
        if span.number not in self._known:
            return False
        crc = 0
        for chunk in read(self.path, span):
            crc = zlib.crc32(chunk, crc)
        return crc == self._known[span.number]

    def note(self, span: ByteRange, crc: int) -> None:
        """Write down that a range is finished; callers take turns."""
        if self._notes is not None:
            self._notes.write(line_of(span.number, crc))

    def commit(self, *, overwrite: bool, modified: int | None) -> None:
        """Put the part, which is whole, in the target's place, when it is on disk; it takes the blob's time.

        Raises InvalidInput when something is in that place by now and not to be overwritten.
        """
        if self._file is not None:
            os.fsync(self._file.fileno())
        if modified is not None:
            os.utime(self.path, (modified, modified))
        refuse_existing(self._target, overwrite=overwrite)
        if sys.platform == "win32":
            self.close()  # an open file has to stay where it is
        self.path.replace(self._target)
        self._forget_notes()

    def discard(self) -> None:
        """Remove the part and its notes: it will never be whole."""
        if sys.platform == "win32":
            self.close()
        self.path.unlink(missing_ok=True)
        self._forget_notes()

    def close(self) -> None:
        """Leave the part to whoever takes it up."""
        self._is_left = True
        if self._file is not None:
            _unlock(self._file)
        for file in (self._notes, self._file):
            if file is not None:
                file.close()
        self._notes = self._file = None

    def _forget_notes(self) -> None:
        if self._notes is not None:
            self._notes.close()
            self._notes = None
        self._notes_path.unlink(missing_ok=True)


class PartWriter:
    """A range on its way into the part: gathered, summed up, and written at its place."""

    def __init__(self, path: Path, span: ByteRange) -> None:
        self._path, self._span = path, span
        self._at = span.start
        self._buffer = bytearray()
        self.crc = 0

    @property
    def at(self) -> int:
        """Where the next byte belongs that has not come."""
        return self._at + len(self._buffer)

    @property
    def left(self) -> int:
        """Bytes that have not come."""
        return self._span.end - self.at

    def take(self, chunk: bytes) -> bool:
        """Gather some bytes, of which there must not be more than are left; say whether it is time to write."""
        self._buffer += chunk
        return len(self._buffer) >= WRITE_SIZE

    def write(self) -> int:
        """Write what was gathered, and return how many bytes it was."""
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
    """Raise InvalidInput for a target that is a folder, or is there already and not to be overwritten."""
    if target.is_dir() and not target.is_symlink():
        raise InvalidInput(f"{str(target)!r} is a folder, and would have to become a file; nothing of it was touched")
    if os.path.lexists(target) and not overwrite:
        raise InvalidInput(
            f"{str(target)!r} is there already, with other content; say that it is to be overwritten, or name another "
            "place"
        )


def _own(path: Path) -> FileIO:
    """Open a part that is nobody else's, making it if need be."""
    while True:
        file = _opened(path, os.O_RDWR | os.O_CREAT)
        try:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                raise InvalidInput(f"{str(path)!r} is in the way of a download and no file of its own; remove it")
            if not _lock(file):
                raise InvalidInput(f"another download is writing {str(path)!r}; wait for it, or name another place")
            if _is_at(path, status):  # else it was finished, or given up, between opening and locking it
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
    return os.fdopen(os.open(path, flags | _PLAIN, 0o600), "ab" if flags & os.O_APPEND else "r+b", buffering=0)
