"""Objects per event loop: a client may be used on several loops, and in processes after a fork."""

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
    """Return the running event loop; raise InvalidInput if there is none, as under trio."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise InvalidInput(
            "an asynchronous client requires a running asyncio event loop; under trio, call "
            "MaasClient in a thread: trio.to_thread.run_sync"
        ) from None


class PerLoop(Generic[T]):
    """Creates one object per event loop, on first use, and drops it with the loop.

    Args:
        make: returns a new object, called on its loop.
        drop: called with an object whose loop was closed or collected, or belongs to the process before a fork.
    """

    def __init__(self, make: Callable[[], T], drop: Callable[[T], object] = lambda _: None) -> None:
        self._make, self._drop = make, drop
        self._process = os.getpid()
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        self._making = Lock()

    def get(self) -> T:
        """Return the object of the running loop; raise InvalidInput if no loop is running."""
        loop = running_loop()
        if self._process == os.getpid() and (made := self._made.get(loop)) is not None:
            return made
        if self._process != os.getpid():
            self._making = Lock()  # the old one may have been held by a thread that does not exist here
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
        """Return the objects of all loops."""
        return list(self._made.values())
