"""How many blocks are under way at once: fewer in trouble, or where processors are the limit. Decisions only."""

from __future__ import annotations

CALM = 2
"""Blocks for each one that is under way, after whose success one more is let on its way."""

_TROUBLE = frozenset({0, 408, 429, 500, 502, 503, 504})
"""What tells that the service or the network is overloaded; 0 is an answer that never came."""


FAST = 250e6
"""Bytes per second of one block that no network between here and the service lets through."""


class Pace:
    """Additive increase, multiplicative decrease, as TCP does it; `most` is how many blocks are under way in calm.

    Blocks that no network holds up, on their way to a server near by, are bound by the processors: more of them at once
    than there are `processors`, or than two, only get in each other's way.
    """

    def __init__(self, most: int, processors: int | None = None) -> None:
        self.limit = self._most = self._asked = most
        self._fast = most if processors is None else min(most, max(processors, 2))
        self._calm = 0

    def heed(self, status: int) -> None:
        """Take note of an answer's status; 0 for none."""
        if status in _TROUBLE:
            self.limit, self._calm = max(1, self.limit // 2), 0
        elif status < 300:
            self._calm += 1
            if self._calm >= CALM * self.limit:
                self.limit, self._calm = min(self.limit + 1, self._most), 0  # two threads may come here at once

    def timed(self, size: int, seconds: float) -> None:
        """Take note of how long a block of so many bytes took."""
        self._most = self._fast if seconds > 0 and size > FAST * seconds else self._asked
        self.limit = min(self.limit, self._most)
