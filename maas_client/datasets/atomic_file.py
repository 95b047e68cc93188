"""A file that is there whole or not at all: written beside its place, and moved there when it is on disk."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..core.errors import InvalidInput


def refuse_existing(target: Path, *, overwrite: bool) -> None:
    """Raise InvalidInput for a target that is a folder, or is there already and not to be overwritten."""
    if target.is_dir():
        raise InvalidInput(f"{str(target)!r} is a folder; name a file in it. Nothing was written.")
    if target.exists() and not overwrite:
        raise InvalidInput(
            f"{str(target)!r} already exists; choose another name, or overwrite it (--overwrite, overwrite=True). "
            "Nothing was written."
        )


@contextmanager
def new_file(target: Path, *, overwrite: bool = False) -> Generator[BinaryIO]:
    """Open a file, for writing and reading, that becomes `target` when the block is left without an error.

    Until then it stands beside it under another name, and an error leaves nothing behind. Raises InvalidInput when the
    target is there and not to be overwritten, OSError when it cannot be written.
    """
    refuse_existing(target, overwrite=overwrite)
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        with beside.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        refuse_existing(target, overwrite=overwrite)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
