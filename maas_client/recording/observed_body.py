"""Bodies of requests and answers that are looked at while they pass, without being held or read twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from ..core.http_messages import Body
from ..wire import Incoming
from .seen import MOST_KEPT, Sample


class Counter:
    """Counts the bytes and lines of a body, and keeps its beginning."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._size = self._newlines = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._size += len(chunk)
        self._newlines += chunk.count(b"\n")
        if len(self._head) < MOST_KEPT:
            self._head += chunk[: MOST_KEPT - len(self._head)]

    @property
    def sample(self) -> Sample:
        """What was seen so far."""
        return Sample(self._size, self._newlines, bytes(self._head))


class ObservedBody:
    """A body of a request that is looked at while it is sent; each reading begins at its start."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._counter = Counter()

    @property
    def size(self) -> int:
        """How many bytes one iteration yields."""
        return self._body.size

    def __iter__(self) -> Iterator[bytes]:
        """Read the bytes from the start."""
        self._counter = counter = Counter()
        for chunk in self._body:
            counter.add(chunk)
            yield chunk

    @property
    def sample(self) -> Sample:
        """What was seen in the last reading."""
        return self._counter.sample


def observing(incoming: Incoming, counter: Counter) -> Callable[[bool], AsyncIterator[bytes]]:
    """Return a way to read an answer as before, in which it is looked at."""

    async def read(renews: bool) -> AsyncIterator[bytes]:
        async for chunk in incoming.open_body(renews):
            counter.add(chunk)
            yield chunk

    return read
