"""The looks and pauses of a wait, on a wire. What they mean is decided in `waiting.py`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from .http.polling import TROUBLE, Passing, Wait
from .wire import Wire

T = TypeVar("T")

logger = logging.getLogger("maas_client")


def time_passing(wire: Wire) -> Passing:
    """Begin to measure time by both of a wire's clocks."""
    return Passing(wire.now(), wire.clock())


async def look_once(wire: Wire, wait: Wait, look: Callable[[], Awaitable[T]]) -> T | None:
    """Look; return None when that failed with trouble (`wait.trouble`) that the wait bears, and raise any other."""
    try:
        with wire.within(wait.longest_look()):
            found = await look()
    except TROUBLE as trouble:
        wait.tick(wire.now(), wire.clock())
        if not wait.bears(trouble):
            raise
        log = logger.info if wait.seen else logger.warning
        log("%s: a look failed and the wait goes on: %s", wait.what, trouble)
        return None
    wait.tick(wire.now(), wire.clock())
    wait.succeeded()
    return found


async def rest(wire: Wire, wait: Wait, seconds: float) -> None:
    """Let time pass between two looks."""
    await wire.sleep(seconds)
    wait.tick(wire.now(), wire.clock(), slept=seconds)
