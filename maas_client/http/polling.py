"""Polling: how long a wait has lasted, which errors it tolerates, when to poll again, and the loop itself."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Generic, Self, TypeVar

from ..core.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    CredentialError,
    MaasError,
    ReplyLost,
    ServiceError,
    ServiceUnavailable,
    Throttled,
    TransportError,
    UnexpectedReply,
    WaitTimeout,
)
from ..wire import Wire
from .retry import ATTEMPTS, CONNECTION_ATTEMPTS

OUTAGE = 3600.0
"""Seconds of uninterrupted errors after which a wait gives up: a failed poll is not a failed job."""

SHORTEST_INTERVAL = 1.0
"""Minimum seconds between two polls, whatever the service or a caller asks for."""

POLL_TIMEOUT = 20.0
"""Timeout of a poll in seconds, so that a wait ends soon after its own timeout even if the service does not respond."""

SHORTEST_POLL, LONGEST_POLL = 5.0, 60.0
"""Limits of a poll's duration in seconds, with all its requests: the wait's remaining time, clamped to these limits."""

SLEEP_GAP = 120.0
"""Difference between the two clocks, in seconds, that means the machine was asleep."""

TRANSIENT_ERRORS = (
    TransportError,
    ServiceUnavailable,
    Throttled,
    CredentialError,
    AuthenticationFailed,
    UnexpectedReply,
)
"""Errors of a poll that say nothing about the state of the job or operation."""


@dataclass(slots=True)
class Elapsed:
    """Elapsed seconds by two clocks: the wall clock, and a monotonic one.

    While a laptop sleeps the monotonic clock stops (Linux's CLOCK_MONOTONIC, macOS), and only the wall clock advances,
    but it can be set. So the larger of the two steps is added each time: hours of sleep count, and setting the clock
    back subtracts nothing.
    """

    wall: float
    clock: float
    seconds: float = 0.0

    def advance(self, wall: float, clock: float) -> float:
        """Take a reading of both clocks; return the seconds since the last one."""
        step = max(clock - self.clock, wall - self.wall, 0.0)
        self.wall, self.clock, self.seconds = wall, clock, self.seconds + step
        return step

    def gap(self, wall: float, clock: float) -> float:
        """Return the seconds by which the wall clock advanced further than the other, since the last reading."""
        return (wall - self.wall) - (clock - self.clock)


@dataclass(slots=True)
class Wait:
    """One wait for `what`: its state, and how to judge each poll.

    `timeout` is in seconds, `resume` says how to resume. `seen` says whether the service is known to have what is
    waited for, so that errors are considered transient. `good` is when that was last known, in seconds into the wait.
    """

    what: str
    resume: str
    elapsed: Elapsed
    timeout: float | None = None
    seen: bool = False
    good: float = 0.0
    failed: int = 0
    refused: bool = False
    last_error: MaasError | None = None
    due: float = 0.0

    @property
    def seconds(self) -> float:
        """How long the wait has lasted."""
        return self.elapsed.seconds

    def tick(self, wall: float, clock: float, *, slept: float | None = None) -> float:
        """Take a reading of both clocks, after a pause of `slept` seconds if there was one; return the step.

        After the machine has been asleep, an outage is measured from now: nothing was polled meanwhile.
        """
        gap = self.elapsed.gap(wall, clock)
        step = self.elapsed.advance(wall, clock)
        # If the monotonic clock advances during sleep (Windows), a pause that was much too long shows it.
        if gap > SLEEP_GAP or (slept is not None and step - slept > SLEEP_GAP):
            self.good = self.seconds
        return step

    def succeeded(self) -> None:
        """Record a successful poll."""
        self.seen, self.good, self.failed, self.refused, self.last_error = True, self.seconds, 0, False, None

    def tolerates(self, last_error: MaasError) -> bool:
        """Return whether to continue after a poll that failed with one of TRANSIENT_ERRORS."""
        self.failed, self.last_error = self.failed + 1, last_error
        refused_before, self.refused = self.refused, isinstance(last_error, AuthenticationFailed)
        match last_error:
            case AuthenticationFailed():
                return not refused_before  # the authorization has been renewed: the next poll uses the new one
            case ConnectionFailed() if not self.seen:
                return self.failed < CONNECTION_ATTEMPTS  # it is not known yet whether the address is correct
            case ReplyLost() if not self.seen:
                return self.failed < ATTEMPTS
            case CredentialError() | UnexpectedReply() if not self.seen:
                return False
            case _:
                return self.seconds - self.good + (retry_after_of(last_error) or 0.0) < OUTAGE

    def left(self) -> float:
        """Return the remaining seconds of the wait."""
        return inf if self.timeout is None else self.timeout - self.seconds

    def longest_poll(self) -> float:
        """Return the seconds that the next poll may take."""
        return min(max(self.left(), SHORTEST_POLL), LONGEST_POLL)

    def pause(self, interval: float, asked: float | None = None) -> float:
        """Return the seconds until the next poll: at least the Retry-After, and not beyond the end of the wait."""
        least = max(asked or 0.0, SHORTEST_INTERVAL)
        self.due = self.seconds + least
        return max(min(max(interval, least), self.left()), SHORTEST_INTERVAL)

    def next_pause(self, how: str, interval: float, asked: float | None, last: object = None) -> float:
        """Return the seconds until the next poll; raise WaitTimeout with the status `how` if that is too late."""
        seconds = max(interval, asked or 0.0)
        if seconds > self.left():
            raise self.timed_out(how, last)
        return seconds

    def is_early(self, paused: float, asked: float | None) -> bool:
        """Return whether the end of the wait shortened a pause to less than the service's Retry-After."""
        return paused < (asked or 0.0) and self.seconds < self.due

    def timed_out(self, how: str, last: object = None) -> WaitTimeout:
        """Return the timeout error with the status `how`, the last known state and the last error."""
        last_error = f" (last: {self.last_error})" if self.last_error is not None else ""
        return WaitTimeout(f"{self.what} {how}{last_error}", self.seconds, last, self.resume)


def retry_after_of(last_error: MaasError | None) -> float | None:
    """Return an error's Retry-After in seconds."""
    return last_error.retry_after if isinstance(last_error, ServiceError) else None


@contextmanager
def resume_note(what: str, resume: str) -> Generator[None]:
    """Add a note to an interruption, such as Ctrl-C: the operation continues, and how to resume."""
    try:
        yield
    except (Exception, GeneratorExit):
        raise
    except BaseException as interruption:
        interruption.add_note(f"{what} continues; resume with {resume}")
        raise


T = TypeVar("T")


logger = logging.getLogger("maas_client")


def start_clock(wire: Wire) -> Elapsed:
    """Start measuring time by both of a wire's clocks."""
    return Elapsed(wire.now(), wire.clock())


async def poll_once(wire: Wire, wait: Wait, poll: Callable[[], Awaitable[T]]) -> T | None:
    """Poll once; return None for an error (`wait.last_error`) that the wait tolerates, and raise any other."""
    try:
        with wire.within(wait.longest_poll()):
            found = await poll()
    except TRANSIENT_ERRORS as last_error:
        wait.tick(wire.now(), wire.clock())
        if not wait.tolerates(last_error):
            raise
        log = logger.info if wait.seen else logger.warning
        log("%s: a poll failed, still waiting: %s", wait.what, last_error)
        return None
    wait.tick(wire.now(), wire.clock())
    wait.succeeded()
    return found


async def sleep_between(wire: Wire, wait: Wait, seconds: float) -> None:
    """Sleep between two polls."""
    await wire.sleep(seconds)
    wait.tick(wire.now(), wire.clock(), slept=seconds)


class Polling(Generic[T]):
    """Polls until the caller leaves the loop: yields each result, or None for a failed poll that is tolerated.

    An iterator instead of a generator, so that nothing has to be closed if the loop is left early.

    Args:
        wire: sleeps and reads the clocks.
        wait: the wait, and which errors it tolerates.
        look: polls once; returns the result and the service's Retry-After in seconds.
        pause: returns the seconds until the next poll, given the service's Retry-After; raises to end the wait.
        delay: seconds until the first poll.
    """

    def __init__(
        self,
        wire: Wire,
        wait: Wait,
        poll: Callable[[], Awaitable[tuple[T, float | None]]],
        pause: Callable[[float | None], float],
        *,
        delay: float = 0.0,
    ) -> None:
        self._wire, self._wait, self._poll, self._pause = wire, wait, poll, pause
        self._delay: float | None = delay
        self._asked: float | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T | None:
        if self._delay is None:
            self._wait.tick(self._wire.now(), self._wire.clock())
            self._delay = self._pause(self._asked)
        if self._delay > 0:
            await sleep_between(self._wire, self._wait, self._delay)
        self._delay = None
        found = await poll_once(self._wire, self._wait, self._poll)
        self._asked = retry_after_of(self._wait.last_error) if found is None else found[1]
        return None if found is None else found[0]
