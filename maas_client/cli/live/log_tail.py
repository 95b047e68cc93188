"""The read position in a job's log, and the selection of lines to print."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ...jobs.log_lines import Since


@dataclass(slots=True)
class LogTail:
    """Selects lines of a log that is read in parts: lines since a time, and only the last `tail` of the backlog.

    `offset` is the byte to continue at; a `tail` of None selects all lines.
    """

    since: datetime | None = None
    tail: int | None = None
    offset: int = 0
    _since: Since = field(init=False)
    _backlog: deque[str] | None = field(init=False)

    def __post_init__(self) -> None:
        self._since = Since(self.since)
        self._backlog = None if self.tail is None else deque(maxlen=self.tail)

    def select(self, lines: Iterable[str], *, more: bool) -> Iterator[str]:
        """Yield the selected lines of the next part; `more` is whether further parts are already available."""
        matching = filter(self._since.keeps, lines)
        if self._backlog is None:
            yield from matching
            return
        self._backlog.extend(matching)
        if not more:
            backlog, self._backlog = self._backlog, None
            yield from backlog
