"""Files that are already where a download would write them: whether they have the content."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Protocol

from ..file_slice import read_slice


class Checks(Protocol):
    """The hashes that a content must match."""

    @property
    def any(self) -> bool:
        """Whether there is a hash to compute."""
        ...

    def add(self, chunk: bytes) -> None:
        """Add the next bytes of the content."""
        ...

    def mismatch(self) -> str:
        """Return a message about the hash that does not match, or an empty string if all match."""
        ...


def has_content(target: Path, size: int, checks: Checks, modified: int | None) -> bool:
    """Return whether a file has the content of something stored.

    Its hash decides, if the service has one. Otherwise size and time do: a downloaded file has the stored one's time in
    whole seconds, which a file that was modified locally does not.
    """
    try:
        status = target.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return False
        if not checks.any:
            return modified is not None and status.st_mtime_ns == modified * 10**9
        for chunk in read_slice(target, 0, size):
            checks.add(chunk)
    except OSError:
        return False
    return not checks.mismatch()
