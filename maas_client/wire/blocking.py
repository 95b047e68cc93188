"""The blocking wire: blocking I/O behind coroutine signatures that never suspend."""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from contextvars import copy_context
from functools import partial
from typing import TypeVar

from ..core.blocking import run
from ..core.errors import ConnectionFailed
from ..core.http_messages import Reply, Request
from ..core.redaction import redact_logs
from .attempt import Attempt
from .blocking_transport import BlockingTransport
from .caller_http import HttpxClient, HttpxLimits, HttpxTransport, PoolLimits, check_blocking
from .gzip_decoding import GzipDecoder
from .httpx_adapter import (
    LOGGERS,
    MOST_STREAMS,
    STOP,
    BodyReader,
    Client,
    attempt_at,
    client_closed,
    error_for,
    headers_of,
    httpx_request,
    no_tls,
    raise_if_stopped,
    stoppable,
    tls_context,
    too_many_requests,
    too_many_streams,
)
from .httpx_import import httpx
from .protocol import Incoming, Thunk
from .time_limit import limit, within_limit

T = TypeVar("T")


def pause(seconds: float) -> None:
    """Sleep; raise Stopped as soon as a concurrent operation has failed."""
    stop = STOP.get()
    if stop is None:
        time.sleep(seconds)
    elif stop.wait(seconds):
        raise_if_stopped("a pause")


class BlockingWire:
    """Its methods are coroutines that never suspend.

    `sleep`, `now` and `clock` may be replaced, for tests in which hours pass in a millisecond; `timer` measures how
    long an attempt takes. An `http_client` or `transport` of the caller's sends the requests as they are here: it
    follows no redirect and adds no authorization, and its cookies are not sent.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | None = None,
        transport: HttpxTransport | None = None,
        http_client: HttpxClient | None = None,
        limits: HttpxLimits | None = None,
        sleep: Callable[[float], None] = pause,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        check_blocking(http_client, transport, limits)
        redact_logs(LOGGERS)
        pool = PoolLimits.of(limits)
        self._is_callers, self._is_ours = bool(http_client or transport), http_client is None
        self._connections = BlockingTransport(verify or (no_tls() if self._is_callers else tls_context()), pool)
        self._http = http_client or Client(transport=transport or self._connections)
        self._streams = _Places(MOST_STREAMS, too_many_streams)
        self._places = None if pool.most is None else _Places(pool.most, partial(too_many_requests, most=pool.most))
        self._sleep, self._now, self._clock, self._timer = sleep, now, clock, timer
        self._callback: Callable[[], None] | None = None
        self._every = 0.0
        self._is_closed = False

    @property
    def busy(self) -> int:
        """How many connections are in use."""
        return self._connections.busy

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, and read the response; raise TransportError if it is incomplete."""
        request = within_limit(request, self._timer)
        with nullcontext() if self._places is None else self._places.one(request):
            try:
                return self._exchange(request)
            except BaseException as error:
                failure = error_for(error, request, is_callers=self._is_callers)
            raise failure

    def _exchange(self, request: Request) -> Reply:
        response, attempt = self._begin(request)
        try:
            reading = BodyReader(request, response, attempt)
            inflation = GzipDecoder(request, response)
            for chunk in response.iter_bytes():
                reading.add(inflation.feed(chunk))
                del chunk  # as in `BodyReader.add`
            inflation.finish()
            return reading.reply(self._now())
        finally:
            response.close()

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send one request, once, and stream the response."""
        request = within_limit(request, self._timer)
        with self._streams.one(request):
            response, attempt = self._opened(request)
            try:
                body = partial(self._chunks, request, response, attempt)
                yield Incoming(response.status_code, headers_of(response), body)
            finally:
                response.close()

    def _opened(self, request: Request) -> tuple[httpx.Response, Attempt]:
        try:
            return self._begin(request)
        except BaseException as error:
            failure = error_for(error, request, is_callers=self._is_callers)
        raise failure

    def _begin(self, request: Request) -> tuple[httpx.Response, Attempt]:
        if self._is_closed:
            raise client_closed()
        attempt = attempt_at(request, self._timer)
        outgoing = self._outgoing(request, attempt)
        return self._http.send(outgoing, stream=True, auth=None, follow_redirects=False), attempt

    async def _chunks(
        self, request: Request, response: httpx.Response, attempt: Attempt, renews: bool
    ) -> AsyncIterator[bytes]:
        try:
            inflation = GzipDecoder(request, response)
            renew = attempt.renew if renews else lambda: None
            renew()
            for chunk in response.iter_bytes():
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

    def _outgoing(self, request: Request, attempt: Attempt) -> httpx.Request:
        body = request.body
        return httpx_request(request, body if isinstance(body, bytes) else stoppable(request, body), attempt)

    def within(self, seconds: float, /) -> AbstractContextManager[None]:
        """Limit every attempt that begins in the block to this many seconds."""
        return limit(seconds, self._timer)

    def call_while_sleeping(self, callback: Callable[[], None], *, every: float) -> None:
        """Call a function before every pause and at this interval during it; not in pauses of its own."""
        self._callback, self._every = callback, every

    async def sleep(self, seconds: float, /) -> None:
        """Sleep for this many seconds."""
        callback, self._callback = self._callback, None
        try:
            while callback is not None:
                callback()
                if seconds <= self._every:
                    break
                self._sleep(self._every)
                seconds -= self._every
        finally:
            self._callback = callback
        self._sleep(seconds)

    def now(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        return self._now()

    def clock(self) -> float:
        """Return a monotonic clock, in seconds."""
        return self._clock()

    async def call(self, function: Callable[[], T], /) -> T:
        """Run a blocking function."""
        return function()

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        """Run several operations on at most `limit` threads; the first error stops all and is raised unchanged."""
        work = list(thunks)
        if len(work) < 2 or limit < 2:
            return [run(thunk()) for thunk in work]
        left, turn, stop = iter(enumerate(work)), threading.Lock(), threading.Event()
        results: dict[int, T] = {}
        failures: list[BaseException] = []

        def worker() -> None:
            STOP.set(stop)
            while not stop.is_set():
                with turn:
                    index, thunk = next(left, (-1, None))
                if thunk is None:
                    return
                try:
                    # The coroutine is made here: one that never starts would never be awaited.
                    results[index] = run(thunk())
                except BaseException as error:
                    failures.append(error)
                    stop.set()

        threads = min(limit, len(work))
        with ThreadPoolExecutor(threads, thread_name_prefix="maas") as pool:
            workers = [pool.submit(copy_context().run, worker) for _ in range(threads)]
            try:
                wait(workers)
            finally:
                stop.set()
        if failures:
            raise failures[0]
        return [results[index] for index in range(len(work))]

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Return a new lock; hold it with `async with`."""
        return _ThreadLock()

    def close(self) -> None:
        """Close every connection; an http_client is left to its owner."""
        self._is_closed = True
        if self._is_ours:
            self._http.close()


class _ThreadLock:
    """A thread lock with the interface of an asynchronous one; it blocks and never suspends.

    A forked process gets a new one: the thread that held the old one does not exist there to release it.
    """

    def __init__(self) -> None:
        self._process, self._lock = os.getpid(), threading.Lock()

    async def __aenter__(self) -> None:
        if self._process != os.getpid():
            self._process, self._lock = os.getpid(), threading.Lock()
        self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


class _Places:
    """Counts what is in progress at one time, such as streamed responses; a forked process starts with none."""

    def __init__(self, most: int, error: Callable[[Request], ConnectionFailed]) -> None:
        self._most, self._error = most, error
        self._process, self._free = os.getpid(), threading.Semaphore(most)

    @contextmanager
    def one(self, request: Request) -> Generator[None]:
        """Count one more; wait for a free place, at most for the request's timeout, then raise ConnectionFailed."""
        if self._process != os.getpid():
            self._process, self._free = os.getpid(), threading.Semaphore(self._most)
        free = self._free
        if not free.acquire(timeout=request.timeout):
            raise self._error(request)
        try:
            yield
        finally:
            free.release()
