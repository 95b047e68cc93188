"""Writing an export into a folder: nothing is overwritten unasked, and nothing is left half written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..core.errors import InvalidInput
from .target import ExportedFile


def refuse_to_replace(files: Sequence[ExportedFile], folder: Path, *, overwrite: bool) -> None:
    """Raise InvalidInput if the folder is a file, or a file exists and must not be overwritten."""
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{str(folder)!r} is a file; name a folder. Nothing was written")
    there = [file.path for file in files if (folder / file.path).exists()]
    if folders := [path for path in there if (folder / path).is_dir()]:
        raise InvalidInput(f"{', '.join(folders)} in {str(folder)!r} is a folder. Nothing was written")
    if there and not overwrite:
        raise InvalidInput(
            f"{str(folder)!r} has {', '.join(there)} already; name another folder, or overwrite them (--overwrite, "
            "overwrite=True). Nothing was written"
        )


def write_files(files: Sequence[ExportedFile], folder: Path, *, overwrite: bool = False) -> None:
    """Write files into a folder, which is created; all are written before the first takes its place.

    Raises InvalidInput if a file exists and must not be overwritten, OSError if one cannot be written.
    """
    refuse_to_replace(files, folder, overwrite=overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".maas-export-", dir=folder))
    try:
        for file in files:
            path = draft / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as out:
                out.writelines(file.parts())
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            (draft / file.path).replace(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
