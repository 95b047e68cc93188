"""How a file is divided into blocks, and what the blocks are called: decisions only."""

from __future__ import annotations

import base64
from dataclasses import dataclass

BLOCK = 8 << 20
"""Bytes of a block, and the size up to which a file goes in one request."""

ENOUGH_BLOCKS, LARGE_BLOCK = 32, 32 << 20
"""A file of more blocks than these gets larger ones, of up to so many bytes: each block costs a request, and what is
lost with those under way when a process is killed stays a small part of the file."""

MOST_BLOCKS = 50_000
LARGEST_BLOCK = 4000 << 20
"""Bytes (learn.microsoft.com/rest/api/storageservices/put-block, versions from 2019-12-12 on)."""

_MARK = b"maas"

_ID_BYTES = 46
"""As many as in the ids that azure-storage-blob 12.27 makes (`_shared/uploads.py`, BlockBlobChunkUploader): the service
refuses a block whose id is longer or shorter than those that an interrupted upload of another client left behind."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a file at its own offset, in bytes; `md5` is that of its content, unless nobody asked for it."""

    number: int
    offset: int
    size: int
    md5: bytes = b""

    @property
    def id(self) -> str:
        """The block's id in base64: where it stands and what it holds, so that any process knows it again.

        All ids of a blob have one length, as the service demands.
        """
        return block_id(self.number, self.size, self.md5)

    @property
    def checksum(self) -> str:
        """The Content-MD5 of the block, in base64; nothing without one."""
        return base64.b64encode(self.md5).decode()


def block_id(number: int, size: int, mark: bytes) -> str:
    """Return the id of a block in base64; `mark` tells its content, in at most 16 bytes."""
    told = _MARK + number.to_bytes(4) + size.to_bytes(6) + mark
    return base64.b64encode(told.ljust(_ID_BYTES, b"\0")).decode()


def block_size_for(size: int) -> int:
    """Return the block size in bytes for a file: 8 MiB, doubled until its blocks are few or large enough.

    Up to 32 MiB 32 blocks are enough, beyond it 50,000; the largest block has 4000 MiB.
    """
    block = BLOCK
    while size > block * (ENOUGH_BLOCKS if block < LARGE_BLOCK else MOST_BLOCKS) and block < LARGEST_BLOCK:
        block = min(block * 2, LARGEST_BLOCK)
    return block


def timeout_for(size: int) -> float:
    """Return the seconds to wait for a block's answer: a minute, and a second for each MiB."""
    return 60.0 + size / (1 << 20)
