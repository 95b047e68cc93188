"""A wire around a wire: what is sent and answered is written to a recording, and passed on unchanged."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from ..core.errors import TransportError
from ..core.http_messages import Reply, Request
from ..wire import Incoming, Wire
from ..wire.wrapped_wire import WrappedWire
from .observed_body import Counter, ObservedBody, observing
from .recording import Recording
from .seen import Sample, Seen

logger = logging.getLogger("maas_client")


class RecordingWire(WrappedWire):
    """Sends over another wire, and writes each exchange to a recording when it has ended."""

    def __init__(self, wire: Wire, recording: Recording) -> None:
        super().__init__(wire)
        self._recording = recording

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, read the response, and record both."""
        request, body = _observed(request)
        began, now = self._wire.clock(), self._wire.now()
        try:
            reply = await self._wire.send(request)
        except TransportError as error:
            self._add(_failed(request, body, error), began, now)
            raise
        self._add(_answered(request, body, reply.status, reply.headers, Sample.of(reply.body)), began, now)
        return reply

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send one request, once, stream the response, and record both as far as the response was read."""
        request, body = _observed(request)
        began, now = self._wire.clock(), self._wire.now()
        counter, arrived, failure = Counter(), None, None
        try:
            async with self._wire.open(request) as incoming:
                arrived = incoming
                yield replace(incoming, open_body=observing(incoming, counter))
        except TransportError as error:
            failure = error
            raise
        finally:
            if failure is not None:
                self._add(_failed(request, body, failure), began, now)
            elif arrived is not None:
                self._add(_answered(request, body, arrived.status, arrived.headers, counter.sample), began, now)

    def _add(self, seen: Seen, began: float, now: float) -> None:
        """Record an exchange; a failure to do so is a warning and does not change what the caller gets."""
        try:
            self._recording.add(seen, sent=now, seconds=self._wire.clock() - began)
        except Exception as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            logger.warning("an exchange could not be recorded (%s); the recording lacks it", why)


def _observed(request: Request) -> tuple[Request, ObservedBody | None]:
    """Return a request whose body is looked at while it is sent; one in memory is looked at afterwards."""
    if isinstance(request.body, bytes):
        return request, None
    body = ObservedBody(request.body)
    return replace(request, body=body), body


def _asked(request: Request, body: ObservedBody | None) -> Seen:
    is_signed = bool(request.signature)
    mark = "&" if "?" in request.url else "?"
    return Seen(
        method=request.method,
        url=f"{request.url}{mark}sig=" if is_signed else request.url,
        headers=request.headers,
        credential=_credential(request),
        body=Sample.of(request.body) if isinstance(request.body, bytes) else body.sample if body else Sample(),
    )


def _answered(
    request: Request, body: ObservedBody | None, status: int, headers: Mapping[str, str], answer: Sample
) -> Seen:
    return replace(_asked(request, body), status=status, answer_headers=headers, answer=answer)


def _failed(request: Request, body: ObservedBody | None, error: TransportError) -> Seen:
    return replace(_asked(request, body), failure="timeout" if "no response within" in error.why else "connection")


def _credential(request: Request) -> str:
    """Return what kind of credential a request carries, never the credential."""
    if request.signature or any(name.lower() == "sig" for name, _ in parse_qsl(urlsplit(request.url).query)):
        return "sas"
    names = {name.lower() for name in (*request.headers, *request.secret_headers)}
    if "api-key" in names:
        return "api-key"
    if "authorization" not in names:
        return "none"
    scheme = {**request.headers, **{name: one.reveal() for name, one in request.secret_headers.items()}}
    is_key = any(value.startswith("SharedKey ") for name, value in scheme.items() if name.lower() == "authorization")
    return "shared-key" if is_key else "bearer"
