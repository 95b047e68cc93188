"""Polls that repeat while nothing can change: how long a client has been waiting without progress, in real seconds."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

LONGEST_GAP = 10.0
"""Seconds between two polls that count at most: after a longer pause a client may have done something else."""


@dataclass(frozen=True, slots=True)
class _Poll:
    """The latest poll of a target: why nothing changes, when it was, and for how long that has been so."""

    cause: Hashable
    at: float
    waited: float


@dataclass(slots=True)
class RepeatedPolls:
    """The polls of each target, to find a wait that nothing will end.

    Args:
        limit: real seconds of polling without progress after which a wait is ended; None for never.
        clock: a monotonic clock, in real seconds.
    """

    limit: float | None
    clock: Callable[[], float] = time.monotonic
    _polls: dict[str, _Poll] = field(default_factory=dict[str, _Poll])

    def is_in_vain(self, target: str, cause: Hashable) -> bool:
        """Record a poll and return whether the wait must end: the cause was the same for longer than the limit.

        `cause` is what keeps the result from changing; None if nothing does.
        """
        if cause is None or self.limit is None:
            self._polls.pop(target, None)
            return False
        now, before = self.clock(), self._polls.get(target)
        is_repeated = before is not None and before.cause == cause
        waited = before.waited + min(now - before.at, LONGEST_GAP) if before is not None and is_repeated else 0.0
        self._polls[target] = _Poll(cause, now, waited)
        return is_repeated and waited >= self.limit

    def clear(self) -> None:
        """Forget every poll."""
        self._polls.clear()
