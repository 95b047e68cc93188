"""The rows of a file in order, each with its key; blank and bad lines are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal, NamedTuple

from ...core.errors import InvalidInput
from ..json_recovery.pieces import LONGEST
from ..rows.excerpt import escape
from ..rows.lines import BOM, is_utf16, read_row
from ..rows.schemas import Problem, Row
from .row_key import Key

OnBad = Literal["refuse", "skip"]
"""What to do with a line that is not a row: refuse the whole file, or skip the line."""

OnRead = Callable[[int], None]
"""Takes the number of bytes read since the last call."""

_STEP = 8 << 20
"""Bytes between two calls."""


class Keyed(NamedTuple):
    """A row: its bytes without the line end, the parsed value, its normal form, and the digest of that."""

    data: bytes
    row: Row
    form: bytes
    digest: int


class SplitRows:
    """Reads rows once. `first_skipped` says which line was skipped first, and why."""

    def __init__(
        self,
        file: BinaryIO,
        key: Key,
        *,
        name: str,
        on_bad: OnBad,
        on_read: OnRead,
        longest: int = LONGEST,
    ) -> None:
        self._file, self._key, self._longest = file, key, longest
        self._name, self._on_bad, self._on_read = name, on_bad, on_read
        self.blank = self.skipped = 0
        self.first_skipped = ""

    def __iter__(self) -> Iterator[Keyed]:
        """Yield the rows; raise InvalidInput for a bad line, unless such lines are skipped."""
        for number, line in enumerate(self._lines(), 1):
            read = self._read(line)
            if read is None:
                self.blank += 1
            elif isinstance(read, Keyed):
                yield read
            elif self._on_bad == "refuse":
                raise InvalidInput(
                    f"line {number} of {self._name!r} is not a usable row: {read}. Nothing was written. Fix the line, "
                    "or skip such lines with --skip-bad (on_bad='skip')."
                )
            else:
                self.skipped += 1
                self.first_skipped = self.first_skipped or f"line {number}: {read}"

    def _read(self, line: bytes | str) -> Keyed | str | None:
        """Parse a line: a row, None for a blank line, or the reason why it cannot be used."""
        if isinstance(line, str):
            return line
        row = read_row(line)
        if isinstance(row, Problem):
            return None if row.rule == "row-blank" else row.message
        try:
            form = self._key.form_of(row)
        except RecursionError:
            return "the row is nested too deeply"
        if form is None:
            return f"it has no value at {escape(self._key.by or '')}"
        return Keyed(line, row, form, self._key.digest_of(form))

    def _lines(self) -> Iterator[bytes | str]:
        """Yield lines without line ends and byte-order mark, or the reason why a line cannot be read."""
        limit = self._longest + len(BOM) + len(b"\r\n")
        unread, first = 0, True
        while line := self._file.readline(limit):
            unread += len(line)
            long = False
            while len(line) == limit and not line.endswith(b"\n"):
                long, line = True, self._file.readline(limit)
                unread += len(line)
            if unread >= _STEP:
                self._on_read(unread)
                unread = 0
            if long:
                yield f"it has more than {self._longest} bytes"
            elif first and is_utf16(line):
                yield "the file starts like UTF-16, not UTF-8"
            else:
                yield (line.removeprefix(BOM) if first else line).removesuffix(b"\n").removesuffix(b"\r")
            first = False
        self._on_read(unread)
