"""A wire around another one: it passes on everything but the requests, which its subclasses send."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TypeVar

from .protocol import Thunk, Wire

T = TypeVar("T")


class WrappedWire:
    """What wires around a wire share: time limits, clocks, threads and locks are those of the wire within.

    With `send` and `open`, which a subclass adds, it is a `Wire`.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def within(self, seconds: float, /) -> AbstractContextManager[None]:
        """Limit every attempt that begins in the block to this many seconds."""
        return self._wire.within(seconds)

    async def sleep(self, seconds: float, /) -> None:
        """Sleep for this many seconds."""
        await self._wire.sleep(seconds)

    def now(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        return self._wire.now()

    def clock(self) -> float:
        """Return a monotonic clock, in seconds."""
        return self._wire.clock()

    async def call(self, function: Callable[[], T], /) -> T:
        """Run a blocking function, off the event loop if there is one."""
        return await self._wire.call(function)

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        """Run several operations, at most `limit` at a time; the first error cancels the others and is raised."""
        return await self._wire.gather(thunks, limit=limit)

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Return a new lock; hold it with `async with`."""
        return self._wire.lock()
