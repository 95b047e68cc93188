"""How long the requests of one piece of work may take together, such as those of one look at a job."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from ..core.http_messages import Request

_SHORTEST_TIMEOUT = 0.001
"""Seconds. Without any time left a request fails as one that got no answer."""

_LIMIT: ContextVar[float | None] = ContextVar("maas_client_limit", default=None)
"""When what is under way has to be over, by the wire's timer."""


@contextmanager
def limit(seconds: float, timer: Callable[[], float]) -> Generator[None]:
    """Let every attempt that begins in the block end within so many seconds from now."""
    before = _LIMIT.get()
    ends = timer() + seconds
    token = _LIMIT.set(ends if before is None else min(before, ends))
    try:
        yield
    finally:
        _LIMIT.reset(token)


def within_limit(request: Request, timer: Callable[[], float]) -> Request:
    """Return the request with no more time than what is under way has left."""
    ends = _LIMIT.get()
    if ends is None or ends - timer() >= request.timeout:
        return request
    return replace(request, timeout=max(ends - timer(), _SHORTEST_TIMEOUT))
