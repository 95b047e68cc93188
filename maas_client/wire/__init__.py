"""The wire: everything an operation may do to the outside world.

The only package that imports httpx, sleeps, reads a clock or starts threads. On an `AsyncWire` operations suspend as
usual. On a `BlockingWire` every await is over at once, so that a plain call can run the whole coroutine
(see `blocking.run`).
"""

from __future__ import annotations

from .http import MAX_REPLY, tls_context
from .on_loop import AsyncWire
from .plain import BlockingWire
from .protocol import Incoming, Thunk, Wire

__all__ = ["MAX_REPLY", "AsyncWire", "BlockingWire", "Incoming", "Thunk", "Wire", "tls_context"]
