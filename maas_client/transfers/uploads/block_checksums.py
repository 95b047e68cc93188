"""The MD5 of each block, made piece by piece by whoever has time: of several blocks at once, of each in its order."""

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
        """The number of the block that it is a piece of."""
        ...

    @property
    def content(self) -> memoryview:
        """Its bytes, until it is let go."""
        ...

    def let_go(self) -> None:
        """Say that these bytes are no longer needed here."""
        ...


class _Sum(Protocol):
    def update(self, data: memoryview, /) -> None: ...
    def digest(self) -> bytes: ...


class BlockChecksums:
    """Sums blocks up. Any thread may `work`; pieces are added in the order of the file, and let go when summed up."""

    def __init__(self) -> None:
        self._lines: KeyedQueue[Piece] = KeyedQueue()
        self._md5 = defaultdict[int, _Sum](partial(hashlib.md5, usedforsecurity=False))

    def add(self, piece: Piece) -> None:
        """Add the next piece."""
        self._lines.add(piece.block, piece)

    def work(self, *, latest: bool = False) -> bool:
        """Sum up one piece, of the earliest block that nobody works on or of the latest; False if there is none."""
        piece = self._lines.take(latest=latest)
        if piece is None:
            return False
        self._md5[piece.block].update(piece.content)
        piece.let_go()
        self._lines.done(piece.block)
        return True

    def of(self, block: int) -> bytes:
        """Return the MD5 of a block whose pieces are all summed up."""
        return self._md5[block].digest()
