"""The wire: everything an operation may do to the outside world.

The only module that imports httpx, sleeps, reads a clock or starts threads. On an `AsyncWire` operations suspend as
usual. On a `BlockingWire` every await is over at once, so that a plain call can run the whole coroutine
(see `blocking.run`).
"""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol, TypeVar

from .blocking import run
from .errors import ConnectionFailed, ReplyLost, UnexpectedReply
from .messages import Reply, Request
from .trust import quieten, redact


@contextmanager
def _without_its_command_line() -> Generator[None]:
    """Import httpx as if its command line were absent.

    With click installed, `import httpx` also imports click, rich and pygments for a command that nobody runs here:
    130 ms become 340. An empty module in that place makes httpx take the branch for a missing command line.
    """
    name = "httpx._main"
    if name in sys.modules or "httpx" in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]


with _without_its_command_line():
    import httpx

T = TypeVar("T")
Thunk = Callable[[], Coroutine[Any, Any, T]]

MAX_REPLY = 64 << 20
"""The largest answer, in bytes, that `send` reads; larger ones are for `open`."""

IN_FLIGHT = 10
"""Requests that an AsyncWire has under way at once: httpx's pool does 1,413 small GETs/s at 10 and 252 at 100."""

_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer whose head has arrived and whose body is still to be read."""

    status: int
    headers: dict[str, str]
    chunks: AsyncIterator[bytes]

    async def read(self, limit: int = 1 << 20) -> bytes:
        """Read up to `limit` bytes of the body and leave the rest."""
        body = bytearray()
        async for chunk in self.chunks:
            body += chunk
            if len(body) >= limit:
                break
        return bytes(body[:limit])


class Wire(Protocol):
    """What an operation may await."""

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, and read the answer; raise TransportError when there is no complete one."""
        ...

    def open(self, request: Request, /) -> AbstractAsyncContextManager[Incoming]:
        """Send one request, once, and hand over the answer while it arrives."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Let that many seconds pass."""
        ...

    def now(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        ...

    def clock(self) -> float:
        """Return a clock that never goes back, in seconds."""
        ...

    async def call(self, function: Callable[[], T], /) -> T:
        """Run a function that blocks, off the event loop if there is one."""
        ...

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        """Run several operations, at most `limit` at a time; the first error ends all and is raised as it is."""
        ...

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Return a new lock; hold it with `async with`."""
        ...


def _timeout(request: Request) -> httpx.Timeout:
    return httpx.Timeout(request.timeout, connect=min(request.timeout, 15.0), pool=None)


def _name(request: Request) -> str:
    return f"{request.method} {redact(request.url)}"


@contextmanager
def _our_errors(request: Request) -> Generator[None]:
    """Turn what httpx raises into what this library promises."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        raise ConnectionFailed(_name(request), f"could not connect ({_why(error)})") from None
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
        raise ConnectionFailed(_name(request), f"cannot be sent ({_why(error)})") from None
    except httpx.TimeoutException:
        raise ReplyLost(_name(request), f"no answer within {request.timeout:g} s") from None
    except httpx.HTTPError as error:
        raise ReplyLost(
            _name(request), f"the connection broke before the answer was complete ({_why(error)})"
        ) from None


def _why(error: Exception) -> str:
    return redact(str(error)) or type(error).__name__


class _Reading:
    """The body of an answer, bounded in size and time."""

    def __init__(self, request: Request, response: httpx.Response, clock: Callable[[], float]) -> None:
        self._request, self._response, self._clock = request, response, clock
        self._deadline = clock() + request.timeout
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > MAX_REPLY:
            raise UnexpectedReply(
                _name(self._request),
                status=self._response.status_code,
                detail=f"the answer is larger than {MAX_REPLY} bytes",
            )
        if self._clock() > self._deadline:
            raise ReplyLost(_name(self._request), f"the answer was not complete after {self._request.timeout:g} s")

    def reply(self, now: float) -> Reply:
        return Reply(self._response.status_code, _headers(self._response), b"".join(self._chunks), now)


def _headers(response: httpx.Response) -> dict[str, str]:
    return dict(response.headers.items())


def tls_context(ca_bundle: str | None = None) -> ssl.SSLContext:
    """Return a context that trusts `ca_bundle`, else MAAS_CA_BUNDLE's or REQUESTS_CA_BUNDLE's file, else certifi's."""
    bundle = ca_bundle or os.environ.get("MAAS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    return ssl.create_default_context(cafile=bundle) if bundle else httpx.create_ssl_context()


class BlockingWire:
    """Coroutines in shape only: nothing here ever suspends.

    `sleep`, `now` and `clock` may be swapped (hours pass in a millisecond), and so may the transport.
    """

    def __init__(
        self,
        *,
        verify: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        quieten(_LOGGERS)
        self._http = httpx.Client(
            verify=verify or tls_context(),
            transport=transport,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=IN_FLIGHT),
        )
        self._sleep, self._now, self._clock = sleep, now, clock

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, and read the answer; raise TransportError when there is no complete one."""
        with _our_errors(request):
            response = self._http.send(self._outgoing(request), stream=True)
            try:
                reading = _Reading(request, response, self._clock)
                for chunk in response.iter_bytes():
                    reading.add(chunk)
                return reading.reply(self._now())
            finally:
                response.close()

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send one request, once, and hand over the answer while it arrives."""
        with _our_errors(request):
            response = self._http.send(self._outgoing(request), stream=True)
        try:
            yield Incoming(response.status_code, _headers(response), self._chunks(request, response))
        finally:
            response.close()

    async def _chunks(self, request: Request, response: httpx.Response) -> AsyncIterator[bytes]:
        with _our_errors(request):
            for chunk in response.iter_bytes():
                yield chunk

    def _outgoing(self, request: Request) -> httpx.Request:
        body = request.body
        headers = dict(request.headers)
        if not isinstance(body, bytes):
            headers["Content-Length"] = str(body.size)
        return self._http.build_request(
            request.method, request.url, headers=headers, content=body or None, timeout=_timeout(request)
        )

    async def sleep(self, seconds: float, /) -> None:
        """Let that many seconds pass."""
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

        def worker() -> None:
            while not stop.is_set():
                with turn:
                    index, thunk = next(left, (-1, None))
                if thunk is None:
                    return
                try:
                    # The coroutine is made here: one that never starts would never be awaited.
                    results[index] = run(thunk())
                except BaseException:
                    stop.set()
                    raise

        threads = min(limit, len(work))
        with ThreadPoolExecutor(threads, thread_name_prefix="maas") as pool:
            workers = [pool.submit(copy_context().run, worker) for _ in range(threads)]
            try:
                for ended in as_completed(workers):
                    ended.result()
            finally:
                stop.set()
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


class AsyncWire:
    """The wire on an asyncio event loop.

    Block bodies travel on threads through a BlockingWire: httpx's asynchronous pool reaches half of what its
    blocking one does on them, at one and a half times the CPU.
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
    ) -> None:
        quieten(_LOGGERS)
        self._verify = verify or tls_context()
        self._http = httpx.AsyncClient(
            verify=self._verify,
            transport=transport,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=IN_FLIGHT),
        )
        self._courier = courier
        self._gate = asyncio.Semaphore(IN_FLIGHT)
        self._sleep, self._now, self._clock = sleep, now, clock

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, and read the answer; raise TransportError when there is no complete one."""
        if not isinstance(request.body, bytes):
            return await self._send_on_a_thread(request)
        async with self._gate:
            with _our_errors(request):
                response = await self._http.send(self._outgoing(request, request.body), stream=True)
                try:
                    reading = _Reading(request, response, self._clock)
                    async for chunk in response.aiter_bytes():
                        reading.add(chunk)
                    return reading.reply(self._now())
                finally:
                    await response.aclose()

    async def _send_on_a_thread(self, request: Request) -> Reply:
        if self._courier is None:
            self._courier = BlockingWire(verify=self._verify)
        courier = self._courier
        return await asyncio.to_thread(lambda: run(courier.send(request)))

    @asynccontextmanager
    async def open(self, request: Request, /) -> AsyncGenerator[Incoming]:
        """Send one request, once, and hand over the answer while it arrives."""
        if not isinstance(request.body, bytes):
            raise TypeError("a streamed answer takes a body of bytes")
        with _our_errors(request):
            response = await self._http.send(self._outgoing(request, request.body), stream=True)
        try:
            yield Incoming(response.status_code, _headers(response), self._chunks(request, response))
        finally:
            await response.aclose()

    async def _chunks(self, request: Request, response: httpx.Response) -> AsyncIterator[bytes]:
        with _our_errors(request):
            async for chunk in response.aiter_bytes():
                yield chunk

    def _outgoing(self, request: Request, body: bytes) -> httpx.Request:
        return self._http.build_request(
            request.method, request.url, headers=dict(request.headers), content=body or None, timeout=_timeout(request)
        )

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
        return await asyncio.to_thread(function)

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        """Run several operations, at most `limit` at a time; the first error ends all and is raised as it is."""
        left = iter(enumerate(thunks))
        results: dict[int, T] = {}

        async def worker() -> None:
            for index, thunk in left:
                results[index] = await thunk()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(limit):
                    group.create_task(worker())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return [results[index] for index in range(len(results))]

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Return a new lock; hold it with `async with`."""
        return asyncio.Lock()

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()
        if self._courier is not None:
            self._courier.close()
