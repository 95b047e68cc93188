"""What each event loop has of its own: a client may serve several loops, and processes after a fork."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, finalize

from ..core.errors import InvalidInput

T = TypeVar("T")


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running event loop; raise InvalidInput where there is none, as under trio."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise InvalidInput(
            "an asynchronous client works on an asyncio event loop, and none is running here; under trio, call "
            "MaasClient in a thread: trio.to_thread.run_sync"
        ) from None


class PerLoop(Generic[T]):
    """Makes one thing for each event loop, on first use, and lets it go with the loop.

    Args:
        make: returns a new thing, on its loop.
        drop: called with a thing whose loop has been closed or collected, or belongs to the process before a fork.
    """

    def __init__(self, make: Callable[[], T], drop: Callable[[T], object] = lambda _: None) -> None:
        self._make, self._drop = make, drop
        self._process = os.getpid()
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        self._making = Lock()

    def get(self) -> T:
        """Return the thing of the running loop; raise InvalidInput where no loop is running."""
        loop = running_loop()
        if self._process == os.getpid() and (made := self._made.get(loop)) is not None:
            return made
        if self._process != os.getpid():
            self._making = Lock()  # the one before may have been held by a thread that is not here
        with self._making:
            self._let_go()
            if (made := self._made.get(loop)) is None:
                made = self._made[loop] = self._make()
                finalize(loop, self._drop, made).atexit = False
            return made

    def _let_go(self) -> None:
        inherited = self._process != os.getpid()
        for loop, made in list(self._made.items()):
            if inherited or loop.is_closed():
                del self._made[loop]
                self._drop(made)
        self._process = os.getpid()

    def all(self) -> list[T]:
        """Return what all loops have."""
        return list(self._made.values())
