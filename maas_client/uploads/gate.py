"""The gate that blocks pass on their way: one after another, as many at once as the pace allows."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from ..transfers.adaptive_concurrency import Pace
from ..wire import Wire


class Gate:
    """Lets blocks in, in the order in which they come.

    A wire has locks and nothing else to wait for. So each who has to wait locks a door of its own and stands in line
    behind it; who leaves unlocks the first doors, as many as there is room for.
    """

    def __init__(self, wire: Wire, pace: Pace) -> None:
        self._wire, self._pace = wire, pace
        self._counting = wire.lock()
        self._inside = 0
        self._line: deque[AsyncExitStack] = deque()

    @asynccontextmanager
    async def passed(self) -> AsyncGenerator[None]:
        """Be among those under way for as long as the block."""
        await self._enter()
        try:
            yield
        finally:
            await self._leave()

    async def _enter(self) -> None:
        async with self._counting:
            if not self._line and self._inside < self._pace.limit:
                self._inside += 1
                return
            door, locked = self._wire.lock(), AsyncExitStack()
            await locked.enter_async_context(door)
            self._line.append(locked)
        async with door:
            return  # whoever unlocked it has counted this one in

    async def _leave(self) -> None:
        async with self._counting:
            self._inside -= 1
            while self._line and self._inside < self._pace.limit:
                self._inside += 1
                await self._line.popleft().aclose()
