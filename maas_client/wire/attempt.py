"""The limits of one attempt at a request: a deadline for the whole of it, and the size of the answer's head."""

from __future__ import annotations

from collections.abc import Callable

from .httpx_import import httpcore

LARGEST_HEAD = 192 << 10
"""Bytes that may arrive before an answer's body begins, interim (1xx) answers and the TLS handshake included."""

SLOWEST_SENDING = 4 << 10
"""Bytes a second. The body of a request that the server takes more slowly ends the attempt."""


class Attempt:
    """One attempt at a request.

    Between the last byte of the request and the end of the answer's head at most `timeout` seconds pass, and so they do
    between two pieces of content, whatever arrives meanwhile: what is no content (header lines, interim answers, chunk
    extensions, trailers, empty gzip members) does not extend the deadline.

    Args:
        timeout: seconds for the answer as a whole; where `renew` is called, for each piece of it.
        size: bytes of the request's body, which has a second more for every SLOWEST_SENDING of them.
        clock: a clock that never goes back, in seconds.
    """

    __slots__ = ("_clock", "_deadline", "_head_left", "_sent", "_size", "timeout")

    def __init__(self, timeout: float, size: int, clock: Callable[[], float]) -> None:
        self.timeout = timeout
        self._size, self._sent = size, 0
        self._clock = clock
        self._deadline = clock() + timeout + size / SLOWEST_SENDING
        self._head_left: int | None = LARGEST_HEAD

    def left(self, wait: float | None, late: type[Exception]) -> float:
        """Return the seconds that the next operation on the socket may take, `wait` at most; raise `late` for none."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise late(f"the attempt has taken longer than {self.timeout:g} s")
        return left if wait is None else min(left, wait)

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self._clock() > self._deadline

    def sent(self, size: int) -> None:
        """Count bytes of the request that the socket has taken."""
        self._sent += size

    def awaits_answer(self) -> None:
        """Let the answer's time begin, once the request has been sent."""
        if self._size and self._sent >= self._size:
            self._size = 0
            self._deadline = min(self._deadline, self._clock() + self.timeout)

    def received(self, size: int) -> None:
        """Count bytes that have arrived; raise httpcore.RemoteProtocolError for a head without end."""
        if self._head_left is not None:
            self._head_left -= size
            if self._head_left < 0:
                raise httpcore.RemoteProtocolError(f"the head of the answer is larger than {LARGEST_HEAD} bytes")

    def head_is_complete(self) -> None:
        """Count no longer what arrives: the body has limits of its own."""
        self._head_left = None

    def renew(self) -> None:
        """Give the next piece of content its time."""
        self._deadline = self._clock() + self.timeout
