"""How a file is divided into blocks, and the ids of the blocks. No I/O."""

from __future__ import annotations

import base64
from dataclasses import dataclass

BLOCK = 8 << 20
"""Block size in bytes, and the size up to which a file is uploaded in one request."""

ENOUGH_BLOCKS, LARGE_BLOCK = 32, 32 << 20
"""A file with more blocks than this gets larger ones, up to this many bytes: each block costs a request, and if the
process is killed, the blocks in flight are only a small part of the file."""

MOST_BLOCKS = 50_000
LARGEST_BLOCK = 4000 << 20
"""Maximum block size in bytes (learn.microsoft.com/rest/api/storageservices/put-block, versions from 2019-12-12 on)."""

_MARK = b"maas"

_ID_BYTES = 46
"""As long as the ids of azure-storage-blob 12.27 (`_shared/uploads.py`, BlockBlobChunkUploader): the service rejects a
block whose id differs in length from those that another client's interrupted upload left behind."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a file with its offset and size in bytes; `md5` is its checksum, or empty if none was requested."""

    number: int
    offset: int
    size: int
    md5: bytes = b""

    @property
    def id(self) -> str:
        """The block's id in base64: its position and content, so that any process recognises it.

        All ids of a blob have the same length, as the service requires.
        """
        return block_id(self.number, self.size, self.md5)

    @property
    def checksum(self) -> str:
        """The Content-MD5 of the block in base64; empty without one."""
        return base64.b64encode(self.md5).decode()


def block_id(number: int, size: int, mark: bytes) -> str:
    """Return the id of a block in base64; `mark` identifies its content in at most 16 bytes."""
    id_bytes = _MARK + number.to_bytes(4) + size.to_bytes(6) + mark
    return base64.b64encode(id_bytes.ljust(_ID_BYTES, b"\0")).decode()


def block_size_for(size: int) -> int:
    """Return the block size for a file in bytes: 8 MiB, doubled until the blocks are few or large enough.

    Up to 32 MiB 32 blocks are enough, beyond it 50,000; the largest block has 4000 MiB.
    """
    block = BLOCK
    while size > block * (ENOUGH_BLOCKS if block < LARGE_BLOCK else MOST_BLOCKS) and block < LARGEST_BLOCK:
        block = min(block * 2, LARGEST_BLOCK)
    return block


def timeout_for(size: int) -> float:
    """Return the timeout of a block's request in seconds: a minute, plus a second per MiB."""
    return 60.0 + size / (1 << 20)
