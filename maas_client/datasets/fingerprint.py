"""What one reading of a file tells: its content hash, a checksum per block, and what else listens to the bytes."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SALT = b"Initialize for october 2021 AML CLI version"
"""What Microsoft's SDK hashes ahead of the content (azure-ai-ml 1.35.2 `_asset_utils.py`, `_get_file_hash`)."""

READ_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A file as it was read: size in bytes, mtime in ns, content hash as the SDK makes it, MD5 per block (base64)."""

    size: int
    mtime: int
    sha256: str
    block_size: int
    block_md5s: tuple[str, ...]


def fingerprint(path: Path, *, block_size: int, listeners: Sequence[Callable[[bytes], None]] = ()) -> Fingerprint:
    """Read a file once; `block_size` is in bytes, `listeners` are given every chunk in order."""
    content = hashlib.sha256(SALT)
    blocks: list[str] = []
    with path.open("rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        block, left = hashlib.md5(usedforsecurity=False), block_size
        while chunk := file.read(min(READ_SIZE, left)):
            content.update(chunk)
            block.update(chunk)
            for listener in listeners:
                listener(chunk)
            left -= len(chunk)
            if not left:
                blocks.append(_base64(block.digest()))
                block, left = hashlib.md5(usedforsecurity=False), block_size
        if left != block_size or not blocks:
            blocks.append(_base64(block.digest()))
    return Fingerprint(status.st_size, status.st_mtime_ns, content.hexdigest(), block_size, tuple(blocks))


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
