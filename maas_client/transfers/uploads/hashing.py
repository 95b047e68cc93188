"""One pass over a file: its content hash, its blocks with their checksums, and a listener that receives all bytes."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from ...azure.blob_container import FileSlice
from ...wire import Wire
from ...wire.background_worker import BackgroundWorker, yield_gil
from ...wire.thread_sharing import OnceFlag, ReferenceCount
from ..azureml_layout import SALT
from ..file_identity import FileIdentity, check_unchanged
from .block_checksums import BlockChecksums
from .blocks import Block, block_size_for
from .file_reader import FileReader

PIECE = 8 << 20
"""Bytes per read; with half as many, threads spend more time handing them over."""

BUFFERS = 4
"""Pieces in memory at once: one is read while others are hashed and passed to the listener."""

HEARD = 256 << 10
"""Bytes passed to the listener per call."""

WAY = 0.0003
"""Seconds for which the listener's thread yields after each call while the hash and checksums are being computed."""

Listener = Callable[[memoryview], object]
"""Receives the bytes of a file in order; the memory is only valid until it returns."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it was when it was read: its content hash, and its blocks."""

    path: Path
    identity: FileIdentity
    sha256: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a block in memory until all its holders release it; `hearing` is acquired by whoever delivers it."""

    block: int
    offset: int
    content: memoryview
    holders: ReferenceCount
    hearing: OnceFlag = field(default_factory=OnceFlag)

    def let_go(self) -> None:
        self.holders.release()


class FileHashing:
    """One pass over a file. It must be closed.

    The content hash is computed on a second thread, which also computes block checksums; so does the reader if no
    buffer is free. The listener runs on a thread of its own. A slow listener does not delay the pass: if the buffer of
    a piece is needed, the listener's thread reads that piece again, usually from the system's cache. `heard` waits for
    the listener.
    """

    def __init__(
        self,
        path: Path,
        identity: FileIdentity,
        *,
        block_size: int | None = None,
        piece_size: int = PIECE,
        checksums: bool = True,
        listener: Listener | None = None,
    ) -> None:
        self._path, self._identity = path, identity
        self._block_size, self._piece_size = block_size or block_size_for(identity.size), piece_size
        self._reader = FileReader(path, identity)
        self._sha256 = hashlib.sha256(SALT)
        self._sums = BlockChecksums() if checksums else None
        self._rooms: SimpleQueue[bytearray | None] = SimpleQueue()
        self._made = 0
        self._closed = self._over = False
        self._unheard: deque[_Piece] = deque(maxlen=BUFFERS)
        self._hashing = BackgroundWorker(self._sum_up_and_hash, done=_Piece.let_go)
        self._hearing = None if listener is None else BackgroundWorker(partial(self._hear, listener))

    def run(self, report: Callable[[int], object] = lambda _: None) -> Content:
        """Read the file, and return its content hash and blocks; `report` is called with the bytes read so far.

        Raises FileChanged if the file's identity differs or changes meanwhile, InvalidInput if it cannot be read, and
        any error that the listener has raised by then.
        """
        blocks = range(max(-(-self._identity.size // self._block_size), 1))  # an empty file has one empty block
        try:
            for block in blocks:
                self._read_block(block, report)
            self._reader.finish()
            self._sum_all_up()
            self._hashing.wait()
            self._sum_all_up()  # pieces that could not be hashed before the other thread had finished
        finally:
            self._reader.close()
            self._clear()
        return Content(self._path, self._identity, self._sha256.hexdigest(), [self._block(block) for block in blocks])

    def heard(self) -> None:
        """Wait for the listener; raise its error, or FileChanged if it may have received different content."""
        if self._hearing is not None:
            self._hearing.wait()
            check_unchanged(self._path, self._identity, "while it was read")

    @property
    def is_heard(self) -> bool:
        """Whether the listener has received the whole file."""
        return self._over and (self._hearing is None or self._hearing.idle)

    def close(self) -> None:
        """Stop the threads, and an abandoned `run` on another thread."""
        self._closed = True
        self._rooms.put(None)
        self._hashing.close()
        if self._hearing is not None:
            self._hearing.close()

    def _span(self, block: int) -> tuple[int, int]:
        """Return where a block begins and ends."""
        start = block * self._block_size
        return start, min(start + self._block_size, self._identity.size)

    def _block(self, block: int) -> Block:
        start, end = self._span(block)
        return Block(block, start, end - start, b"" if self._sums is None else self._sums.of(block))

    def _read_block(self, block: int, report: Callable[[int], object]) -> None:
        start, end = self._span(block)
        for offset in range(start, max(end, start + 1), self._piece_size):
            size = min(self._piece_size, end - offset)
            self._pass_on(block, offset, size)
            report(offset + size)

    def _pass_on(self, block: int, offset: int, size: int) -> None:
        """Read the next piece, and pass it to the hash, the checksums and the listener."""
        room = self._room()
        content = memoryview(room)[:size]
        self._reader.fill(content)
        holders = ReferenceCount(
            1 + (self._sums is not None) + (self._hearing is not None), partial(self._vacate, room)
        )
        piece = _Piece(block, offset, content, holders)
        if self._sums is not None:
            self._sums.add(piece)
        self._hashing.submit(piece)
        if self._hearing is not None:
            self._unheard.append(piece)
            self._hearing.submit(piece)

    def _room(self) -> bytearray:
        """Return a buffer for a piece; while none is free, help with checksums or take one back from the listener."""
        if self._closed:
            raise RuntimeError("the file has been read")
        if self._rooms.empty() and self._made < BUFFERS:
            self._made += 1
            return bytearray(min(self._piece_size, self._block_size, self._identity.size))
        while self._rooms.empty() and (self._help() or self._take_back()):
            pass
        room = self._rooms.get()
        if room is None:
            raise RuntimeError("the file has been read")
        return room

    def _vacate(self, room: bytearray) -> None:
        if not self._over:
            self._rooms.put(room)

    def _clear(self) -> None:
        """Free the buffers that are no longer needed."""
        self._over = True
        while not self._rooms.empty():
            self._rooms.get()

    def _sum_up_and_hash(self, piece: _Piece) -> None:
        if self._sums is not None:
            self._sums.work()
        self._sha256.update(piece.content)

    def _hear(self, listener: Listener, piece: _Piece) -> None:
        """Pass a piece to the listener, from memory if it is still there."""
        if not piece.hearing.take():
            for chunk in FileSlice(self._path, piece.offset, len(piece.content)):
                self._hear_all(listener, memoryview(chunk))
            return
        try:
            self._hear_all(listener, piece.content)
        finally:
            piece.let_go()

    def _hear_all(self, listener: Listener, content: memoryview) -> None:
        for start in range(0, len(content), HEARD):
            listener(content[start : start + HEARD])
            if not self._over:
                yield_gil(0 if self._sums is None else WAY)

    def _help(self) -> bool:
        """Hash a waiting piece of the latest block, if there is one."""
        return self._sums is not None and self._sums.work(latest=True)

    def _sum_all_up(self) -> None:
        while self._help():
            pass

    def _take_back(self) -> bool:
        """Take back the buffer of the earliest piece not yet passed to the listener; return False if there is none."""
        if not self._unheard:
            return False
        piece = self._unheard.popleft()
        if piece.hearing.take():
            piece.let_go()
        return True


async def read(wire: Wire, path: Path, identity: FileIdentity, *, checksums: bool = True) -> Content:
    """Compute a file's hash, and its blocks' checksums if requested; raises as `FileHashing.run`."""
    reading = FileHashing(path, identity, checksums=checksums)
    try:
        return await wire.call(reading.run)
    finally:
        reading.close()
