"""When to try again and how long to wait: decisions only. Whoever runs a policy supplies the sleep."""

from __future__ import annotations

import random
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt, wait_random_exponential

from .errors import ConnectionFailed, ReplyLost
from .messages import Reply, Request

ATTEMPTS = 5
"""How often one request is sent at the most."""

CONNECTION_ATTEMPTS = 3
"""How often a server that cannot be reached is tried."""

LONGEST_WAIT = 120.0
"""Seconds. A service that asks for more gets its error raised instead: no call hides a silent hour."""

REFUSED_UNSEEN = frozenset({429, 503})
"""Statuses that say the request was not taken, so that any request may be sent again."""

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which the same request may well succeed in a moment."""


def retry_after(reply: Reply) -> float | None:
    """Return the seconds the service asks to be left alone, in whichever spelling it uses.

    `retry-after-ms` and `x-ms-retry-after-ms` count milliseconds; `Retry-After` is seconds or an HTTP date (RFC 9110,
    section 10.2.3). Nonsense and negative values count as absent or zero.
    """
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if (milliseconds := _number(reply.headers.get(name, ""))) is not None:
            return milliseconds / 1000
    value = reply.headers.get("retry-after", "").strip()
    if (seconds := _number(value)) is not None:
        return seconds
    return _seconds_until(value, _date(reply.headers.get("date", "")) or reply.received)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if number == number and number != float("inf") else None


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _seconds_until(text: str, now: float) -> float | None:
    date = _date(text)
    return None if date is None else max(0.0, date - now)


def may_repeat(request: Request, reply: Reply) -> bool:
    """Say whether the request may be sent again after this answer."""
    if reply.status not in TRANSIENT or (retry_after(reply) or 0) > LONGEST_WAIT:
        return False
    return request.is_repeatable or reply.status in REFUSED_UNSEEN


def _again(state: RetryCallState) -> bool:
    """Whether the request is safe to repeat and the trouble may pass."""
    if state.outcome is None:
        return False
    request: Request = state.args[0]
    match state.outcome.exception():
        case None:
            return may_repeat(request, state.outcome.result())
        case ConnectionFailed():
            return state.attempt_number < CONNECTION_ATTEMPTS
        case ReplyLost():
            return request.is_repeatable
        case _:
            return False


_back_off = wait_random_exponential(multiplier=0.5, max=20)


def _as_asked(state: RetryCallState) -> float:
    """The wait that the service asks for, and a random one that grows where it asks for none."""
    seconds = _back_off(state)
    if state.outcome is None or state.outcome.failed:
        return seconds
    asked = retry_after(state.outcome.result())
    return seconds if asked is None else asked + min(seconds, 1.0)


def _last(state: RetryCallState) -> Any:
    """Out of tries: hand back the last reply, or raise the last failure."""
    return state.outcome.result() if state.outcome else None


RETRY = AsyncRetrying(
    retry=_again,
    wait=_as_asked,
    stop=stop_after_attempt(ATTEMPTS),
    retry_error_callback=_last,
)
"""Sends a request (its first argument) again for as long as that is safe and sensible."""

OUTAGE = 3600.0
"""Seconds of uninterrupted trouble after which a wait gives up: a poll's error is not the job's."""

POLL_FIRST, POLL_LONGEST, POLL_GROWTH = 2.0, 60.0, 1.5


def poll_intervals(first: float = POLL_FIRST, longest: float = POLL_LONGEST) -> Iterator[float]:
    """Yield the seconds between two looks at a job: growing from `first` to `longest`, with up to 10 % jitter."""
    seconds = first
    while True:
        yield min(longest, seconds * random.uniform(1.0, 1.1))  # noqa: S311 -- spreads load, keeps no secret
        seconds = min(longest, seconds * POLL_GROWTH)
