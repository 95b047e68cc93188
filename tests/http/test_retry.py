"""When a request is sent again, and after how long."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from hypothesis import given, strategies as st

from maas_client.core.http_messages import Reply, Request
from maas_client.errors import ConnectionFailed, ReplyLost
from maas_client.http.retry import (
    ATTEMPTS,
    FIRST_BACK_OFF,
    LONGEST_BACK_OFF,
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
    NO_RETRY,
    NON_IDEMPOTENT,
    POLL_FIRST,
    POLL_LONGEST,
    may_follow_renewal,
    may_repeat,
    pause_before,
    poll_intervals,
    retry_after,
)

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
        ({"retry-after-ms": "10", "retry-after": "99"}, 99.0),
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
def test_permanent_errors_are_not_retried(status: int) -> None:
    assert not may_repeat(GET, reply(status))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_transient_errors_are_retried_if_that_is_safe(status: int) -> None:
    assert may_repeat(GET, reply(status))


@pytest.mark.parametrize(("status", "repeated"), [(429, True), (503, True), (500, False), (504, False)])
def test_a_post_is_retried_only_if_it_was_not_processed(status: int, repeated: bool) -> None:
    assert may_repeat(POST, reply(status)) is repeated


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_service_may_forbid_to_retry(status: int) -> None:
    assert not may_repeat(GET, reply(status, headers={"x-should-retry": "false"}))
    assert may_repeat(GET, reply(status, headers={"x-should-retry": "neither"}))


def test_a_service_may_allow_to_retry_what_is_repeatable() -> None:
    allowed = {"x-should-retry": "true"}
    assert may_repeat(GET, reply(409, headers=allowed))
    assert not may_repeat(GET, reply(409))
    assert not may_repeat(GET, reply(200, headers=allowed))
    assert not may_repeat(POST, reply(500, headers=allowed))
    assert not may_repeat(GET, reply(409, headers={**allowed, "retry-after": str(LONGEST_WAIT + 1)}))


def test_a_service_that_asks_for_an_hour_is_not_waited_for() -> None:
    assert may_repeat(GET, reply(headers={"retry-after": str(LONGEST_WAIT)}))
    assert not may_repeat(GET, reply(headers={"retry-after": str(LONGEST_WAIT + 1)}))


def test_polling_intervals_grow_up_to_a_minute() -> None:
    intervals = list(itertools.islice(poll_intervals(), 40))
    assert POLL_FIRST <= intervals[0] <= POLL_FIRST * 1.1
    assert all(seconds <= POLL_LONGEST for seconds in intervals)
    assert all(seconds >= POLL_LONGEST / 1.1 for seconds in intervals[12:])
    assert len(set(intervals)) == len(intervals)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "999999"}, 999999.0),
        ({"retry-after": "1e400"}, LONGEST_RETRY_AFTER),
        ({"retry-after": "9" * 5000}, LONGEST_RETRY_AFTER),
        ({"retry-after-ms": "9" * 5000}, LONGEST_RETRY_AFTER),
        ({"retry-after": "-" + "9" * 5000}, 0.0),
        ({"retry-after": "-inf"}, None),
        ({"retry-after": "0x10"}, None),
        ({"retry-after": "1_000"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "5, 30"}, 30.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST_RETRY_AFTER),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -2359"}, LONGEST_RETRY_AFTER),
        ({"retry-after": "Mon, 01 Jan 1601 00:00:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 01 Jan 0001 00:00:00 +2359"}, 0.0),
        ({"retry-after": "Mon, 99 Jan 2026 00:00:00 GMT"}, None),
    ],
)
def test_hostile_values_are_handled(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(reply(headers=headers)) == seconds


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose time zone is fourteen hours ahead."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC-14")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_from_greenwich")
@pytest.mark.parametrize("spelling", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"])
def test_every_form_of_an_http_date_is_read_as_utc(spelling: str) -> None:
    date = datetime.fromtimestamp(NOW + 30, UTC).strftime(spelling)
    assert retry_after(reply(headers={"retry-after": date})) == 30.0


NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.floats().map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.integers(0, 6000).map(lambda digits: "7" * digits),
)
DATES = st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
SPELT = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("retry-after", "retry-after-ms", "x-ms-retry-after-ms", "date"),
        st.one_of(NUMBERS, DATES, st.text(max_size=40), st.text("0123456789-:, +GMTJanFri", max_size=40)),
    ),
)


@given(SPELT)
def test_a_delay_is_valid_or_none_and_a_long_one_is_not_waited(
    headers: dict[str, str],
) -> None:
    answer = reply(503, headers)
    asked = retry_after(answer)
    assert asked is None or 0 <= asked <= LONGEST_RETRY_AFTER
    assert may_repeat(GET, answer) is ((asked or 0) <= LONGEST_WAIT)


@given(st.floats(0, LONGEST_WAIT), st.sampled_from(["seconds", "ms", "x-ms", "date"]), st.integers(1, 9))
def test_no_format_of_retry_after_is_waited_for_too_briefly(seconds: float, spelling: str, sent: int) -> None:
    headers = {
        "seconds": {"retry-after": f"{seconds:.3f}"},
        "ms": {"retry-after-ms": f"{seconds * 1000:.0f}"},
        "x-ms": {"x-ms-retry-after-ms": f"{seconds * 1000:.0f}"},
        "date": {"retry-after": formatdate(NOW + round(seconds), usegmt=True), "date": formatdate(NOW, usegmt=True)},
    }[spelling]
    said = {"date": round(seconds)}.get(spelling, round(seconds, 3))
    assert said - 0.002 <= pause_before(reply(503, headers), sent) <= said + 1.002


@given(st.integers(1, 60), st.sampled_from([Reply(500), ReplyLost("GET x", "gone")]))
def test_a_pause_is_random_below_a_limit_doubling_up_to_a_cap(sent: int, outcome: Reply | ReplyLost) -> None:
    assert 0 <= pause_before(outcome, sent) <= min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (sent - 1))


def test_two_clients_do_not_retry_at_the_same_time() -> None:
    assert len({pause_before(Reply(500), 3) for _ in range(20)}) == 20


@pytest.mark.parametrize("outcome", [Reply(503), Reply(429), Reply(401), ReplyLost("GET x", "gone")])
def test_nothing_is_sent_more_often_than_its_policy_allows(outcome: Reply | ReplyLost) -> None:
    assert not may_repeat(GET, outcome, sent=ATTEMPTS)
    assert not may_follow_renewal(Reply(401), sent=ATTEMPTS)
    assert not may_repeat(GET, outcome, policy=NO_RETRY)


def test_non_idempotent_requests_repeat_only_if_not_processed() -> None:
    assert may_repeat(POST, reply(429), policy=NON_IDEMPOTENT)
    assert not may_repeat(POST, reply(503), policy=NON_IDEMPOTENT)
    assert may_repeat(POST, ConnectionFailed("POST x", "refused"), policy=NON_IDEMPOTENT)
    assert not may_repeat(POST, ReplyLost("POST x", "gone"), policy=NON_IDEMPOTENT)
