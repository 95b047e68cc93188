"""An exclusive lock on an open file, which ends with the process: by `flock`, or Windows's `locking`."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 1 << 30  # far behind the content: on Windows no other process can read a byte that is locked

    def lock(file: int) -> None:
        """Lock a file, once no other process has locked it; raise OSError after ten seconds."""
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_LOCK, 1)

    def unlock(file: int) -> None:
        """Release the lock."""
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def lock(file: int) -> None:
        """Lock a file, once no other process has locked it."""
        fcntl.flock(file, fcntl.LOCK_EX)

    def unlock(file: int) -> None:
        """Release the lock."""
        fcntl.flock(file, fcntl.LOCK_UN)
