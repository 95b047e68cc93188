"""What one reading of a file tells: its content hash, a checksum per block, and what else listens to the bytes."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..wire.aside import Aside

SALT = b"Initialize for october 2021 AML CLI version"
"""What Microsoft's SDK hashes ahead of the content (azure-ai-ml 1.35.2 `_asset_utils.py`, `_get_file_hash`)."""

READ_SIZE = 8 << 20
"""Bytes. Large, because the thread that sums them up waits for the GIL each time."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A file as it was read: size in bytes, mtime in ns, content hash as the SDK makes it, MD5 per block (base64)."""

    size: int
    mtime: int
    sha256: str
    block_size: int
    block_md5s: tuple[str, ...]


def fingerprint(path: Path, *, block_size: int, listeners: Sequence[Callable[[bytes], None]] = ()) -> Fingerprint:
    """Read a file once; `block_size` is in bytes, `listeners` are given every chunk in order.

    The checksums are made on a thread beside the caller, where the listeners run: they take as long as a check does.
    """
    sums = _Sums(block_size)
    with path.open("rb", buffering=0) as file, Aside(sums.add) as aside:
        status = os.fstat(file.fileno())
        while chunk := file.read(READ_SIZE):
            aside.give(chunk)
            for listener in listeners:
                listener(chunk)
    return sums.result(status)


class _Sums:
    """The content hash and the checksum of each block, while they grow."""

    def __init__(self, block_size: int) -> None:
        self._block_size = self._left = block_size
        self._content = hashlib.sha256(SALT)
        self._block = hashlib.md5(usedforsecurity=False)
        self._blocks: list[str] = []

    def add(self, chunk: bytes) -> None:
        """Take the next bytes, which may belong to two blocks."""
        self._content.update(chunk)
        while len(chunk) >= self._left:
            self._block.update(chunk[: self._left])
            chunk = chunk[self._left :]
            self._end_block()
        self._block.update(chunk)
        self._left -= len(chunk)

    def result(self, status: os.stat_result) -> Fingerprint:
        """Return the sums of all that came."""
        if self._left != self._block_size or not self._blocks:
            self._end_block()
        content, size, mtime = self._content.hexdigest(), status.st_size, status.st_mtime_ns
        return Fingerprint(size, mtime, content, self._block_size, tuple(self._blocks))

    def _end_block(self) -> None:
        self._blocks.append(base64.b64encode(self._block.digest()).decode())
        self._block, self._left = hashlib.md5(usedforsecurity=False), self._block_size
