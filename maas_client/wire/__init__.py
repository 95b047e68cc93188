"""The wire: everything an operation may do to the outside world.

The only package that imports httpx, sleeps, reads a clock or starts threads. On an `AsyncWire` operations suspend as
usual. On a `BlockingWire` every await is over at once, so that a plain call can run the whole coroutine
(see `blocking.run`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .blocking import BlockingWire
from .httpx_adapter import MAX_REPLY, no_tls, target_of, tls_context
from .protocol import Incoming, Thunk, Wire

if TYPE_CHECKING:
    from .asynchronous import AsyncWire

__all__ = ["MAX_REPLY", "AsyncWire", "BlockingWire", "Incoming", "Thunk", "Wire", "no_tls", "target_of", "tls_context"]


def __getattr__(name: str) -> object:
    """Import the asynchronous wire on first use: asyncio costs 25 ms that plain calls need not pay."""
    if name == "AsyncWire":
        from .asynchronous import AsyncWire

        return AsyncWire
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
