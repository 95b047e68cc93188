"""The MD5 of each block, computed piece by piece by any idle thread: several blocks at once, each in order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import partial
from typing import Protocol

from ...wire.thread_sharing import KeyedQueue


class Piece(Protocol):
    """A piece of a block in memory."""

    @property
    def block(self) -> int:
        """The number of the block that it belongs to."""
        ...

    @property
    def content(self) -> memoryview:
        """Its bytes, until it is released."""
        ...

    def release(self) -> None:
        """Release the bytes: they are no longer needed here."""
        ...


class _Sum(Protocol):
    def update(self, data: memoryview, /) -> None: ...
    def digest(self) -> bytes: ...


class BlockChecksums:
    """Computes block checksums. Any thread may call `work`; pieces are added in file order and released once hashed."""

    def __init__(self) -> None:
        self._pieces: KeyedQueue[Piece] = KeyedQueue()
        self._md5 = defaultdict[int, _Sum](partial(hashlib.md5, usedforsecurity=False))

    def add(self, piece: Piece) -> None:
        """Add the next piece."""
        self._pieces.add(piece.block, piece)

    def work(self, *, latest: bool = False) -> bool:
        """Hash one piece of the earliest (or latest) block that no other thread hashes; return False without one."""
        piece = self._pieces.take(latest=latest)
        if piece is None:
            return False
        self._md5[piece.block].update(piece.content)
        piece.release()
        self._pieces.done(piece.block)
        return True

    def of(self, block: int) -> bytes:
        """Return the MD5 of a block whose pieces have all been hashed."""
        return self._md5[block].digest()
