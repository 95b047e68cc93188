"""Atomic writes of several files: temporary files, renamed when all of them are on disk."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from ..atomic_file import refuse_existing


@contextmanager
def new_files(targets: Sequence[Path], *, overwrite: bool = False) -> Generator[list[BinaryIO]]:
    """Open files for writing that become the targets when the block ends without an error.

    Until then they have temporary names in the same folder; after an error nothing is left behind. At no moment are
    some targets old and some new. Raises InvalidInput if a target exists and must not be overwritten, OSError if one
    cannot be written.
    """
    _refuse_existing(targets, overwrite=overwrite)
    temporary = [_temporary_name(target, "part") for target in targets]
    try:
        with ExitStack() as stack:
            files: list[BinaryIO] = [stack.enter_context(place.open("xb")) for place in temporary]
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        _refuse_existing(targets, overwrite=overwrite)
        _move(temporary, targets)
    finally:
        for place in temporary:
            place.unlink(missing_ok=True)


def _refuse_existing(targets: Sequence[Path], *, overwrite: bool) -> None:
    for target in targets:
        refuse_existing(target, overwrite=overwrite)


def _move(sources: Sequence[Path], targets: Sequence[Path]) -> None:
    """Rename files to their targets. Existing targets are moved away first, and restored if a rename fails."""
    old = {target: _temporary_name(target, "old") for target in targets if target.exists()}
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in (*old.items(), *zip(sources, targets, strict=True)):
            moved.append((source, target))
            source.replace(target)
    except BaseException:
        for source, target in reversed(moved):
            if target.exists():
                target.replace(source)
        raise
    for place in old.values():
        place.unlink(missing_ok=True)


def _temporary_name(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.{what}")
