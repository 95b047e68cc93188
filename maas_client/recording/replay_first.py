"""A wire that asks a replay first, and the service only for what was not recorded."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from ..core.errors import ConnectionFailed
from ..core.http_messages import Reply, Request
from ..wire import Incoming, Wire
from ..wire.wrapped_wire import WrappedWire

VARIABLE = "MAAS_REPLAY"
"""The environment variable with the URL of a replay that is asked first."""

SERVICE_URL = "X-Mock-Url"
"""The header with the URL at the service, so that URLs in its answer are the service's."""

NO_MATCH = "CassetteHasNoMatch"
TIMEOUT = 60.0
_FORWARDED = frozenset({"content-type", "range", "x-ms-range"})


class ReplayFirstWire(WrappedWire):
    """Sends over another wire what a replay has no answer for.

    No credential is sent to the replay. A wait after an answer of the replay takes no time.
    """

    def __init__(self, wire: Wire, replay: str) -> None:
        super().__init__(wire)
        parts = urlsplit(replay)
        self._replay, self._host, self._port = replay, parts.hostname or "", parts.port
        self._is_replayed = False

    async def send(self, request: Request, /) -> Reply:
        """Return the replay's answer, else send the request to the service."""
        found = await self._found(request)
        return await self._wire.send(request) if found is None else found

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Stream the replay's answer, else the service's."""
        found = await self._found(request)
        if found is None:
            async with self._wire.open(request) as incoming:
                yield incoming
        else:
            yield Incoming(found.status, dict(found.headers), partial(_once, found.body))

    async def sleep(self, seconds: float, /) -> None:
        """Sleep, unless the last answer was the replay's."""
        if not self._is_replayed:
            await self._wire.sleep(seconds)

    async def _found(self, request: Request) -> Reply | None:
        found = await self._wire.call(partial(self._asked, request))
        self._is_replayed = found is not None
        return found

    def _asked(self, request: Request) -> Reply | None:
        """Ask the replay; return None if it has no answer. Raise ConnectionFailed if there is no replay."""
        parts = urlsplit(request.url)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        headers = {name: value for name, value in request.headers.items() if name.lower() in _FORWARDED}
        body = request.body if isinstance(request.body, bytes) else b"".join(request.body)
        connection = HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        try:
            connection.request(request.method, path, body, {**headers, SERVICE_URL: request.url})
            answer = connection.getresponse()
            reply = Reply(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
                self._wire.now(),
            )
        except (OSError, HTTPException) as error:
            why = f"{type(error).__name__}: {error}. {VARIABLE} needs a running replay: unset it, or start one"
            raise ConnectionFailed(f"{request.method} {self._replay}{parts.path}", why) from error
        finally:
            connection.close()
        return None if reply.headers.get("x-ms-error-code") == NO_MATCH else reply


async def _once(body: bytes, _renews: bool, /) -> AsyncIterator[bytes]:
    if body:
        yield body
