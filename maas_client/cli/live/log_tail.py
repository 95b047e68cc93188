"""How far a command has read a job's log, and which of its lines are wanted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ...jobs.log_lines import Since


@dataclass(slots=True)
class LogTail:
    """A log that is read part by part: lines from a time on, and of those that are there at first only the last ones.

    `offset` is the byte to go on at; `tail` counts lines, and None stands for all.
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
        """Yield those of the next lines that are wanted; `more` says whether others are there already."""
        matching = filter(self._since.keeps, lines)
        if self._backlog is None:
            yield from matching
            return
        self._backlog.extend(matching)
        if not more:
            backlog, self._backlog = self._backlog, None
            yield from backlog
