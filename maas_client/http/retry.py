"""Retry decisions: when to try again, and how long to wait. The caller sleeps."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from tenacity import AsyncRetrying, RetryCallState

from ..core.errors import ConnectionFailed, TransportError
from ..core.http_messages import Reply, Request

ATTEMPTS = 5
"""Most attempts of one request, including the one after a 401."""

CONNECTION_ATTEMPTS = 3
"""Attempts to reach a server that refuses connections."""

LONGEST_WAIT = 120.0
"""Longest Retry-After in seconds that a call waits. Beyond it the error is raised: no call sleeps for an hour."""

LONGEST_RETRY_AFTER = 2.0**31
"""Upper limit in seconds for Retry-After values (as RFC 9111, section 1.2.2, does for numbers too large)."""

# Assumption: A PUT that was answered with 429 or 503 was not carried out.
# Shown wrong by: A resource that is there with another body, or a 409, after such an answer to its creation.
# Verified by: create job, deploy, create cluster
# If wrong: The request is repeated; a conflict is then compared with what is there.
NOT_PROCESSED = frozenset({429, 503})
"""Statuses of requests that were not processed, so that any request may be retried."""

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
"""Transient statuses: the same request may soon succeed."""

FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.5, 20.0
"""Maximum length in seconds of the first random pause, and of any later one."""


SHOULD_RETRY = "x-should-retry"
"""Response header by which a service allows a retry (`true`) or forbids it (`false`), whatever the status.

openai 3.57 `_base_client.py` follows it. A request that must not be repeated is not repeated for it either.
"""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Maximum attempts of a request, and the statuses that guarantee that it was not processed."""

    attempts: int = ATTEMPTS
    not_processed: frozenset[int] = NOT_PROCESSED


DEFAULT = RetryPolicy()
"""For ordinary calls."""

NO_RETRY = RetryPolicy(attempts=1)
"""For polls, which are repeated anyway."""

NON_IDEMPOTENT = RetryPolicy(not_processed=frozenset({429}))
"""For requests that must not be repeated: a gateway may return 503 although the request was processed."""


_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_DATE = 64


def retry_after(reply: Reply) -> float | None:
    """Return the service's Retry-After in seconds: the longest one, in any of its forms.

    `retry-after-ms` and `x-ms-retry-after-ms` count milliseconds; `Retry-After` is seconds or an HTTP date (RFC 9110,
    section 10.2.3), relative to the service's own clock (`Date`) if there is one. Invalid values count as absent, dates
    in the past as zero, and longer ones as LONGEST_RETRY_AFTER.
    """
    headers = reply.headers
    spelt = [_number(headers.get(name, "")) for name in ("retry-after-ms", "x-ms-retry-after-ms")]
    asked = [milliseconds / 1000 for milliseconds in spelt if milliseconds is not None]
    value = headers.get("retry-after", "")
    # Repeated headers arrive as one, with commas between the values.
    seconds = [number for part in value.split(",") if (number := _number(part)) is not None]
    if not seconds and (date := _date(value)) is not None:
        now = _date(headers.get("date", ""))
        seconds = [date - (reply.received if now is None else now)]
    asked += seconds
    return min(max(*asked, 0.0), LONGEST_RETRY_AFTER) if asked else None


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text := text.strip()) else None


def _date(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text[:_LONGEST_DATE])
        # Without a zone it is UTC, and not this machine's time (RFC 9110, section 5.6.7: asctime).
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def may_repeat(
    request: Request, outcome: Reply | TransportError, *, sent: int = 1, policy: RetryPolicy = DEFAULT
) -> bool:
    """Return whether a request that was sent `sent` times may be retried after this outcome."""
    if sent >= policy.attempts:
        return False
    if isinstance(outcome, ConnectionFailed):
        return sent < CONNECTION_ATTEMPTS
    if isinstance(outcome, TransportError):
        return request.is_repeatable
    advice = outcome.headers.get(SHOULD_RETRY, "").strip().lower()
    is_transient = outcome.status in TRANSIENT or (advice == "true" and outcome.status >= 400)
    if advice == "false" or not is_transient or retry_after_too_long(outcome):
        return False
    return request.is_repeatable or outcome.status in policy.not_processed


def may_follow_renewal(reply: Reply, *, sent: int, policy: RetryPolicy = DEFAULT) -> bool:
    """Return whether a request may be retried with a new authorization, after a 401."""
    return sent < policy.attempts and not retry_after_too_long(reply)


def retry_after_too_long(reply: Reply) -> bool:
    """Return whether Retry-After is longer than a call may wait."""
    return (retry_after(reply) or 0.0) > LONGEST_WAIT


def pause_before(outcome: Reply | TransportError, sent: int) -> float:
    """Return the seconds to wait before the next attempt.

    Retry-After plus up to a second; without Retry-After, a random time below a limit that doubles ("full jitter"),
    and none after a 401, since the authorization was renewed.
    """
    limit = min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (sent - 1))
    seconds = random.uniform(0.0, limit)  # noqa: S311 -- spreads load, keeps no secret
    if isinstance(outcome, TransportError):
        return seconds
    asked = retry_after(outcome)
    if asked is not None:
        return asked + min(seconds, 1.0)
    return 0.0 if outcome.status == 401 else seconds


def outcome_of(state: RetryCallState) -> Reply | TransportError | None:
    """Return the outcome of an attempt, or None for anything that is not the outcome of a request."""
    if state.outcome is None:
        return None
    error = state.outcome.exception()
    if error is None:
        reply: Reply = state.outcome.result()
        return reply
    return error if isinstance(error, TransportError) else None


def _pause(state: RetryCallState) -> float:
    outcome = outcome_of(state)
    return 0.0 if outcome is None else pause_before(outcome, state.attempt_number)


RETRY = AsyncRetrying(wait=_pause)
"""Retries as long as `retry` allows it, which checks the request, the authorization and the budget; the caller adds it,
and the wire's `sleep`."""

POLL_FIRST, POLL_LONGEST, POLL_GROWTH = 2.0, 60.0, 1.5


def poll_intervals(first: float = POLL_FIRST, longest: float = POLL_LONGEST) -> Iterator[float]:
    """Yield the seconds between polls: growing from `first` to `longest`, each with 10 % jitter."""
    seconds = first
    while True:
        most = min(longest, seconds * 1.1)
        yield random.uniform(most / 1.1, most)  # noqa: S311 -- spreads load, keeps no secret
        seconds = min(longest, seconds * POLL_GROWTH)
