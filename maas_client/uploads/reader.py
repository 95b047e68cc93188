"""Reading a file for an upload: its content hash, its pieces in order for whoever listens, the sum of each piece."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import FileChanged, InvalidInput
from ..wire.aside import Aside
from .identity import Identity, still
from .plan import Block

SALT = b"Initialize for october 2021 AML CLI version"
"""What Microsoft's SDK hashes ahead of the content (azure-ai-ml 1.35.2 `_asset_utils.py`, `_get_file_hash`)."""

READ_SIZE = 1 << 20
"""Bytes."""

Listener = Callable[[bytes], None]


def content_hash(path: Path) -> tuple[str, Identity]:
    """Read a file once for its content hash, as Microsoft's SDK makes it.

    Raises FileChanged if it is written to meanwhile, InvalidInput if it cannot be read.
    """
    content = hashlib.sha256(SALT)
    try:
        with path.open("rb", buffering=0) as file:
            identity = Identity.of(os.fstat(file.fileno()))
            while chunk := file.read(READ_SIZE):
                content.update(chunk)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    still(path, identity, "while it was read")
    return content.hexdigest(), identity


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file that becomes a block, in bytes."""

    number: int
    offset: int
    size: int


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
        self._file: BinaryIO | None = None

    def next(self) -> Piece:
        """Read the next piece; raise FileChanged when the file has become shorter or cannot be read."""
        if self._file is None:
            self._file = _open(self._path)
        offset = self._number * self._block_size
        piece = Piece(self._number, offset, min(self._block_size, self._identity.size - offset))
        for chunk in _chunks(self._file, self._path, piece.size):
            self._hashing.give(chunk)
            for listener in self._listeners:
                listener(chunk)
        self._number += 1
        return piece

    def finish(self) -> str:
        """Return the content hash of all that was read; FileChanged if the file is not the one that it was."""
        if self._file is not None and _read(self._file, self._path, 1):
            raise FileChanged(f"{self._path} became longer while it was read; nothing was committed")
        still(self._path, self._identity, "while it was sent")
        self._hashing.wait()
        return self._content.hexdigest()

    def close(self) -> None:
        """Close the file, and end what goes on beside."""
        self._hashing.close()
        if self._file is not None:
            self._file.close()


def block_of(path: Path, piece: Piece) -> Block:
    """Sum a piece up; raise FileChanged when the file has become shorter or cannot be read."""
    md5 = hashlib.md5(usedforsecurity=False)
    with _open(path) as file:
        file.seek(piece.offset)
        for chunk in _chunks(file, path, piece.size):
            md5.update(chunk)
    return Block(piece.number, piece.offset, piece.size, md5.digest())


def _chunks(file: BinaryIO, path: Path, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = _read(file, path, min(READ_SIZE, left))
        if not chunk:
            raise FileChanged(f"{path} became shorter while it was read; nothing was committed")
        left -= len(chunk)
        yield chunk


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise _gone(path, error) from None


def _read(file: BinaryIO, path: Path, size: int) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise _gone(path, error) from None


def _gone(path: Path, error: OSError) -> FileChanged:
    return FileChanged(f"{path} can no longer be read: {error.strerror}; nothing was committed")
