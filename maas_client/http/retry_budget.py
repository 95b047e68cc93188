"""The retry budget of a client: a token bucket that retries drain and successes refill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import TransportError
from ..core.http_messages import Reply
from ..wire import Wire

RETRY, RETRY_AFTER_TIMEOUT, SUCCESS = 5, 10, 1
"""Tokens: the cost of a retry, of a retry after a timeout or a lost connection, and the refund for a success at the
first attempt (botocore 1.35 `retries/standard.py`, RetryQuotaChecker)."""


@dataclass(frozen=True, slots=True)
class RetryQuota:
    """The capacity of a bucket, and what a success after retries refunds: all that they cost, or only the last.

    Refunding only the last, as in botocore, makes repeated failures cost tokens even if the call succeeds in the end.
    """

    capacity: int = 500
    full_refund: bool = False


CALLS = RetryQuota()
"""For all calls of a client together: botocore's figures."""

BLOCKS = RetryQuota(capacity=2600, full_refund=True)
"""For the blocks of uploads, which have a budget of their own.

An upload sends thousands of blocks, and its adaptive concurrency halves the number in flight at every failure, which is
what relieves the service. From the bucket of `CALLS`, a thousand blocks that fail twice each and then succeed would
take 5,000 tokens and abort an upload that is about to succeed; here they take nothing. The capacity is enough for 64
blocks and the one that is read, all at once, each retried as often as any request after a lost connection:
65 x 4 x 10.
"""


def cost_of(outcome: Reply | TransportError) -> int:
    """Return the tokens that a retry costs after this outcome."""
    return RETRY_AFTER_TIMEOUT if isinstance(outcome, TransportError) else RETRY


def after_retry(left: int, cost: int) -> int | None:
    """Return the tokens left after paying the cost, or None if there are too few."""
    return left - cost if cost <= left else None


def after_success(left: int, costs: Sequence[int], terms: RetryQuota) -> int:
    """Return the tokens after a success whose retries had this cost."""
    back = SUCCESS if not costs else sum(costs) if terms.full_refund else costs[-1]
    return min(left + back, terms.capacity)


class RetryBudget:
    """One token bucket for any number of threads and tasks."""

    def __init__(self, wire: Wire, terms: RetryQuota = CALLS) -> None:
        self.quota, self.left = terms, terms.capacity
        self._lock = wire.lock()

    async def take(self, cost: int) -> bool:
        """Pay for a retry; return False and take nothing if the bucket holds too little."""
        async with self._lock:
            left = after_retry(self.left, cost)
            self.left = self.left if left is None else left
            return left is not None

    async def give_back(self, costs: Sequence[int]) -> None:
        """Record a success and the costs of its retries, in order."""
        async with self._lock:
            self.left = after_success(self.left, costs, self.quota)
