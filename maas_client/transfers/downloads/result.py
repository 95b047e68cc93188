"""The result of a download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.plain_values import PlainValue

Proof = Literal["sha256", "md5", "size"]
"""How a file was verified: by the content hash in its name at the service, its Content-MD5, or only its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadedFile(PlainValue):
    """A downloaded file: its name relative to what was requested, its local path, and its size in bytes.

    `fetched` is the number of bytes that this call fetched for it. `proof` is how its content was verified: by the
    content hash in its path (`sha256`), its Content-MD5 (`md5`), or, if the service has neither, only its `size`.
    """

    name: str
    path: Path
    size: int
    fetched: int
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded(PlainValue):
    """The result of a download: the local file or folder, and the files in order of their names."""

    path: Path
    files: tuple[DownloadedFile, ...]

    @property
    def size(self) -> int:
        """Total bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def fetched(self) -> int:
        """Bytes that this call fetched; the others were already present."""
        return sum(file.fetched for file in self.files)
