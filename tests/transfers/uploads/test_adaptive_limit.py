"""How many blocks are under way at once: fewer in trouble, more again when it is over."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from maas_client.transfers.adaptive_concurrency import FAST_RATE, SUCCESSES_TO_GROW, AdaptiveLimit

GOOD = 201
TROUBLE = [0, 408, 429, 500, 502, 503, 504]
REFUSALS = [400, 401, 403, 404, 409, 412]

most = st.integers(1, 64)
answers = st.lists(st.sampled_from([GOOD, *TROUBLE, *REFUSALS]), max_size=300)


def limits_after(pace: AdaptiveLimit, statuses: list[int]) -> list[int]:
    """Report answers to a pace; return the limit after each."""
    limits: list[int] = []
    for status in statuses:
        pace.on_attempt(status)
        limits.append(pace.limit)
    return limits


@given(most=most, statuses=answers)
def test_from_one_block_to_the_callers_limit_are_in_flight(most: int, statuses: list[int]) -> None:
    assert {1, *limits_after(AdaptiveLimit(most), statuses), most} <= set(range(1, most + 1))


@given(most=most, statuses=answers, trouble=st.sampled_from(TROUBLE))
def test_an_error_halves_it(most: int, statuses: list[int], trouble: int) -> None:
    before, after = limits_after(AdaptiveLimit(most), [GOOD, *statuses, trouble])[-2:]
    assert after == max(1, before // 2)


@given(most=most, statuses=answers)
def test_it_grows_by_one_at_a_time(most: int, statuses: list[int]) -> None:
    limits = [most, *limits_after(AdaptiveLimit(most), statuses)]
    assert all(later <= earlier + 1 for earlier, later in pairwise(limits))


@given(most=most, statuses=answers)
def test_enough_successes_restore_all_of_it(most: int, statuses: list[int]) -> None:
    pace = AdaptiveLimit(most)
    limits_after(pace, statuses)
    assert limits_after(pace, [GOOD] * SUCCESSES_TO_GROW * sum(range(1, most + 1)))[-1] == most


@pytest.mark.parametrize("status", REFUSALS)
def test_a_rejection_counts_as_neither_error_nor_success(status: int) -> None:
    pace = AdaptiveLimit(8)
    assert limits_after(pace, [503, 503] + [GOOD, status] * (SUCCESSES_TO_GROW * 2 - 1))[-1] == 2
    assert limits_after(pace, [GOOD])[-1] == 3


def test_after_many_errors_each_step_up_takes_more_successes() -> None:
    pace = AdaptiveLimit(4)
    assert limits_after(pace, [503] * 5) == [2, 1, 1, 1, 1]
    assert limits_after(pace, [GOOD] * SUCCESSES_TO_GROW * 6) == [1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4]


FASTER, SLOWER = (int(FAST_RATE) + 1, 1.0), (int(FAST_RATE), 1.0)


def paced(most: int, processors: int | None, *blocks: tuple[int, float]) -> AdaptiveLimit:
    pace = AdaptiveLimit(most, processors)
    for size, seconds in blocks:
        pace.timed(size, seconds)
    return pace


@pytest.mark.parametrize(("processors", "limit"), [(1, 2), (2, 2), (3, 3), (4, 4), (64, 4), (None, 4)])
def test_without_network_waits_the_limit_is_the_processor_count(processors: int | None, limit: int) -> None:
    assert paced(4, processors, FASTER).limit == limit
    assert paced(1, processors, FASTER).limit == 1


def test_after_network_waits_successes_restore_the_full_limit() -> None:
    pace = paced(4, 2, FASTER)
    assert limits_after(pace, [GOOD] * 100)[-1] == 2
    pace.timed(*SLOWER)
    assert pace.limit == 2
    assert limits_after(pace, [GOOD] * 100)[-1] == 4


@pytest.mark.parametrize("block", [SLOWER, (1, 0.0), (1 << 30, 0.0), (1 << 30, -1.0)])
def test_a_slow_or_unmeasurable_block_does_not_change_the_limit(block: tuple[int, float]) -> None:
    assert paced(4, 2, block).limit == 4
