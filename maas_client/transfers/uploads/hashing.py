"""One pass over a file: its content hash, its blocks with their checksums, and a listener that receives all bytes."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from ...wire import Wire
from ...wire.background_worker import BackgroundWorker, yield_gil
from ...wire.thread_sharing import OnceFlag, ReferenceCount
from ..file_identity import FileIdentity, check_unchanged
from ..file_slice import FileSlice
from .block_checksums import BlockChecksums
from .blocks import Block, block_size_for
from .file_reader import FileReader
from .options import Inspection, Listener

PIECE = 8 << 20
"""Bytes per read; with half as many, threads spend more time handing them over."""

BUFFERS = 4
"""Pieces in memory at once: one is read while others are hashed and passed to the listener."""

LISTENER_CHUNK = 256 << 10
"""Bytes passed to the listener per call."""

LISTENER_YIELD = 0.0003
"""Seconds for which the listener's thread yields after each call while the hash and checksums are being computed."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it was when it was read: its content hash, and its blocks."""

    path: Path
    identity: FileIdentity
    sha256: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a block in memory until all its holders release it; `delivered` is acquired to deliver it."""

    block: int
    offset: int
    content: memoryview
    holders: ReferenceCount
    delivered: OnceFlag = field(default_factory=OnceFlag)

    def release(self) -> None:
        self.holders.release()


class FileHashing:
    """One pass over a file. It must be closed.

    The content hash is computed on a second thread, which also computes block checksums; so does the reader if no
    buffer is free. The listener runs on a thread of its own. A slow listener does not delay the pass: if the buffer of
    a piece is needed, the listener's thread reads that piece again, usually from the system's cache. `salt` is hashed
    before the content.
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
        salt: bytes = b"",
    ) -> None:
        self._path, self._identity = path, identity
        self._block_size, self._piece_size = block_size or block_size_for(identity.size), piece_size
        self._reader = FileReader(path, identity)
        self._sha256 = hashlib.sha256(salt)
        self._checksums = BlockChecksums() if checksums else None
        self._free_buffers: SimpleQueue[bytearray | None] = SimpleQueue()
        self._allocated = 0
        self._closed = self._is_read = False
        self._undelivered: deque[_Piece] = deque(maxlen=BUFFERS)
        self._hashing = BackgroundWorker(self._hash_piece, done=_Piece.release)
        self._delivery = None if listener is None else BackgroundWorker(partial(self._deliver, listener))

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
            self._hash_waiting_blocks()
            self._hashing.wait()
            self._hash_waiting_blocks()  # pieces that could not be hashed before the other thread had finished
        finally:
            self._reader.close()
            self._drop_buffers()
        return Content(self._path, self._identity, self._sha256.hexdigest(), [self._block(block) for block in blocks])

    def wait_for_listener(self) -> None:
        """Wait for the listener; raise its error, or FileChanged if it may have received different content."""
        if self._delivery is not None:
            self._delivery.wait()
            check_unchanged(self._path, self._identity, "while it was read")

    @property
    def listener_is_done(self) -> bool:
        """Whether the listener has received the whole file."""
        return self._is_read and (self._delivery is None or self._delivery.idle)

    def close(self) -> None:
        """Stop the threads, and an abandoned `run` on another thread."""
        self._closed = True
        self._free_buffers.put(None)
        self._hashing.close()
        if self._delivery is not None:
            self._delivery.close()

    def _span(self, block: int) -> tuple[int, int]:
        """Return where a block begins and ends."""
        start = block * self._block_size
        return start, min(start + self._block_size, self._identity.size)

    def _block(self, block: int) -> Block:
        start, end = self._span(block)
        return Block(block, start, end - start, b"" if self._checksums is None else self._checksums.of(block))

    def _read_block(self, block: int, report: Callable[[int], object]) -> None:
        start, end = self._span(block)
        for offset in range(start, max(end, start + 1), self._piece_size):
            size = min(self._piece_size, end - offset)
            self._read_piece(block, offset, size)
            report(offset + size)

    def _read_piece(self, block: int, offset: int, size: int) -> None:
        """Read the next piece, and pass it to the hash, the checksums and the listener."""
        buffer = self._buffer()
        content = memoryview(buffer)[:size]
        self._reader.fill(content)
        holders = ReferenceCount(
            1 + (self._checksums is not None) + (self._delivery is not None), partial(self._return_buffer, buffer)
        )
        piece = _Piece(block, offset, content, holders)
        if self._checksums is not None:
            self._checksums.add(piece)
        self._hashing.submit(piece)
        if self._delivery is not None:
            self._undelivered.append(piece)
            self._delivery.submit(piece)

    def _buffer(self) -> bytearray:
        """Return a buffer for a piece; while none is free, help with checksums or take one back from the listener."""
        if self._closed:
            raise RuntimeError("the file has been read")
        if self._free_buffers.empty() and self._allocated < BUFFERS:
            self._allocated += 1
            return bytearray(min(self._piece_size, self._block_size, self._identity.size))
        while self._free_buffers.empty() and (self._hash_latest_block() or self._reclaim_buffer()):
            pass
        buffer = self._free_buffers.get()
        if buffer is None:
            raise RuntimeError("the file has been read")
        return buffer

    def _return_buffer(self, buffer: bytearray) -> None:
        if not self._is_read:
            self._free_buffers.put(buffer)

    def _drop_buffers(self) -> None:
        """Free the buffers that are no longer needed."""
        self._is_read = True
        while not self._free_buffers.empty():
            self._free_buffers.get()

    def _hash_piece(self, piece: _Piece) -> None:
        if self._checksums is not None:
            self._checksums.work()
        self._sha256.update(piece.content)

    def _deliver(self, listener: Listener, piece: _Piece) -> None:
        """Pass a piece to the listener, from memory if it is still there."""
        if not piece.delivered.take():
            for chunk in FileSlice(self._path, piece.offset, len(piece.content)):
                self._call_listener(listener, memoryview(chunk))
            return
        try:
            self._call_listener(listener, piece.content)
        finally:
            piece.release()

    def _call_listener(self, listener: Listener, content: memoryview) -> None:
        for start in range(0, len(content), LISTENER_CHUNK):
            listener(content[start : start + LISTENER_CHUNK])
            if not self._is_read:
                yield_gil(0 if self._checksums is None else LISTENER_YIELD)

    def _hash_latest_block(self) -> bool:
        """Hash a waiting piece of the latest block, if there is one."""
        return self._checksums is not None and self._checksums.work(latest=True)

    def _hash_waiting_blocks(self) -> None:
        while self._hash_latest_block():
            pass

    def _reclaim_buffer(self) -> bool:
        """Take back the buffer of the earliest piece not yet passed to the listener; return False if there is none."""
        if not self._undelivered:
            return False
        piece = self._undelivered.popleft()
        if piece.delivered.take():
            piece.release()
        return True


class Verification:
    """The outcome of an inspection once it has received the whole file; used by one thread at a time."""

    def __init__(self, reading: FileHashing, inspection: Inspection | None) -> None:
        self._reading, self._inspection = reading, inspection
        self._is_approved = False

    def raise_if_rejected(self) -> None:
        """Raise the objection if the file has been inspected and there is one."""
        if self._reading.listener_is_done:
            self.wait()

    def wait(self) -> None:
        """Wait until the file has been inspected; raise the objection if there is one."""
        self._reading.wait_for_listener()
        if self._inspection is not None and not self._is_approved:
            self._inspection.objection()
        self._is_approved = True


async def read(wire: Wire, path: Path, identity: FileIdentity, *, checksums: bool = True, salt: bytes = b"") -> Content:
    """Compute a file's hash, and its blocks' checksums if requested; raises as `FileHashing.run`."""
    reading = FileHashing(path, identity, checksums=checksums, salt=salt)
    try:
        return await wire.call(reading.run)
    finally:
        reading.close()
