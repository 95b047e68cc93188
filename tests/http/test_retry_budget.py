"""What a client may repeat: failures empty its bucket, successes fill it, and any number draw from it at once."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, strategies as st

from maas_client.core.http_messages import Reply
from maas_client.errors import ConnectionFailed, ReplyLost
from maas_client.http.retry_budget import (
    BLOCKS,
    CALLS,
    RETRY,
    RETRY_AFTER_TIMEOUT,
    SUCCESS,
    RetryBudget,
    RetryQuota,
    after_retry,
    after_success,
    cost_of,
)
from maas_client.wire import Wire


def test_the_figures_are_those_of_botocore() -> None:
    assert (CALLS.capacity, RETRY, RETRY_AFTER_TIMEOUT, SUCCESS) == (500, 5, 10, 1)


def test_a_lost_reply_costs_twice_as_much_as_a_rejection() -> None:
    assert cost_of(Reply(503)) == RETRY
    assert cost_of(ReplyLost("GET x", "gone")) == cost_of(ConnectionFailed("GET x", "refused")) == RETRY_AFTER_TIMEOUT


def test_an_unaffordable_retry_takes_nothing() -> None:
    assert after_retry(5, 5) == 0
    assert after_retry(4, 5) is None


def test_a_success_refunds_the_cost_of_its_last_retry_or_one() -> None:
    assert after_success(100, [], CALLS) == 101
    assert after_success(100, [10, 5], CALLS) == 105
    assert after_success(100, [10, 5], BLOCKS) == 115


@given(st.integers(0, 500), st.lists(st.sampled_from([5, 10]), max_size=4), st.sampled_from([CALLS, BLOCKS]))
def test_a_bucket_never_overflows_and_a_success_never_takes(left: int, costs: list[int], terms: RetryQuota) -> None:
    assert left <= after_success(left, costs, terms) <= terms.capacity


async def test_a_bucket_shared_by_many_is_never_overdrawn(wire: Wire) -> None:
    budget = RetryBudget(wire)
    paid = await wire.gather((partial(budget.take, RETRY) for _ in range(1000)), limit=16)
    assert paid.count(True) == 100
    assert budget.left == 0
    await wire.gather((partial(budget.give_back, [RETRY]) for _ in range(1000)), limit=16)
    assert budget.left == CALLS.capacity


@pytest.mark.parametrize("terms", [CALLS, BLOCKS])
async def test_a_new_client_starts_with_a_full_bucket(wire: Wire, terms: RetryQuota) -> None:
    assert RetryBudget(wire, terms).left == terms.capacity
