"""Verification of a downloaded file: its hashes are computed in order while its ranges arrive in any order."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from ..azureml_layout import SALT
from ..file_slice import read_slice
from .blob_properties import BlobProperties
from .ranges import ByteRange


class Checksums:
    """The hashes that a blob's content must match; nothing is hashed if the service has none."""

    def __init__(self, properties: BlobProperties) -> None:
        self._properties = properties
        self._md5 = hashlib.md5(usedforsecurity=False) if properties.md5 else None
        self._sha256 = hashlib.sha256(SALT) if properties.sha256 else None

    @property
    def any(self) -> bool:
        """Whether there is a hash to compute."""
        return bool(self._md5 or self._sha256)

    def add(self, chunk: bytes) -> None:
        """Add the next bytes of the content."""
        for hashing in (self._md5, self._sha256):
            if hashing is not None:
                hashing.update(chunk)

    def mismatch(self) -> str:
        """Return a message about the hash that does not match, or an empty string if all match."""
        if self._sha256 is not None and (found := self._sha256.hexdigest()) != self._properties.sha256:
            return f"its path contains the content hash {self._properties.sha256}, but the received content has {found}"
        if self._md5 is not None and (found := base64.b64encode(self._md5.digest()).decode()) != self._properties.md5:
            return f"its Content-MD5 is {self._properties.md5!r}, but the received content has {found!r}"
        return ""


class InOrderChecksum:
    """Hashes a file in order, each range once all earlier ones are complete; only one caller at a time does so."""

    def __init__(self, path: Path, checksums: Checksums) -> None:
        self._path, self._checksums = path, checksums
        self._ready: dict[int, ByteRange] = {}
        self._next = 0
        self._busy = False

    def arrived(self, span: ByteRange) -> ByteRange | None:
        """Record a complete range; return the next one to add, or None if it is missing or another caller is adding."""
        if not self._checksums.any:
            return None
        self._ready[span.number] = span
        return None if self._busy else self.following()

    def following(self) -> ByteRange | None:
        """Return the next range to add, or None if it is not complete yet."""
        span = self._ready.pop(self._next, None)
        self._busy = span is not None
        self._next += self._busy
        return span

    def add(self, span: ByteRange) -> None:
        """Read a range from the file and add it."""
        for chunk in read_slice(self._path, span.start, span.size):
            self._checksums.add(chunk)
