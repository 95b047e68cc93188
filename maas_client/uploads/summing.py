"""One reading of a whole file: what it is, the blocks that it becomes, their sums, and a listener that hears it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..wire import Thunk, Wire
from .identity import Identity
from .plan import Block, block_size_for
from .progress import OnProgress, Progress
from .reader import FileReader, Listener

SUMMING = 3
"""Pieces that are held at once: two are summed up while the next is read."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it was when it was read: its content hash, and the blocks that it divides into."""

    path: Path
    identity: Identity
    sha256: str
    blocks: Sequence[Block]


async def read(
    wire: Wire,
    path: Path,
    identity: Identity,
    *,
    listeners: Sequence[Listener] = (),
    checksums: bool = True,
    on_progress: OnProgress | None = None,
) -> Content:
    """Read a file once; `checksums` says whether its blocks are summed up.

    Raises FileChanged if it is not the file of that identity, or changes meanwhile, InvalidInput if it cannot be read.
    """
    reader = FileReader(path, identity, block_size_for(identity.size), listeners=listeners)
    reading, buffers = wire.lock(), list[bytearray]()
    began = wire.clock()

    def report(read: int) -> None:
        if on_progress is not None:
            on_progress(Progress(0, identity.size, seconds=wire.clock() - began, read=read))

    async def one() -> Block:
        buffer = buffers.pop() if buffers else reader.buffer()
        async with reading:
            piece = await wire.call(partial(reader.next, buffer))
            report(piece.offset + len(piece.content))
        block = await wire.call(piece.block) if checksums else piece.block_without_sum()
        buffers.append(buffer)
        return block

    pieces: list[Thunk[Block]] = [one] * reader.pieces
    try:
        blocks = await wire.gather(pieces, limit=SUMMING if checksums else 1)
        sha256 = await wire.call(reader.finish)
    finally:
        reader.close()
    return Content(path, identity, sha256, sorted(blocks, key=lambda block: block.number))
