"""One reading of a file: its content hash, the sum of each piece, and every byte for whoever listens."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from ..errors import FileChanged, InvalidInput
from ..wire.aside import Aside
from .identity import Identity, still
from .plan import Block

SALT = b"Initialize for october 2021 AML CLI version"
"""What Microsoft's SDK hashes ahead of the content (azure-ai-ml 1.35.2 `_asset_utils.py`, `_get_file_hash`)."""

HEARD = 256 << 10
"""Bytes that listeners are given at a time."""

Listener = Callable[[memoryview], object]
"""Is given the bytes of a file in order, which it may keep hold of only until it returns."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file that becomes a block: `content` is what was read of it, until its buffer is filled anew."""

    number: int
    offset: int
    content: memoryview

    def block(self) -> Block:
        """Sum the piece up."""
        md5 = hashlib.md5(self.content, usedforsecurity=False)
        return Block(self.number, self.offset, len(self.content), md5.digest())

    def block_without_sum(self) -> Block:
        """Return the block that the piece becomes where nobody asks for its sum."""
        return Block(self.number, self.offset, len(self.content))


class FileReader:
    """Reads a file in order, piece by piece; every byte goes into the content hash and to the listeners.

    The hash is made beside the listeners, on a thread: with a check listening it is as good as free. Whoever reads must
    `close`.
    """

    def __init__(self, path: Path, identity: Identity, block_size: int, *, listeners: Sequence[Listener] = ()) -> None:
        self._path, self._identity, self._block_size = path, identity, block_size
        self._content = hashlib.sha256(SALT)
        self._hashing = Aside(self._content.update)
        self._listeners = listeners
        self._number = 0
        self._file: FileIO | None = None

    @property
    def pieces(self) -> int:
        """How many pieces the file has; an empty one has one, of nothing."""
        return max(-(-self._identity.size // self._block_size), 1)

    def buffer(self) -> bytearray:
        """Return room for a piece."""
        return bytearray(min(self._block_size, self._identity.size))

    def next(self, buffer: bytearray) -> Piece:
        """Read the next piece into a buffer; raise FileChanged when the file became shorter or cannot be read."""
        file = self._opened()
        offset = self._number * self._block_size
        content = memoryview(buffer)[: min(self._block_size, self._identity.size - offset)]
        self._hashing.wait()  # the buffer may be the one that is being hashed
        self._fill(file, content)
        self._hashing.give(content)
        for start in range(0, len(content), HEARD):
            for listener in self._listeners:
                listener(content[start : start + HEARD])
        piece = Piece(self._number, offset, content)
        self._number += 1
        return piece

    def finish(self) -> str:
        """Return the content hash of all that was read; FileChanged if the file is not the one that it was."""
        if self._read(self._opened(), memoryview(bytearray(1))):
            raise FileChanged(f"{self._path} became longer while it was read; nothing was committed")
        still(self._path, self._identity, "while it was read")
        self._hashing.wait()
        return self._content.hexdigest()

    def close(self) -> None:
        """Close the file, and end what goes on beside."""
        self._hashing.close()
        if self._file is not None:
            self._file.close()

    def _opened(self) -> FileIO:
        """Open the file on first use; raise InvalidInput if it cannot be read, FileChanged if it is another by now."""
        if self._file is None:
            try:
                self._file = self._path.open("rb", buffering=0)
            except OSError as error:
                raise InvalidInput(f"{self._path} cannot be read: {error.strerror}") from None
            how = self._identity.differs(Identity.of(os.fstat(self._file.fileno())))
            if how:
                raise FileChanged(f"{self._path} changed before it was read: {how}; nothing was committed")
        return self._file

    def _fill(self, file: FileIO, part: memoryview) -> None:
        while part:
            count = self._read(file, part)
            if not count:
                raise FileChanged(f"{self._path} became shorter while it was read; nothing was committed")
            part = part[count:]

    def _read(self, file: FileIO, part: memoryview) -> int:
        try:
            return file.readinto(part) or 0
        except OSError as error:
            raise FileChanged(f"{self._path} can no longer be read: {error.strerror}; nothing was committed") from None
