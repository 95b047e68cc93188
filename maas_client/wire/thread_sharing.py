"""Primitives shared by threads: a once flag, a busy flag, a reference count, a keyed queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class OnceFlag:
    """A flag that only the first caller acquires."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken = Lock()

    def take(self) -> bool:
        """Return True to the first caller only."""
        return self._taken.acquire(blocking=False)


class BusyFlag:
    """A flag that one caller at a time holds, and for which no caller waits."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken = Lock()

    def take(self) -> bool:
        """Return whether the flag was free; then it must be released."""
        return self._taken.acquire(blocking=False)

    def release(self) -> None:
        """Let another caller take it."""
        self._taken.release()


class ReferenceCount:
    """Calls a function after `count` releases."""

    __slots__ = ("_count", "_counting", "_when_free")

    def __init__(self, count: int, when_free: Callable[[], object]) -> None:
        self._count, self._when_free = count, when_free
        self._counting = Lock()

    def release(self) -> None:
        """Release one reference."""
        with self._counting:
            self._count -= 1
            last = self._count == 0
        if last:
            self._when_free()


class KeyedQueue(Generic[T]):
    """A keyed queue: items of one key are processed in order, one at a time, by any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: dict[int, deque[T]] = {}
        self._busy: set[int] = set()

    def add(self, line: int, work: T) -> None:
        """Append an item to a key's items."""
        with self._lock:
            self._lines.setdefault(line, deque()).append(work)

    def take(self, *, latest: bool = False) -> T | None:
        """Take the first item of the earliest (or latest) key that is not being processed; None if there is none.

        No other item of its key is returned until `done` is called.
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
        """Allow the next item of a key to be taken."""
        with self._lock:
            self._busy.remove(line)


def callback_lock() -> AbstractContextManager[bool]:
    """Return a lock for callbacks, held with `with`; nothing may be awaited while it is held."""
    return Lock()
