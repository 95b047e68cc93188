"""Exclusive locks on open files, which end with the process however it ends: by `flock`, or Windows's `locking`."""

import os
import sys

if sys.platform == "win32":
    import msvcrt

    _LOCKED_BYTE = 1 << 30  # far behind the content: on Windows no other process can read a byte that is locked

    def lock(file: int) -> None:
        """Lock a file.

        Raises:
            BlockingIOError: another process, or this one, has locked it.
        """
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error
        finally:
            os.lseek(file, 0, os.SEEK_SET)

    def unlock(file: int) -> None:
        """Release the lock."""
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def lock(file: int) -> None:
        """Lock a file.

        Raises:
            BlockingIOError: another process, or this one, has locked it.
        """
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def unlock(file: int) -> None:
        """Release the lock, also for forked children that have not run yet."""
        fcntl.flock(file, fcntl.LOCK_UN)


PRIVATE_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
"""How a file of the state is opened: never through a symbolic link, where the system has that."""
