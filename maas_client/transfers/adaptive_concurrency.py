"""Adaptive concurrency (AIMD): fewer blocks in flight on overload, or if processors are the bottleneck."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from ..wire import Wire

SUCCESSES_TO_GROW = 2
"""Successful blocks per block in flight after which the limit grows by one."""

_OVERLOAD = frozenset({0, 408, 429, 500, 502, 503, 504})
"""Statuses of an overloaded service or network; 0 is a missing response."""


FAST_RATE = 250e6
"""Bytes per second of one block above which the network is not the bottleneck."""


class AdaptiveLimit:
    """Additive increase, multiplicative decrease, as in TCP; `most` is the limit without overload.

    Blocks to a nearby server are limited by the processors and not by the network: more of them in flight than
    `processors`, or than two, only slow each other down.
    """

    def __init__(self, most: int, processors: int | None = None) -> None:
        self.limit = self._most = self._asked = most
        self._fast = most if processors is None else min(most, max(processors, 2))
        self._successes = 0

    def on_attempt(self, status: int) -> None:
        """Record a response's status; 0 for none."""
        if status in _OVERLOAD:
            self.limit, self._successes = max(1, self.limit // 2), 0
        elif status < 300:
            self._successes += 1
            if self._successes >= SUCCESSES_TO_GROW * self.limit:
                self.limit, self._successes = min(self.limit + 1, self._most), 0  # two threads may get here at once

    def timed(self, size: int, seconds: float) -> None:
        """Record how long a block of `size` bytes took."""
        self._most = self._fast if seconds > 0 and size > FAST_RATE * seconds else self._asked
        self.limit = min(self.limit, self._most)


class ConcurrencyGate:
    """Admits blocks in order of arrival, up to the current limit.

    A wire has locks but no other synchronisation primitive. So each waiter waits for a lock of its own in a queue, and
    a block that leaves releases as many of the first locks as the limit allows.
    """

    def __init__(self, wire: Wire, pace: AdaptiveLimit) -> None:
        self._wire, self._limit = wire, pace
        self._lock = wire.lock()
        self._in_flight = 0
        self._waiting: deque[AsyncExitStack] = deque()

    @asynccontextmanager
    async def passed(self) -> AsyncGenerator[None]:
        """Count as one block in flight for the duration of the `with` block."""
        await self._enter()
        try:
            yield
        finally:
            await self._leave()

    async def _enter(self) -> None:
        async with self._lock:
            if not self._waiting and self._in_flight < self._limit.limit:
                self._in_flight += 1
                return
            turn, locked = self._wire.lock(), AsyncExitStack()
            await locked.enter_async_context(turn)
            self._waiting.append(locked)
        async with turn:
            return  # the releaser has already counted this one

    async def _leave(self) -> None:
        async with self._lock:
            self._in_flight -= 1
            while self._waiting and self._in_flight < self._limit.limit:
                self._in_flight += 1
                await self._waiting.popleft().aclose()
