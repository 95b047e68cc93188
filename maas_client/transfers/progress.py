"""Progress of a transfer, as callbacks receive it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core.plain_values import PlainValue
from ..wire import Wire


@dataclass(frozen=True, slots=True)
class TransferProgress(PlainValue):
    """Progress of a transfer, in bytes.

    `sent` was transferred over the network, `resumed` was already present, `total` is the total size; `seconds` is the
    time since the transfer began. Before an upload the file is read to compute its hash: `read` is the number of bytes
    read so far, and no longer set once the transfer has begun.
    """

    sent: int
    total: int
    resumed: int = 0
    seconds: float = 0.0
    read: int = 0

    @property
    def done(self) -> int:
        """Bytes that are complete, transferred or already present."""
        return self.sent + self.resumed

    @property
    def rate(self) -> float:
        """Bytes sent per second; 0 until known."""
        return self.sent / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Remaining seconds at this rate; None until known."""
        return (self.total - self.done) / self.rate if self.rate else None

    def __str__(self) -> str:
        again = f" ({self.resumed} of them already present)" if self.resumed else ""
        return f"{self.done} of {self.total} bytes{again}"


OnProgress = Callable[[TransferProgress], object]


class ProgressCounter:
    """Counts the bytes that were transferred and those that were already present, and reports them."""

    def __init__(self, wire: Wire, total: int, on_progress: OnProgress | None = None) -> None:
        self._wire, self._total, self._on_progress = wire, total, on_progress
        self._began = wire.clock()
        self._fetched = self._resumed = 0
        self._lock = wire.lock()

    async def add(self, *, fetched: int = 0, resumed: int = 0) -> None:
        """Add bytes; `on_progress` is called by one caller at a time, possibly on another thread."""
        async with self._lock:
            self._fetched += fetched
            self._resumed += resumed
            if self._on_progress is not None:
                seconds = self._wire.clock() - self._began
                self._on_progress(TransferProgress(self._fetched, self._total, self._resumed, seconds))


REPORT_EVERY = 1 << 20
"""Bytes of one request between two reports."""


def reading_reporter(wire: Wire, size: int, on_progress: OnProgress | None, *, above: int) -> Callable[[int], None]:
    """Return a callback that reports how many bytes have been read; files up to a size are not reported."""
    began = wire.clock()

    def report(read: int) -> None:
        if on_progress is not None and size > above:
            on_progress(TransferProgress(0, size, seconds=wire.clock() - began, read=read))

    return report


def sending_reporter(wire: Wire, size: int, on_progress: OnProgress | None) -> Callable[[int], None]:
    """Return a callback that reports how many bytes of one request have been sent; a new attempt takes nothing back."""
    began, reported = wire.clock(), 0

    def report(sent: int) -> None:
        nonlocal reported
        if on_progress is not None and (sent >= reported + REPORT_EVERY or (sent == size and reported < size)):
            reported = sent
            on_progress(TransferProgress(sent, size, seconds=wire.clock() - began))

    return report
