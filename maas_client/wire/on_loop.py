"""The asynchronous wire: operations suspend on an asyncio event loop."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import copy_context
from typing import TypeVar

from ..blocking import run
from ..messages import Reply, Request
from ..trust import quieten
from .http import (
    CLOSING,
    IN_FLIGHT,
    LIMITS,
    LOGGERS,
    NO_PROXY,
    STOP,
    AsyncClient,
    Reading,
    headers_of,
    httpx,
    our_errors,
    outgoing,
    tls_context,
)
from .inflation import Inflation
from .plain import BlockingWire
from .protocol import Incoming, Thunk

T = TypeVar("T")

THREADS = 64
"""Calls that may block at once. The loop's own threads are six on a small machine, and other people's, too."""


class AsyncWire:
    """The wire on an asyncio event loop.

    Block bodies travel on threads through a BlockingWire: httpx's asynchronous pool reaches half of what its
    blocking one does on them, at one and a half times the CPU. Without `keep_alive` every answer ends its connection,
    so that nothing is left to be closed on the loop it was opened on.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        courier: BlockingWire | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        keep_alive: bool = True,
    ) -> None:
        quieten(LOGGERS)
        self._verify = verify or tls_context()
        self._http = AsyncClient(
            verify=self._verify,
            transport=transport,
            follow_redirects=False,
            limits=LIMITS if keep_alive else CLOSING,
            mounts=NO_PROXY,
        )
        self._courier = courier
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="maas")
        self._gate = asyncio.Semaphore(IN_FLIGHT)
        self._sleep, self._now, self._clock = sleep, now, clock

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, and read the answer; raise TransportError when there is no complete one."""
        if not isinstance(request.body, bytes):
            return await self._send_on_a_thread(request)
        async with self._gate:
            with our_errors(request):
                response = await self._http.send(outgoing(request, request.body), stream=True)
                try:
                    reading = Reading(request, response, self._clock)
                    inflation = Inflation(request, response)
                    async for chunk in response.aiter_bytes():
                        reading.add(inflation.feed(chunk))
                        del chunk  # as in `Reading.add`
                    inflation.finish()
                    return reading.reply(self._now())
                finally:
                    await response.aclose()

    async def _send_on_a_thread(self, request: Request) -> Reply:
        if self._courier is None:
            self._courier = BlockingWire(verify=self._verify)
        courier = self._courier
        return await self.call(lambda: run(courier.send(request)))

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send one request, once, and hand over the answer while it arrives."""
        if not isinstance(request.body, bytes):
            raise TypeError("a streamed answer takes a body of bytes")
        with our_errors(request):
            response = await self._http.send(outgoing(request, request.body), stream=True)
        try:
            yield Incoming(response.status_code, headers_of(response), self._chunks(request, response))
        finally:
            await response.aclose()

    async def _chunks(self, request: Request, response: httpx.Response) -> AsyncIterator[bytes]:
        with our_errors(request):
            inflation = Inflation(request, response)
            async for chunk in response.aiter_bytes():
                for piece in inflation.feed(chunk):
                    yield piece
            inflation.finish()

    async def sleep(self, seconds: float, /) -> None:
        """Let that many seconds pass."""
        await self._sleep(seconds)

    def now(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        return self._now()

    def clock(self) -> float:
        """Return a clock that never goes back, in seconds."""
        return self._clock()

    async def call(self, function: Callable[[], T], /) -> T:
        """Run a function that blocks, off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, copy_context().run, function)

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        """Run several operations, at most `limit` at a time; the first error ends all and is raised as it is."""
        left = iter(enumerate(thunks))
        results: dict[int, T] = {}

        stop = threading.Event()

        async def worker() -> None:
            STOP.set(stop)  # copied to the threads that bodies travel on
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
        return asyncio.Lock()

    async def close(self) -> None:
        """Close every connection."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await self._http.aclose()
        if self._courier is not None:
            self._courier.close()
