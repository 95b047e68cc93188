"""A recording under way: exchanges are redacted, numbered and appended, from any thread."""

from __future__ import annotations

import os
from dataclasses import replace

from ..wire.thread_sharing import callback_lock
from .cassette import CassetteFile
from .redactor import Redactor
from .seen import Seen


class Recording:
    """Takes exchanges as they end, and writes each to its file at once."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = CassetteFile(path)
        self._redactor = Redactor()
        self._writing = callback_lock()
        self._count = 0
        self._began: float | None = None

    @property
    def count(self) -> int:
        """How many exchanges were written."""
        return self._count

    def add(self, seen: Seen, *, sent: float, seconds: float) -> None:
        """Write one exchange; `sent` is the wall clock when its request was sent."""
        with self._writing:
            began = self._began = sent if self._began is None else min(self._began, sent)
            numbered = replace(seen, n=self._count, at=sent - began, seconds=seconds)
            self._file.append(self._redactor.exchange(numbered))
            self._count += 1
