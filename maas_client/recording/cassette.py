"""Files of recorded exchanges: read whole, and appended to line by line, also by several processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..core.errors import InvalidInput
from .exchange import Exchange

_APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_BEGINNING = (b"{", b"\xef\xbb\xbf{")


def read_cassette(path: str | os.PathLike[str]) -> tuple[Exchange, ...]:
    """Return the exchanges of a recording, in the order of its lines.

    A last line without its end is left out: a process was stopped while it wrote it.

    Args:
        path: the file.

    Raises:
        InvalidInput: a line is no exchange of this version; it is named.
        OSError: the file cannot be read.
    """
    return tuple(_exchanges(Path(path)))


def _exchanges(path: Path) -> Iterator[Exchange]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield Exchange.from_line(_text(line, is_first=number == 1))
            except InvalidInput as error:
                if line.endswith(b"\n") or not line.startswith(_BEGINNING):
                    raise InvalidInput(f"{path}, line {number}: {error}") from None


def _text(line: bytes, *, is_first: bool) -> str:
    """Return a line as text; some editors write a mark before the first one."""
    try:
        return line.decode("utf-8-sig" if is_first else "utf-8")
    except UnicodeDecodeError:
        raise InvalidInput("the line is not text in UTF-8, so the file is no recording") from None


class CassetteFile:
    """A file that exchanges are appended to; only its owner may read it.

    Each line is written at once, so that lines of several processes do not mix, and what is written stays if the
    process is killed.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def create(self, *, overwrite: bool) -> None:
        """Create the file, empty; raise InvalidInput if it exists and may not be replaced."""
        kind = os.O_TRUNC if overwrite else os.O_EXCL
        try:
            os.close(os.open(self.path, _APPENDING | kind, 0o600))
        except FileExistsError:
            raise InvalidInput(
                f"{self.path} exists already, and a recording is never mixed with another. Nothing was sent; choose "
                "another name, or overwrite it (overwrite=True, or --overwrite)."
            ) from None

    def append(self, exchange: Exchange) -> None:
        """Append one exchange."""
        line = (exchange.to_line() + "\n").encode("utf-8", "replace")
        file = os.open(self.path, _APPENDING, 0o600)
        try:
            while line:
                line = line[os.write(file, line) :]
        finally:
            os.close(file)
