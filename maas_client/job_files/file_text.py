"""The text of a small configuration file, in any encoding that editors and PowerShell write."""

from __future__ import annotations

from pathlib import Path

from ..core.errors import InvalidInput
from ..core.text_files import UndecodableText, decode

LARGEST = 256 << 10
"""Maximum bytes of a job file. A job takes one or two thousand."""


def file_text(file: Path, *, what: str = "a job file") -> str:
    """Return the text of a file.

    Args:
        file: the file.
        what: what it should be, for the errors.

    Raises:
        InvalidInput: it is a dataset, too large, or no text.
        OSError: it cannot be read.
    """
    if file.suffix.lower() == ".jsonl":
        raise InvalidInput(f"{file} is a dataset (JSON Lines), not {what}: pass it as training data")
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InvalidInput(f"{file}: not {what}: it has more than {LARGEST >> 10} KiB")
    try:
        return decode(content)
    except UndecodableText as error:
        raise InvalidInput(f"{file}:{error.line}: {error}") from None
