"""File identity: whether a file is still the same one, and whether it has changed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import FileChanged, InvalidInput


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """A file's metadata: size in bytes, inode, times of the last change of content and of metadata, in ns."""

    size: int
    mtime: int
    inode: int
    ctime: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileIdentity:
        """Create the identity from a stat result."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)

    def differs(self, other: FileIdentity) -> str:
        """Describe how another file differs; empty if it does not."""
        if self.size != other.size:
            return f"it had {self.size} bytes and has {other.size}"
        if self.inode != other.inode:
            return "it was replaced by another file"
        return "it was modified" if self.mtime != other.mtime else ""


def identity_of(path: Path) -> FileIdentity:
    """Return the identity of a file; raise InvalidInput if it cannot be read."""
    try:
        return FileIdentity.of(path.stat())
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None


def check_unchanged(path: Path, identity: FileIdentity, doing: str) -> None:
    """Raise FileChanged if the file has changed, including its metadata's time, which cannot be set back."""
    try:
        now = FileIdentity.of(path.stat())
        how = identity.differs(now) or ("its metadata changed" if now != identity else "")
    except OSError as error:
        how = error.strerror or "it cannot be read"
    if how:
        raise FileChanged(
            f"{path} changed {doing}: {how}. Nothing was committed; upload it again once nothing writes to it."
        )
