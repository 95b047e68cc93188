"""Sending a file to a blob: in one request, or in blocks at their own offsets, several at a time."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..storage import Container, FileSlice
from .fingerprint import Fingerprint

BLOCK = 8 << 20
"""Bytes of a block, and the size up to which a file goes in one request."""

MAX_BLOCKS = 50_000
PARALLEL = 4


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is, in bytes."""

    sent: int
    total: int

    def __str__(self) -> str:
        return f"{self.sent} of {self.total} bytes"


OnProgress = Callable[[Progress], object]


def block_size_for(size: int) -> int:
    """Return the block size in bytes for a file: 8 MiB, doubled until 50,000 blocks are enough."""
    block = BLOCK
    while size > block * MAX_BLOCKS:
        block *= 2
    return block


def block_id(number: int) -> str:
    """Return a block's id: all of one length, and the same for the same position in every process."""
    return base64.b64encode(f"maas-{number:08d}".encode()).decode()


async def send(
    container: Container,
    blob: str,
    path: Path,
    reading: Fingerprint,
    *,
    metadata: Mapping[str, str],
    overwrite: bool,
    on_progress: OnProgress | None,
) -> int:
    """Send a file to a blob and return the bytes that were sent; a blob of this content from elsewhere is fine.

    Every block carries the MD5 of what was read when the file was fingerprinted, so that a file which changed since,
    or a bit that flipped on the way, is refused by the server and never committed.
    """
    sent: list[int] = []

    def report(size: int) -> None:
        sent.append(size)
        if on_progress is not None:
            on_progress(Progress(sum(sent), reading.size))

    if reading.size <= reading.block_size:
        whole = FileSlice(path, 0, reading.size)
        await container.put(blob, whole, md5=reading.block_md5s[0], metadata=metadata, overwrite=overwrite)
        report(reading.size)
        return reading.size

    async def block(number: int, md5: str) -> None:
        offset = number * reading.block_size
        part = FileSlice(path, offset, min(reading.block_size, reading.size - offset))
        await container.put_block(blob, block_id(number), part, md5=md5)
        report(part.size)

    blocks = [partial(block, number, md5) for number, md5 in enumerate(reading.block_md5s)]
    await container.channel.wire.gather(blocks, limit=PARALLEL)
    await container.commit(
        blob, [block_id(number) for number in range(len(blocks))], metadata=metadata, overwrite=overwrite
    )
    return reading.size
