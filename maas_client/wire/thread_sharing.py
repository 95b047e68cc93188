"""What threads share: work that one of them takes, alone or in lines, and a thing that all of them hold."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class OnceFlag:
    """Work that is done once, by whoever takes it first."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken = Lock()

    def take(self) -> bool:
        """Say whether the work is the caller's: the first caller's."""
        return self._taken.acquire(blocking=False)


class ReferenceCount:
    """Calls a function when so many have let go."""

    __slots__ = ("_count", "_counting", "_when_free")

    def __init__(self, count: int, when_free: Callable[[], object]) -> None:
        self._count, self._when_free = count, when_free
        self._counting = Lock()

    def release(self) -> None:
        """Let go, once for each holder."""
        with self._counting:
            self._count -= 1
            last = self._count == 0
        if last:
            self._when_free()


class KeyedQueue(Generic[T]):
    """Work that stands in lines: what is in one line is done in order, one thing at a time, by whoever takes it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: dict[int, deque[T]] = {}
        self._busy: set[int] = set()

    def add(self, line: int, work: T) -> None:
        """Put something at the end of a line."""
        with self._lock:
            self._lines.setdefault(line, deque()).append(work)

    def take(self, *, latest: bool = False) -> T | None:
        """Take the first thing in the earliest line that nobody works on, or in the latest; None if there is none.

        Nobody else gets anything of its line until it is `done`.
        """
        with self._lock:
            free = [line for line in self._lines if line not in self._busy]
            if not free:
                return None
            line = free[-1 if latest else 0]
            self._busy.add(line)
            work = self._lines[line].popleft()
            if not self._lines[line]:
                del self._lines[line]
            return work

    def done(self, line: int) -> None:
        """Let others take what comes next in a line."""
        with self._lock:
            self._busy.remove(line)


def callback_lock() -> AbstractContextManager[bool]:
    """Return what one thread at a time may hold, with `with`; nothing may be awaited under it."""
    return Lock()
