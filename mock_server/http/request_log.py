"""A line per request for the person who watches the server: no header, no body and no query string, thus no secret."""

import time
from collections.abc import Callable
from typing import TextIO
from urllib.parse import quote

from starlette.types import Scope

from mock_server.http.exchange import Exchange

LONGEST_PATH = 160
QUIET = ("mock.ui", "mock.health")
"""How the operations begin that are not logged: the page and health checks poll."""


def log_at_end(stream: TextIO, exchange: Exchange, scope: Scope, operation: str, fault: int | None) -> None:
    """Write a request's line to a stream once its response is complete or its connection closed."""
    if operation.startswith(QUIET):
        return
    begun = time.perf_counter()

    def write() -> None:
        seconds = time.perf_counter() - begun
        stream.write(f"{line(scope['method'], scope['path'], exchange.status, seconds, operation, fault)}\n")
        stream.flush()

    exchange.on_end.append(_without_failing(write))


def line(method: str, path: str, status: int | None, seconds: float, operation: str, fault: int | None) -> str:
    """Return the line of a request: time, method, status, duration, operation and path."""
    shown = quote(path, safe="/:=@!$&'()*+,;~-._")
    shown = shown if len(shown) <= LONGEST_PATH else f"{shown[:LONGEST_PATH]}…"
    what = f"{operation or 'unknown operation'}{'' if fault is None else f' (fault {fault})'}"
    took = f"{seconds * 1000:>5.0f} ms"
    return f"{time.strftime('%H:%M:%S')} {method:<6} {status or 'dropped':>7} {took}  {what}  {shown}"


def _without_failing(write: Callable[[], None]) -> Callable[[], None]:
    """Return a function that gives up on a stream that was closed: a log must not fail a request."""

    def attempt() -> None:
        try:
            write()
        except (OSError, ValueError):
            return

    return attempt
