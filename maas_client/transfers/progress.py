"""How far a transfer is, up or down: what callbacks are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is, in bytes.

    `sent` went over the network, `resumed` was there already, `total` is the size of all; `seconds` is since the
    transfer began. Before an upload the file is read, for its hash: `read` is what was read so far, and no longer told
    once the transfer has begun.
    """

    sent: int
    total: int
    resumed: int = 0
    seconds: float = 0.0
    read: int = 0

    @property
    def done(self) -> int:
        """Bytes that are where they should be."""
        return self.sent + self.resumed

    @property
    def rate(self) -> float:
        """Bytes per second that were sent, 0 until it is known."""
        return self.sent / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds that the rest will take at this rate; None until that is known."""
        return (self.total - self.done) / self.rate if self.rate else None

    def __str__(self) -> str:
        again = f" ({self.resumed} of them were there already)" if self.resumed else ""
        return f"{self.done} of {self.total} bytes{again}"


OnProgress = Callable[[Progress], object]
