"""When a request is sent again, and after how long."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maas_client.messages import Reply, Request
from maas_client.policy import LONGEST_WAIT, POLL_FIRST, POLL_LONGEST, may_repeat, poll_intervals, retry_after

NOW = 1_790_000_000.0
GET, POST = Request("GET", "https://x/"), Request("POST", "https://x/")


def reply(status: int = 429, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, headers or {}, received=NOW)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "10", "retry-after": "99"}, 0.01),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(NOW + 30, usegmt=True), "date": formatdate(NOW + 10, usegmt=True)}, 20.0),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_every_spelling_of_retry_after_is_understood(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(reply(headers=headers)) == seconds


@given(st.text(max_size=40))
def test_no_value_of_retry_after_is_an_error(value: str) -> None:
    asked = retry_after(reply(headers={"retry-after": value}))
    assert asked is None or asked >= 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 422, 501])
def test_what_will_not_get_better_is_not_repeated(status: int) -> None:
    assert not may_repeat(GET, reply(status))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_get_better_is_repeated_where_that_is_safe(status: int) -> None:
    assert may_repeat(GET, reply(status))


@pytest.mark.parametrize(("status", "repeated"), [(429, True), (503, True), (500, False), (504, False)])
def test_a_post_is_repeated_only_when_it_was_refused_unseen(status: int, repeated: bool) -> None:
    assert may_repeat(POST, reply(status)) is repeated


def test_a_service_that_asks_for_an_hour_is_not_waited_for() -> None:
    assert may_repeat(GET, reply(headers={"retry-after": str(LONGEST_WAIT)}))
    assert not may_repeat(GET, reply(headers={"retry-after": str(LONGEST_WAIT + 1)}))


def test_looks_at_a_job_grow_apart_and_stay_within_a_minute() -> None:
    intervals = list(itertools.islice(poll_intervals(), 40))
    assert POLL_FIRST <= intervals[0] <= POLL_FIRST * 1.1
    assert all(seconds <= POLL_LONGEST for seconds in intervals)
    assert intervals[-1] == POLL_LONGEST
