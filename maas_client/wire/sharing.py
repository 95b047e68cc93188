"""What several threads share: a piece of work that one of them takes, and a thing that all of them hold."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class Claim:
    """Work that is done once, by whoever takes it first."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken = Lock()

    def take(self) -> bool:
        """Say whether the work is the caller's: the first caller's."""
        return self._taken.acquire(blocking=False)


class Holders:
    """Calls a function when so many have let go."""

    __slots__ = ("_count", "_counting", "_when_free")

    def __init__(self, count: int, when_free: Callable[[], object]) -> None:
        self._count, self._when_free = count, when_free
        self._counting = Lock()

    def let_go(self) -> None:
        """Let go, once for each holder."""
        with self._counting:
            self._count -= 1
            last = self._count == 0
        if last:
            self._when_free()
