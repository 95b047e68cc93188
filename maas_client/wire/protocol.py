"""The wire protocol: everything that an operation may await, blocking or asynchronous."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol, TypeVar

from ..core.http_messages import Reply, Request

T = TypeVar("T")
Thunk = Callable[[], Coroutine[Any, Any, T]]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A response whose head has arrived and whose body has not been read yet.

    `open_body` begins to read it; its argument says whether the request's timeout applies to each piece or to the
    whole body.
    """

    status: int
    headers: dict[str, str] = field(repr=False)
    open_body: Callable[[bool], AsyncIterator[bytes]]

    @property
    def chunks(self) -> AsyncIterator[bytes]:
        """The body as a stream; the timeout applies to each piece of a successful response, else to the whole body."""
        return self.open_body(200 <= self.status < 300)

    async def read(self, limit: int = 1 << 20) -> bytes:
        """Read up to `limit` bytes of the body within the rest of the request's time, and ignore what follows."""
        body = BytesIO()  # hidden in `repr`: the response may be a key, or contain one
        async for chunk in self.open_body(False):
            body.write(chunk)
            del chunk
            if body.tell() >= limit:
                break
        return body.getvalue()[:limit]


class Wire(Protocol):
    """Everything that an operation may await."""

    async def send(self, request: Request, /) -> Reply:
        """Send one request, once, and read the response; raise TransportError if it is incomplete."""
        ...

    def open(self, request: Request, /) -> AbstractAsyncContextManager[Incoming]:
        """Send one request, once, and stream the response."""
        ...

    def within(self, seconds: float, /) -> AbstractContextManager[None]:
        """Limit every attempt that begins in the block to this many seconds."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Sleep for this many seconds."""
        ...

    def now(self) -> float:
        """Return the wall clock, in seconds since 1970."""
        ...

    def clock(self) -> float:
        """Return a monotonic clock, in seconds."""
        ...

    async def call(self, function: Callable[[], T], /) -> T:
        """Run a blocking function, off the event loop if there is one."""
        ...

    async def gather(self, thunks: Iterable[Thunk[T]], /, *, limit: int) -> list[T]:
        """Run several operations, at most `limit` at a time; the first error cancels the others and is raised."""
        ...

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Return a new lock; hold it with `async with`."""
        ...
