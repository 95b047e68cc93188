"""The asynchronous wire: operations suspend on an asyncio event loop."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from contextvars import copy_context
from functools import partial
from typing import TypeVar

from ..core.blocking import run
from ..core.http_messages import Reply, Request
from ..core.redaction import redact_logs
from .async_transport import AsyncTransport
from .attempt import Attempt
from .blocking import BlockingWire
from .caller_http import HttpxAsyncClient, HttpxAsyncTransport, HttpxLimits, PoolLimits, check_asynchronous
from .gzip_decoding import GzipDecoder
from .httpx_adapter import (
    IN_FLIGHT,
    LOGGERS,
    MOST_STREAMS,
    STOP,
    AsyncClient,
    BodyReader,
    attempt_at,
    client_closed,
    error_for,
    headers_of,
    httpx_request,
    no_tls,
    stoppable,
    tls_context,
    too_many_streams,
)
from .httpx_import import httpx
from .per_loop import PerLoop, running_loop
from .protocol import Incoming, Thunk
from .time_limit import limit, within_limit

T = TypeVar("T")

THREADS = 64
"""Maximum number of concurrent blocking calls. The loop's own executor is shared and may have only six threads."""


class AsyncWire:
    """The wire on asyncio event loops; each loop has connections of its own.

    Upload blocks are sent by threads with a BlockingWire: sending them from the loop reaches half the speed and uses
    one and a half times the CPU. With an `http_client` or `transport` of the caller's everything goes through that.
    Without `keep_alive` every connection is closed after its response, so that none is left open when a loop ends.
    `timer` measures how long an attempt takes.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | None = None,
        transport: HttpxAsyncTransport | None = None,
        http_client: HttpxAsyncClient | None = None,
        limits: HttpxLimits | None = None,
        courier: BlockingWire | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        timer: Callable[[], float] = time.monotonic,
        keep_alive: bool = True,
    ) -> None:
        check_asynchronous(http_client, transport, limits)
        redact_logs(LOGGERS)
        pool = PoolLimits.of(limits)
        self._is_callers, self._is_ours, self._limits = bool(http_client or transport), http_client is None, limits
        self._verify = verify or (no_tls() if self._is_callers else tls_context())
        self._connections = AsyncTransport(self._verify, keep_alive=keep_alive, limits=pool)
        self._http = http_client or AsyncClient(transport=transport or self._connections)
        self._block_wire = courier
        self._process, self._threads = os.getpid(), _threads()
        self._sending = PerLoop(lambda: asyncio.Semaphore(pool.most or IN_FLIGHT))
        self._streams = PerLoop(lambda: asyncio.Semaphore(MOST_STREAMS))
        self._sleep, self._now, self._clock, self._timer = sleep, now, clock, timer
        self._is_closed = False

    @property
    def busy(self) -> int:
        """How many connections are in use, on all loops and on the threads that send upload blocks."""
        return self._connections.busy + (0 if self._block_wire is None else self._block_wire.busy)

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, and read the response; raise TransportError if it is incomplete."""
        is_on_a_thread = self._block_wire is not None or not self._is_callers
        if not isinstance(request.body, bytes) and is_on_a_thread:
            return await self._send_on_a_thread(request)
        request = within_limit(request, self._timer)
        body = request.body if isinstance(request.body, bytes) else self._pieces(request, request.body)
        async with self._sending.get():
            try:
                return await self._exchange(request, body)
            except BaseException as error:
                failure = error_for(error, request, is_callers=self._is_callers)
            raise failure

    async def _exchange(self, request: Request, body: bytes | AsyncIterator[bytes]) -> Reply:
        response, attempt = await self._begin(request, body)
        try:
            reading = BodyReader(request, response, attempt)
            inflation = GzipDecoder(request, response)
            async for chunk in response.aiter_bytes():
                reading.add(inflation.feed(chunk))
                del chunk  # as in `BodyReader.add`
            inflation.finish()
            return reading.reply(self._now())
        finally:
            await response.aclose()

    async def _send_on_a_thread(self, request: Request) -> Reply:
        if self._block_wire is None:
            self._block_wire = BlockingWire(verify=self._verify, limits=self._limits)
        courier = self._block_wire
        return await self.call(lambda: run(courier.send(request)))

    async def _pieces(self, request: Request, body: Iterable[bytes]) -> AsyncIterator[bytes]:
        """Yield the pieces of a body, which are read from a file off the loop."""
        pieces = iter(stoppable(request, body))
        while (piece := await self.call(partial(next, pieces, b""))) != b"":
            yield piece

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send one request, once, and stream the response."""
        if not isinstance(request.body, bytes):
            raise TypeError("a streamed request requires a body of type bytes")
        content, request = request.body, within_limit(request, self._timer)
        async with self._stream(request):
            response, attempt = await self._opened(request, content)
            try:
                body = partial(self._chunks, request, response, attempt)
                yield Incoming(response.status_code, headers_of(response), body)
            finally:
                await response.aclose()

    @asynccontextmanager
    async def _stream(self, request: Request) -> AsyncGenerator[None]:
        """Count as one of the streamed responses; wait for a free place, at most for the request's timeout."""
        streams = self._streams.get()
        try:
            async with asyncio.timeout(request.timeout):
                await streams.acquire()
        except TimeoutError:
            raise too_many_streams(request) from None
        try:
            yield
        finally:
            streams.release()

    async def _opened(self, request: Request, body: bytes) -> tuple[httpx.Response, Attempt]:
        try:
            return await self._begin(request, body)
        except BaseException as error:
            failure = error_for(error, request, is_callers=self._is_callers)
        raise failure

    async def _begin(self, request: Request, body: bytes | AsyncIterator[bytes]) -> tuple[httpx.Response, Attempt]:
        if self._is_closed:
            raise client_closed()
        attempt = attempt_at(request, self._timer)
        outgoing = httpx_request(request, body, attempt)
        return await self._http.send(outgoing, stream=True, auth=None, follow_redirects=False), attempt

    async def _chunks(
        self, request: Request, response: httpx.Response, attempt: Attempt, renews: bool
    ) -> AsyncIterator[bytes]:
        try:
            inflation = GzipDecoder(request, response)
            renew = attempt.renew if renews else lambda: None
            renew()
            async for chunk in response.aiter_bytes():
                for piece in inflation.feed(chunk):
                    if piece:
                        yield piece
                        renew()
                    del piece  # as in `BodyReader.add`
                del chunk
            inflation.finish()
            return
        except BaseException as error:
            failure = error_for(error, request, is_callers=self._is_callers)
        raise failure

    def within(self, seconds: float, /) -> AbstractContextManager[None]:
        """Limit every attempt that begins in the block to this many seconds."""
        return limit(seconds, self._timer)

    async def sleep(self, seconds: float, /) -> None:
        """Sleep for this many seconds."""
        running_loop()
        await self._sleep(seconds)

    def now(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        return self._now()

    def clock(self) -> float:
        """Return a monotonic clock, in seconds."""
        return self._clock()

    async def call(self, function: Callable[[], T], /) -> T:
        """Run a blocking function off the event loop."""
        loop = running_loop()
        if self._is_closed:
            raise client_closed()
        if self._process != os.getpid():
            self._process, self._threads = os.getpid(), _threads()
        return await loop.run_in_executor(self._threads, copy_context().run, function)

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        """Run several operations, at most `limit` at a time; the first error cancels the others and is raised."""
        running_loop()
        left = iter(enumerate(thunks))
        results: dict[int, T] = {}

        stop = threading.Event()

        async def worker() -> None:
            STOP.set(stop)  # copied to the threads that send upload blocks
            for index, thunk in left:
                results[index] = await thunk()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(limit):
                    group.create_task(worker())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            stop.set()
        return [results[index] for index in range(len(results))]

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Return a new lock; hold it with `async with`."""
        return _LoopLock()

    async def close(self) -> None:
        """Close every connection; an http_client is left to its owner."""
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._is_ours:
            await self._http.aclose()
        if self._block_wire is not None:
            self._block_wire.close()


class _LoopLock:
    """A lock between the tasks of an event loop; each loop has its own."""

    def __init__(self) -> None:
        self._locks = PerLoop(asyncio.Lock)

    async def __aenter__(self) -> None:
        await self._locks.get().acquire()

    async def __aexit__(self, *_: object) -> None:
        self._locks.get().release()


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="maas")
