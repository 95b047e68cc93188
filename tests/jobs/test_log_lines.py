"""Lines of a log from a time on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from maas_client.cli.live.log_tail import LogTail
from maas_client.cli.output.durations import parse_duration
from maas_client.jobs.log_lines import Since

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LOG = ["2026-01-01T11:59:59Z early", "  and more", "2026-01-01T12:00:00Z noon", "Traceback", "2026-01-01T11:59:00Z odd"]


def test_lines_without_a_time_belong_to_the_line_before() -> None:
    assert list(filter(Since(NOON).keeps, LOG)) == LOG[2:]


def test_without_a_time_every_line_is_kept() -> None:
    assert list(filter(Since(None).keeps, LOG)) == LOG


def test_a_log_without_times_has_no_line_since_then() -> None:
    assert list(filter(Since(NOON).keeps, ["loss 1", "loss 2", ""])) == []


@given(st.lists(st.text(max_size=30), max_size=10), st.lists(st.text(max_size=30), max_size=10))
def test_from_the_first_line_of_that_time_on_all_are_kept(before: list[str], after: list[str]) -> None:
    early = [f"x{line}" for line in before]  # what begins with a letter is no time
    later = [f"{NOON.isoformat()} now", *after]
    assert list(filter(Since(NOON).keeps, [*early, *later])) == later


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("1.5h", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("5", None),
        ("-5m", None),
        ("5w", None),
        ("٣m", None),
        ("", None),
    ],
)
def test_a_duration_is_a_number_and_its_unit(text: str, span: timedelta | None) -> None:
    assert parse_duration(text) == span


@given(st.lists(st.lists(st.text(max_size=3), max_size=4), min_size=1, max_size=5), st.integers(0, 6))
def test_a_log_in_parts_yields_its_tail_and_then_every_line(parts: list[list[str]], tail: int) -> None:
    log, selected = LogTail(tail=tail), list[str]()
    for number, part in enumerate(parts):
        selected += log.select(part, more=number < len(parts) - 1)
    whole = [line for part in parts for line in part]
    assert selected == whole[len(whole) - min(tail, len(whole)) :]
    assert list(log.select(["x", "y"], more=False)) == ["x", "y"]
