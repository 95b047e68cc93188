"""The limits of one attempt at a request: a deadline for all of it, and the size of the response head."""

from __future__ import annotations

from collections.abc import Callable

from .httpx_import import httpcore

LARGEST_HEAD = 192 << 10
"""Bytes that may arrive before a response's body begins, including interim (1xx) responses and the TLS handshake."""

SLOWEST_SENDING = 4 << 10
"""Minimum bytes per second at which the server must accept a request's body; below that the attempt ends."""


class Attempt:
    """One attempt at a request.

    At most `timeout` seconds may pass between the last byte of the request and the end of the response head, and
    between two pieces of content. Bytes that are not content (header lines, interim responses, chunk extensions,
    trailers, empty gzip members) do not extend the deadline.

    Args:
        timeout: seconds for the response as a whole; with calls of `renew`, for each piece of it.
        size: bytes of the request's body, which extends the deadline by a second per SLOWEST_SENDING bytes.
        clock: a monotonic clock, in seconds.
    """

    __slots__ = ("_clock", "_deadline", "_head_left", "_sent", "_size", "timeout")

    def __init__(self, timeout: float, size: int, clock: Callable[[], float]) -> None:
        self.timeout = timeout
        self._size, self._sent = size, 0
        self._clock = clock
        self._deadline = clock() + timeout + size / SLOWEST_SENDING
        self._head_left: int | None = LARGEST_HEAD

    def left(self, wait: float | None, late: type[Exception]) -> float:
        """Return the seconds that the next socket operation may take, at most `wait`; raise `late` if none are left."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise late(f"the attempt took longer than {self.timeout:g} s")
        return left if wait is None else min(left, wait)

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self._clock() > self._deadline

    def sent(self, size: int) -> None:
        """Count bytes of the request that the socket has accepted."""
        self._sent += size

    def awaits_answer(self) -> None:
        """Start the response's time once the request has been sent."""
        if self._size and self._sent >= self._size:
            self._size = 0
            self._deadline = min(self._deadline, self._clock() + self.timeout)

    def received(self, size: int) -> None:
        """Count received bytes; raise httpcore.RemoteProtocolError if the response head is too large."""
        if self._head_left is not None:
            self._head_left -= size
            if self._head_left < 0:
                raise httpcore.RemoteProtocolError(f"the response head is larger than {LARGEST_HEAD} bytes")

    def head_is_complete(self) -> None:
        """Stop counting received bytes: the body has its own limits."""
        self._head_left = None

    def renew(self) -> None:
        """Restart the time for the next piece of content."""
        self._deadline = self._clock() + self.timeout
