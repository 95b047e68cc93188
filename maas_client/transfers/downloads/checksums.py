"""Holding a file to what the service says of it: its hashes, made in order while its ranges come in any order."""

from __future__ import annotations

import base64
import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

from ...azure.blob_container import READ_SIZE
from ..azureml_layout import SALT
from .blob_properties import BlobProperties
from .ranges import ByteRange


class Checksums:
    """The hashes that a blob's content is held to; nothing is hashed where the service has none."""

    def __init__(self, facts: BlobProperties) -> None:
        self._facts = facts
        self._md5 = hashlib.md5(usedforsecurity=False) if facts.md5 else None
        self._sha256 = hashlib.sha256(SALT) if facts.sha256 else None

    @property
    def any(self) -> bool:
        """Whether there is a hash to make."""
        return bool(self._md5 or self._sha256)

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the content."""
        for hashing in (self._md5, self._sha256):
            if hashing is not None:
                hashing.update(chunk)

    def complaint(self) -> str:
        """Say which hash all that was added does not have; nothing when it is right."""
        if self._sha256 is not None and (found := self._sha256.hexdigest()) != self._facts.sha256:
            return f"its path says that the content's hash is {self._facts.sha256}, and what came has {found}"
        if self._md5 is not None and (found := base64.b64encode(self._md5.digest()).decode()) != self._facts.md5:
            return f"its Content-MD5 is {self._facts.md5!r}, and what came has {found!r}"
        return ""


class InOrderChecksum:
    """Sums a file up in order, each range as soon as all before it are there; one caller at a time does so."""

    def __init__(self, path: Path, sums: Checksums) -> None:
        self._path, self._sums = path, sums
        self._ready: dict[int, ByteRange] = {}
        self._next = 0
        self._busy = False

    def arrived(self, span: ByteRange) -> ByteRange | None:
        """Take note of a range; return the one to add now, unless somebody else is at it, or its time has not come."""
        if not self._sums.any:
            return None
        self._ready[span.number] = span
        return None if self._busy else self.following()

    def following(self) -> ByteRange | None:
        """Return the range to add next, None when it has not arrived."""
        span = self._ready.pop(self._next, None)
        self._busy = span is not None
        self._next += self._busy
        return span

    def add(self, span: ByteRange) -> None:
        """Read a range back and add it."""
        for chunk in read(self._path, span):
            self._sums.add(chunk)


def read(path: Path, span: ByteRange) -> Iterator[bytes]:
    """Read a range of a file; what is missing of it is missing from what comes."""
    with path.open("rb", buffering=0) as file:
        file.seek(span.start)
        left = span.size
        while left and (chunk := file.read(min(READ_SIZE, left))):
            left -= len(chunk)
            yield chunk


def is_there(target: Path, facts: BlobProperties) -> bool:
    """Say whether a file has the blob's content.

    Its hash tells, where the service has one. Else its size and time do: a downloaded file has the blob's own time,
    which is a whole second, as nothing has that was written to here.
    """
    try:
        status = target.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != facts.size:
            return False
        sums = Checksums(facts)
        if not sums.any:
            return facts.modified is not None and status.st_mtime_ns == facts.modified * 10**9
        for chunk in read(target, ByteRange(0, 0, facts.size)):
            sums.add(chunk)
    except OSError:
        return False
    return not sums.complaint()
