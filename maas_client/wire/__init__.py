"""The wire: all I/O of an operation.

The only package that imports httpx, sleeps, reads a clock or starts threads. On an `AsyncWire` operations suspend as
usual. On a `BlockingWire` no await ever suspends, so an ordinary call can run the whole coroutine
(see `blocking.run`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .blocking import BlockingWire
from .caller_http import HttpxAsyncClient, HttpxAsyncTransport, HttpxClient, HttpxLimits, HttpxTransport
from .httpx_adapter import MAX_REPLY, no_tls, target_of, tls_context
from .protocol import Incoming, Thunk, Wire
from .proxies import check_proxy, proxy_of

if TYPE_CHECKING:
    from .asynchronous import AsyncWire

__all__ = [
    "MAX_REPLY",
    "AsyncWire",
    "BlockingWire",
    "HttpxAsyncClient",
    "HttpxAsyncTransport",
    "HttpxClient",
    "HttpxLimits",
    "HttpxTransport",
    "Incoming",
    "Thunk",
    "Wire",
    "check_proxy",
    "no_tls",
    "proxy_of",
    "target_of",
    "tls_context",
]


def __getattr__(name: str) -> object:
    """Import the asynchronous wire on first use: importing asyncio takes 25 ms, and blocking calls do not need it."""
    if name == "AsyncWire":
        from .asynchronous import AsyncWire

        return AsyncWire
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
