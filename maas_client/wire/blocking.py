"""The blocking wire: blocking I/O behind coroutine signatures that never suspend."""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from contextvars import copy_context
from functools import partial
from typing import TypeVar

from ..core.blocking import run
from ..core.http_messages import Reply, Request
from ..core.redaction import redact_logs
from .attempt import Attempt
from .blocking_transport import BlockingTransport
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
    raise_if_stopped,
    stoppable,
    tls_context,
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

    `sleep`, `now` and `clock` may be replaced, for tests in which hours pass in a millisecond, and so may the
    transport; `timer` measures how long an attempt takes.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = pause,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        redact_logs(LOGGERS)
        self._connections = BlockingTransport(verify or tls_context())
        self._http = Client(transport=transport or self._connections, follow_redirects=False)
        self._streams = _Streams()
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
        try:
            return self._exchange(request)
        except BaseException as error:
            failure = error_for(error, request)
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
            failure = error_for(error, request)
        raise failure

    def _begin(self, request: Request) -> tuple[httpx.Response, Attempt]:
        if self._is_closed:
            raise client_closed()
        attempt = attempt_at(request, self._timer)
        return self._http.send(self._outgoing(request, attempt), stream=True), attempt

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
            failure = error_for(error, request)
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
        """Close every connection."""
        self._is_closed = True
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


class _Streams:
    """Counts the streamed responses; a forked process starts with none."""

    def __init__(self) -> None:
        self._process, self._free = os.getpid(), threading.Semaphore(MOST_STREAMS)

    @contextmanager
    def one(self, request: Request) -> Generator[None]:
        """Count one more; wait for a free place, at most for the request's timeout, then raise ConnectionFailed."""
        if self._process != os.getpid():
            self._process, self._free = os.getpid(), threading.Semaphore(MOST_STREAMS)
        free = self._free
        if not free.acquire(timeout=request.timeout):
            raise too_many_streams(request)
        try:
            yield
        finally:
            free.release()
