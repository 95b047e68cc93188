"""How far a command has read a job's log, and which of its lines are wanted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ...jobs.log_lines import Since


@dataclass(slots=True)
class JobLog:
    """A log that is read part by part: lines from a time on, and of those that are there at first only the last ones.

    `offset` is the byte to go on at; `tail` counts lines, and None stands for all.
    """

    since: datetime | None = None
    tail: int | None = None
    offset: int = 0
    _late: Since = field(init=False)
    _first: deque[str] | None = field(init=False)

    def __post_init__(self) -> None:
        self._late = Since(self.since)
        self._first = None if self.tail is None else deque(maxlen=self.tail)

    def wanted(self, lines: Iterable[str], *, more: bool) -> Iterator[str]:
        """Yield those of the next lines that are wanted; `more` says whether others are there already."""
        kept = filter(self._late.keeps, lines)
        if self._first is None:
            yield from kept
            return
        self._first.extend(kept)
        if not more:
            last, self._first = self._first, None
            yield from last
