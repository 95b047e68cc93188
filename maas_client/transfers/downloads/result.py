"""What a download came to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .blob_properties import Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadedFile:
    """A file that was brought: its name below what was asked for, its path here, and its size in bytes.

    `fetched` are the bytes that this call had to fetch for it. `proof` is what its content was held to: the content
    hash that its path names (`sha256`), its Content-MD5 (`md5`), or, where the service has neither, its `size` alone.
    """

    name: str
    path: Path
    size: int
    fetched: int
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """What a download came to: the file or folder it went to, and its files in the order of their names."""

    path: Path
    files: tuple[DownloadedFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def fetched(self) -> int:
        """Bytes that this call had to fetch; the others were there already."""
        return sum(file.fetched for file in self.files)
