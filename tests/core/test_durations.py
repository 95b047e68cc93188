"""Durations in ISO 8601: read by value, written as Azure's clients write them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from maas_client.core.durations import iso_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT5M", 300.0),
        ("PT300S", 300.0),
        ("PT1M30S", 90.0),
        ("PT2H", 7200.0),
        ("P1DT1S", 86_401.0),
        ("P1W", 604_800.0),
        ("PT0.5S", 0.5),
        ("PT0S", 0.0),
        ("P1Y", None),
        ("PT", None),
        ("P", None),
        ("", None),
        ("5 minutes", None),
        (300, None),
        (None, None),
        ("PT" + "1" * 100 + "S", None),
    ],
)
def test_a_duration_is_read_by_its_value(text: object, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(300, "PT5M"), (120, "PT2M"), (90, "PT1M30S"), (5400, "PT1H30M"), (0, "PT0S"), (1.5, "PT1.5S")],
)
def test_a_duration_is_written_without_zeros(seconds: float, text: str) -> None:
    assert iso_duration(seconds) == text


@given(st.integers(0, 10**7))
def test_whole_seconds_survive(seconds: int) -> None:
    assert parse_duration(iso_duration(seconds)) == seconds
