"""Atomic file writes: a temporary file in the same folder, fsync, rename."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..core.errors import InvalidInput


def refuse_existing(target: Path, *, overwrite: bool) -> None:
    """Raise InvalidInput if the target is a folder, or exists and must not be overwritten."""
    if target.is_dir():
        raise InvalidInput(f"{str(target)!r} is a folder; name a file in it. Nothing was written.")
    if target.exists() and not overwrite:
        raise InvalidInput(
            f"{str(target)!r} already exists; choose another name, or overwrite it (--overwrite, overwrite=True). "
            "Nothing was written."
        )


def refuse_source_and_target(source: Path, target: Path, *, overwrite: bool) -> None:
    """Raise InvalidInput for a source or a target that cannot be used; a source is never its own target."""
    if not source.is_file():
        raise InvalidInput(
            f"there is no file {str(source)!r}" if not source.exists() else f"{str(source)!r} is not a file"
        )
    if target.exists() and target.samefile(source):
        raise InvalidInput(f"{str(target)!r} is the source file, which is never changed; choose another target")
    refuse_existing(target, overwrite=overwrite)


@contextmanager
def new_file(target: Path, *, overwrite: bool = False) -> Generator[BinaryIO]:
    """Open a file for writing and reading that becomes `target` when the block ends without an error.

    Until then it has a temporary name in the same folder; after an error nothing is left behind. Raises InvalidInput if
    the target exists and must not be overwritten, OSError if it cannot be written.
    """
    refuse_existing(target, overwrite=overwrite)
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        with temporary.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        refuse_existing(target, overwrite=overwrite)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
