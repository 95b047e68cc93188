"""The blocking wire: plain calls in the coat of coroutines, which never suspend."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import copy_context
from typing import TypeVar

from ..blocking import run
from ..messages import Reply, Request
from ..trust import quieten
from .http import (
    LIMITS,
    LOGGERS,
    NO_PROXY,
    STOP,
    Client,
    Reading,
    go_on,
    headers_of,
    httpx,
    our_errors,
    outgoing,
    stoppable,
    tls_context,
)
from .inflation import Inflation
from .protocol import Incoming, Thunk

T = TypeVar("T")


def pause(seconds: float) -> None:
    """Let seconds pass; raise Stopped as soon as what runs beside has failed."""
    stop = STOP.get()
    if stop is None:
        time.sleep(seconds)
    elif stop.wait(seconds):
        go_on("a pause")


class BlockingWire:
    """Coroutines in shape only: nothing here ever suspends.

    `sleep`, `now` and `clock` may be swapped (hours pass in a millisecond), and so may the transport.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = pause,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        quieten(LOGGERS)
        self._http = Client(
            verify=verify or tls_context(),
            transport=transport,
            follow_redirects=False,
            limits=LIMITS,
            mounts=NO_PROXY,
        )
        self._sleep, self._now, self._clock = sleep, now, clock
        self._look: Callable[[], None] | None = None
        self._every = 0.0

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, and read the answer; raise TransportError when there is no complete one."""
        with our_errors(request):
            response = self._http.send(self._outgoing(request), stream=True)
            try:
                reading = Reading(request, response, self._clock)
                inflation = Inflation(request, response)
                for chunk in response.iter_bytes():
                    reading.add(inflation.feed(chunk))
                    del chunk  # as in `Reading.add`
                inflation.finish()
                return reading.reply(self._now())
            finally:
                response.close()

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send one request, once, and hand over the answer while it arrives."""
        with our_errors(request):
            response = self._http.send(self._outgoing(request), stream=True)
        try:
            yield Incoming(response.status_code, headers_of(response), self._chunks(request, response))
        finally:
            response.close()

    async def _chunks(self, request: Request, response: httpx.Response) -> AsyncIterator[bytes]:
        with our_errors(request):
            inflation = Inflation(request, response)
            for chunk in response.iter_bytes():
                for piece in inflation.feed(chunk):
                    yield piece
            inflation.finish()

    def _outgoing(self, request: Request) -> httpx.Request:
        body = request.body
        return outgoing(request, body if isinstance(body, bytes) else stoppable(request, body))

    def look_around(self, look: Callable[[], None], *, every: float) -> None:
        """Call a function before every pause and, in one, so many seconds apart; not in pauses of its own."""
        self._look, self._every = look, every

    async def sleep(self, seconds: float, /) -> None:
        """Let that many seconds pass."""
        look, self._look = self._look, None
        try:
            while look is not None:
                look()
                if seconds <= self._every:
                    break
                self._sleep(self._every)
                seconds -= self._every
        finally:
            self._look = look
        self._sleep(seconds)

    def now(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        return self._now()

    def clock(self) -> float:
        """Return a clock that never goes back, in seconds."""
        return self._clock()

    async def call(self, function: Callable[[], T], /) -> T:
        """Run a function that blocks."""
        return function()

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        """Run several operations on at most `limit` threads; the first error ends all and is raised as it is."""
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
        self._http.close()


class _ThreadLock:
    """A thread lock in an asynchronous coat; it blocks, and never suspends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def __aenter__(self) -> None:
        self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
