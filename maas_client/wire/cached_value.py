"""A cached value: fetched on first use, and only once even with concurrent callers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from . import Wire

T = TypeVar("T")


class CachedValue(Generic[T]):
    """Fetches a value on first use; a failure is not cached."""

    def __init__(self, wire: Wire, fetch: Callable[[], Awaitable[T]]) -> None:
        self._lock = wire.lock()
        self._fetch = fetch
        self._kept: list[T] = []

    async def get(self) -> T:
        """Return the value, fetching it on first use."""
        if not self._kept:
            async with self._lock:
                if not self._kept:
                    self._kept.append(await self._fetch())
        return self._kept[0]
