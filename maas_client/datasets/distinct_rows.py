"""Tracks which rows have already been written, by digest, in a temporary database on disk."""

from __future__ import annotations

import sqlite3
from hashlib import blake2b
from types import TracebackType

_DIGEST_SIZE = 16
_CACHE_KIB = 16 * 1024
_SETUP = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{_CACHE_KIB};
CREATE TABLE written (digest BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID;
BEGIN;
"""


class DistinctRows:
    """Identifies rows by their bytes without surrounding white space, in 16 MiB of memory for any number of them."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SETUP)

    def __enter__(self) -> DistinctRows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def first_line(self, row: bytes, *, line: int) -> int | None:
        """Return the line where the row was already written; None for a new row, which is recorded at `line`."""
        digest = blake2b(row.strip(), digest_size=_DIGEST_SIZE).digest()
        try:
            self._database.execute("INSERT INTO written VALUES (?, ?)", (digest, line))
        except sqlite3.IntegrityError:
            found: tuple[int] = self._database.execute(
                "SELECT line FROM written WHERE digest = ?", (digest,)
            ).fetchone()
            return found[0]
        return None
