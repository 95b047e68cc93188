"""One server per state directory: a lock that the kernel holds as long as the process has the file open.

Two servers on one directory would each cache parts of it and overwrite what the other acknowledged. The lock ends with
the process, however it ends, so a killed server leaves nothing to clean up.
"""

import contextlib
import os
import sys
import weakref
from pathlib import Path

from mock_server.state.file_locks import PRIVATE_FLAGS, lock, unlock

NAME = "lock"
_held: "weakref.WeakSet[StateLock]" = weakref.WeakSet()


class StateLock:
    """The lock of one state directory, held until `release` or the end of the process."""

    def __init__(self, directory: Path) -> None:
        """Take the lock.

        Args:
            directory: the state directory, which exists.

        Raises:
            ValueError: another server, in this process or another, holds the directory.
        """
        self._file = os.open(directory / NAME, PRIVATE_FLAGS, 0o600)
        try:
            lock(self._file)
        except BlockingIOError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            process = f" (process {holder})" if holder.isdigit() else ""
            raise ValueError(
                f"the state directory {str(directory)!r} is in use by another mock server{process}: "
                "stop that one, or use another directory"
            ) from error
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, str(os.getpid()).encode())
        _held.add(self)

    def release(self) -> None:
        """Release the lock; calling it twice is harmless."""
        if self._file >= 0:
            unlock(self._file)
        self.forget()

    def forget(self) -> None:
        """Close the file without releasing the lock, which belongs to another process."""
        _held.discard(self)
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


def _forget() -> None:
    """Close the files in a forked child, which would otherwise hold the lock longer than the server lives."""
    for held in list(_held):
        with contextlib.suppress(OSError):
            held.forget()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget)
