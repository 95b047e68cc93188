"""One reading of a whole file: what it is, the blocks that it becomes, their sums, and a listener that hears it all."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from ..storage import FileSlice
from ..wire import Wire
from ..wire.aside import Aside, make_way
from ..wire.sharing import Claim, Holders
from .identity import Identity, still
from .plan import Block, block_size_for
from .reader import FileReader

SALT = b"Initialize for october 2021 AML CLI version"
"""What Microsoft's SDK hashes ahead of the content (azure-ai-ml 1.35.2 `_asset_utils.py`, `_get_file_hash`)."""

ROOMS = 4
"""Pieces that are held at once: one is read while others are summed up, and heard."""

HEARD = 256 << 10
"""Bytes that a listener is given at a time."""

WAY = 0.0003
"""Seconds for which a listener makes way after each time, as long as the hash and the sums are being made."""

Listener = Callable[[memoryview], object]
"""Is given the bytes of a file in order, which it may keep hold of only until it returns."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it was when it was read: its content hash, and the blocks that it divides into."""

    path: Path
    identity: Identity
    sha256: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of the file in memory, until all its holders have let go; `sum` and `hearing` are for who takes them."""

    number: int
    offset: int
    content: memoryview
    holders: Holders
    sum: Claim = field(default_factory=Claim)
    hearing: Claim = field(default_factory=Claim)


class Reading:
    """One reading of a file. Whoever reads must `close`.

    The content hash is made on a thread beside, which sums the blocks up as well; the reader helps it when there is no
    room to read on. A listener hears the file on a thread of its own. Nobody waits for one that is slow: what it has
    not heard when its room is needed, it reads again itself, as a rule from the system's cache. `heard` waits for it.
    """

    def __init__(
        self,
        path: Path,
        identity: Identity,
        *,
        block_size: int | None = None,
        checksums: bool = True,
        listener: Listener | None = None,
    ) -> None:
        self._path, self._identity, self._checksums = path, identity, checksums
        self._block_size = block_size or block_size_for(identity.size)
        self._reader = FileReader(path, identity)
        self._sha256 = hashlib.sha256(SALT)
        self._blocks: dict[int, Block] = {}
        self._rooms: SimpleQueue[bytearray | None] = SimpleQueue()
        self._made = 0
        self._closed = self._over = False
        self._unsummed: deque[_Piece] = deque(maxlen=ROOMS)
        self._unheard: deque[_Piece] = deque(maxlen=ROOMS)
        self._sums = Aside(self._hash_and_sum_up, done=_let_go)
        self._hearing = None if listener is None else Aside(partial(self._hear, listener))

    def run(self, report: Callable[[int], object] = lambda _: None) -> Content:
        """Read the file, and return what it is; `report` is told how many bytes were read.

        Raises FileChanged if it is not the file of that identity, or changes meanwhile, InvalidInput if it cannot be
        read, and what the listener has raised by then.
        """
        size = self._identity.size
        try:
            for number in range(max(-(-size // self._block_size), 1)):  # an empty file has one piece, of nothing
                offset = number * self._block_size
                self._pass_on(number, min(self._block_size, size - offset))
                report(min(offset + self._block_size, size))
            self._reader.finish()
            while self._help():
                pass
            self._sums.wait()
        finally:
            self._reader.close()
            self._clear()
        blocks = [self._blocks[number] for number in range(len(self._blocks))]
        return Content(self._path, self._identity, self._sha256.hexdigest(), blocks)

    def heard(self) -> None:
        """Wait for the listener; raise what it raised, and FileChanged if it may have heard something else."""
        if self._hearing is not None:
            self._hearing.wait()
            still(self._path, self._identity, "while it was read")

    @property
    def is_heard(self) -> bool:
        """Whether the listener has heard the whole file."""
        return self._over and (self._hearing is None or self._hearing.idle)

    def close(self) -> None:
        """End what goes on beside, and a `run` that somebody left behind on its thread."""
        self._closed = True
        self._rooms.put(None)
        self._sums.close()
        if self._hearing is not None:
            self._hearing.close()

    def _pass_on(self, number: int, size: int) -> None:
        """Read the next piece, and hand it to all who want it."""
        room = self._room()
        content = memoryview(room)[:size]
        self._reader.fill(content)
        holders = Holders(1 if self._hearing is None else 2, partial(self._vacate, room))
        piece = _Piece(number, number * self._block_size, content, holders)
        self._unsummed.append(piece)
        self._sums.give(piece)
        if self._hearing is not None:
            self._unheard.append(piece)
            self._hearing.give(piece)

    def _room(self) -> bytearray:
        """Return room for a piece; as long as there is none, sum up what waits for it, or take it from the listener."""
        if self._closed:
            raise RuntimeError("the reading has ended")
        if self._rooms.empty() and self._made < ROOMS:
            self._made += 1
            return bytearray(min(self._block_size, self._identity.size))
        while self._rooms.empty() and (self._help() or self._take_back()):
            pass
        room = self._rooms.get()
        if room is None:
            raise RuntimeError("the reading has ended")
        return room

    def _vacate(self, room: bytearray) -> None:
        if not self._over:
            self._rooms.put(room)

    def _clear(self) -> None:
        """Keep no room that nobody needs any more."""
        self._over = True
        while not self._rooms.empty():
            self._rooms.get()

    def _hash_and_sum_up(self, piece: _Piece) -> None:
        self._sha256.update(piece.content)
        self._sum_up(piece)

    def _hear(self, listener: Listener, piece: _Piece) -> None:
        """Let a listener hear a piece, from memory if it is still there."""
        if not piece.hearing.take():
            for chunk in FileSlice(self._path, piece.offset, len(piece.content)):
                self._hear_all(listener, memoryview(chunk))
            return
        try:
            self._hear_all(listener, piece.content)
        finally:
            piece.holders.let_go()

    def _hear_all(self, listener: Listener, content: memoryview) -> None:
        for start in range(0, len(content), HEARD):
            listener(content[start : start + HEARD])
            if not self._over:
                make_way(WAY if self._checksums else 0)

    def _help(self) -> bool:
        """Sum up the latest piece that waits for it, if there is one."""
        if not self._unsummed:
            return False
        self._sum_up(self._unsummed.pop())
        return True

    def _take_back(self) -> bool:
        """Take the room of the earliest piece that the listener has not begun to hear; False if there is none."""
        if not self._unheard:
            return False
        piece = self._unheard.popleft()
        if piece.hearing.take():
            piece.holders.let_go()
        return True

    def _sum_up(self, piece: _Piece) -> None:
        if piece.sum.take():
            md5 = hashlib.md5(piece.content, usedforsecurity=False).digest() if self._checksums else b""
            self._blocks[piece.number] = Block(piece.number, piece.offset, len(piece.content), md5)


async def read(wire: Wire, path: Path, identity: Identity, *, checksums: bool = True) -> Content:
    """Read a file for its hash, and for the sums of its blocks, if they are asked for; raises as `Reading.run`."""
    reading = Reading(path, identity, checksums=checksums)
    try:
        return await wire.call(reading.run)
    finally:
        reading.close()


def _let_go(piece: _Piece) -> None:
    piece.holders.let_go()
