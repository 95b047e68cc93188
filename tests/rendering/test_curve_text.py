"""Curves in letters: they stay in their frame, show every extreme, and cost no more for many points."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from maas_client.core.metrics import MetricPoint
from maas_client.rendering.curve_text import Row, drawn
from maas_client.rendering.curves import overlaid, picture


def texts(rows: list[Row]) -> list[str]:
    return ["".join(cell.character for cell in row) for row in rows]


def points(values: list[float]) -> list[MetricPoint]:
    return [MetricPoint(step, value) for step, value in enumerate(values)]


numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(
    curves=st.lists(st.lists(numbers, max_size=40), min_size=1, max_size=4),
    width=st.integers(8, 90),
    height=st.integers(3, 20),
)
def test_a_drawing_has_the_size_that_was_asked_for(curves: list[list[float]], width: int, height: int) -> None:
    shown = overlaid({str(number): points(values) for number, values in enumerate(curves)}, columns=width)
    if shown is None:
        assert not any(math.isfinite(value) and abs(value) <= 1e300 for values in curves for value in values)
        return
    lines = texts(drawn(shown, "abcd", width=width, height=height))
    assert len(lines) == height
    assert max(map(len, lines)) <= max(width, 20)


def test_a_falling_loss_goes_from_upper_left_to_lower_right() -> None:
    shown = picture({"loss": points([3.0, 2.0, 1.0])}, columns=40)
    assert shown is not None
    lines = [line.partition("┤")[2] for line in texts(drawn(shown, "*", width=40, height=6))[:-1]]
    assert lines[0].startswith("*")
    assert lines[-1].rstrip().endswith("*")
    assert len(lines[-1].rstrip()) == 37
    columns = [line.index("*") for line in lines]
    assert columns == sorted(columns)


def test_a_spike_among_many_points_is_seen() -> None:
    values = [1.0] * 5000
    values[2500] = 9.0
    shown = picture({"loss": points(values)}, columns=60)
    assert shown is not None
    lines = texts(drawn(shown, "*", width=60, height=10))
    assert "*" in lines[0]
    assert lines[0].index("*") == pytest.approx(31, abs=3)


def test_curves_are_distinguished_by_their_marks() -> None:
    shown = overlaid({"a": points([1, 2, 3]), "b": points([3, 2, 1])}, columns=30)
    assert shown is not None
    rows = drawn(shown, "AB", width=30, height=8)
    assert {(cell.character, cell.curve) for row in rows for cell in row if cell.curve >= 0} == {("A", 0), ("B", 1)}
