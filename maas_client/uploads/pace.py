"""How many blocks are under way at once: fewer in trouble, more again when it is over. Decisions only."""

from __future__ import annotations

CALM = 2
"""Blocks for each one that is under way, after whose success one more is let on its way."""

_TROUBLE = frozenset({0, 408, 429, 500, 502, 503, 504})
"""What tells that the service or the network is overloaded; 0 is an answer that never came."""


class Pace:
    """Additive increase, multiplicative decrease, as TCP does it; `most` is how many blocks are under way in calm."""

    def __init__(self, most: int) -> None:
        self._most = self.limit = most
        self._calm = 0

    def heed(self, status: int) -> None:
        """Take note of an answer's status; 0 for none."""
        if status in _TROUBLE:
            self.limit, self._calm = max(1, self.limit // 2), 0
        elif status < 300:
            self._calm += 1
            if self._calm >= CALM * self.limit:
                self.limit, self._calm = min(self.limit + 1, self._most), 0  # two threads may come here at once
