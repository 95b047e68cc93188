"""A time limit for all requests of one operation together, such as one poll of a job."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from ..core.http_messages import Request

_SHORTEST_TIMEOUT = 0.001
"""Minimum timeout in seconds: with no time left, a request fails as one without a response."""

_LIMIT: ContextVar[float | None] = ContextVar("maas_client_limit", default=None)
"""When the current operation must end, by the wire's timer."""


@contextmanager
def limit(seconds: float, timer: Callable[[], float]) -> Generator[None]:
    """Limit every attempt that begins in the block to this many seconds from now."""
    before = _LIMIT.get()
    ends = timer() + seconds
    token = _LIMIT.set(ends if before is None else min(before, ends))
    try:
        yield
    finally:
        _LIMIT.reset(token)


def within_limit(request: Request, timer: Callable[[], float]) -> Request:
    """Return the request with its timeout limited to the remaining time of the current operation."""
    ends = _LIMIT.get()
    if ends is None or ends - timer() >= request.timeout:
        return request
    return replace(request, timeout=max(ends - timer(), _SHORTEST_TIMEOUT))
