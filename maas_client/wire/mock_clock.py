"""The clock of a mock server, for tests of an app: its client waits by advancing it, and no real time passes."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from threading import Lock
from urllib.parse import urlsplit

from ..core.errors import ConnectionFailed
from ..core.json_fields import dig

PATH = "/_mock/clock"
TIMEOUT = 30.0
"""Seconds for one request to the clock, which the server answers in a millisecond."""


class MockClock:
    """Time of the mock server at a base URL, as last seen: it changes when this client sleeps.

    It has a connection of its own for each request, so that a client stays within its connections and nothing is left
    open. One clock serves any number of threads.
    """

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._endpoint, self._host, self._port = endpoint, parts.hostname or "", parts.port
        self._time: float | None = None
        self._lock = Lock()

    def sleep(self, seconds: float) -> None:
        """Advance the server's clock by this many seconds instead of sleeping."""
        self._see(self._ask("POST", {"advance": max(seconds, 0.0)}))

    async def sleep_async(self, seconds: float) -> None:
        """Do the same without blocking the event loop."""
        import asyncio  # here: a plain client does without asyncio

        await asyncio.to_thread(self.sleep, seconds)

    def now(self) -> float:
        """Return the server's time, in seconds since 1970; it never goes back."""
        return self._see(self._ask("GET", None)) if self._time is None else self._time

    def _see(self, time: float) -> float:
        with self._lock:
            self._time = max(self._time or 0.0, time)
            return self._time

    def _ask(self, method: str, body: object) -> float:
        """Send one request to the clock and return its time; raise ConnectionFailed if it is not a mock server's."""
        connection = HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        try:
            connection.request(method, PATH, None if body is None else json.dumps(body))
            reply = connection.getresponse()
            read: object = json.loads(reply.read())
        except (OSError, HTTPException, ValueError) as error:
            raise self._failure(method, f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        time = dig(read, "now")
        if reply.status != 200 or not isinstance(time, float):
            raise self._failure(method, f"status {reply.status}")
        return time

    def _failure(self, method: str, why: str) -> ConnectionFailed:
        advice = "MAAS_MOCK=1 needs a running mock server: start `maas mock`, or unset MAAS_MOCK"
        return ConnectionFailed(f"{method} {self._endpoint}{PATH}", f"{why}. {advice}")
