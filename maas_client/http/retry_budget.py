"""The retry budget of a client: a token bucket that failures empty and successes fill. Decided by functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import TransportError
from ..core.http_messages import Reply
from ..wire import Wire

RETRY, RETRY_AFTER_SILENCE, SUCCESS = 5, 10, 1
"""Tokens: the cost of a retry, of one after a timeout or a lost connection, and what a success at the first
attempt brings (botocore 1.35 `retries/standard.py`, RetryQuotaChecker)."""


@dataclass(frozen=True, slots=True)
class RetryQuota:
    """How many tokens a bucket holds, and what a success after retries gives back: all that they cost, or the last.

    The last alone, as in botocore, makes calls that keep failing at first pay for it, even if they succeed in the end.
    """

    capacity: int = 500
    full_refund: bool = False


CALLS = RetryQuota()
"""For every call of a client, together: botocore's figures."""

BLOCKS = RetryQuota(capacity=2600, full_refund=True)
"""For the blocks of uploads, which have a budget of their own.

They come by the thousand, in storms as in calm, and who sends them halves the number under way at every failure, which
is what relieves the service. Out of the bucket of `CALLS` a thousand blocks that fail twice each and then arrive would
take 5,000 tokens and end an upload that is about to succeed; here they take nothing. The capacity is for 64 blocks and
the one that is read, all at once, each repeated as often as any request after a lost connection: 65 x 4 x 10.
"""


def cost_of(outcome: Reply | TransportError) -> int:
    """Return the tokens that a retry costs after this outcome."""
    return RETRY_AFTER_SILENCE if isinstance(outcome, TransportError) else RETRY


def after_retry(left: int, cost: int) -> int | None:
    """Return the tokens left after paying the cost, or None if there are too few."""
    return left - cost if cost <= left else None


def after_success(left: int, costs: Sequence[int], terms: RetryQuota) -> int:
    """Return the tokens after a success whose retries have cost this."""
    back = SUCCESS if not costs else sum(costs) if terms.full_refund else costs[-1]
    return min(left + back, terms.capacity)


class RetryBudget:
    """One token bucket for any number of threads and tasks."""

    def __init__(self, wire: Wire, terms: RetryQuota = CALLS) -> None:
        self.quota, self.left = terms, terms.capacity
        self._lock = wire.lock()

    async def take(self, cost: int) -> bool:
        """Pay for a retry; return False, and take nothing, if the bucket does not hold enough."""
        async with self._lock:
            left = after_retry(self.left, cost)
            self.left = self.left if left is None else left
            return left is not None

    async def give_back(self, costs: Sequence[int]) -> None:
        """Record a success and what its retries have cost, in their order."""
        async with self._lock:
            self.left = after_success(self.left, costs, self.quota)
