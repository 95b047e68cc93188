"""A metric's value is read as JSON number, literal or text; NaN and infinities are values, other text is not."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, strategies as st

from maas_client.core.metrics import metric_value


@pytest.mark.parametrize("text", ["NaN", "nan", "NAN", "-nan", " NaN "])
def test_nan_is_read_in_any_spelling(text: str) -> None:
    assert math.isnan(metric_value(text) or 0.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("Infinity", math.inf), ("-Infinity", -math.inf), ("inf", math.inf), ("-inf", -math.inf)),
        *(("+Infinity", math.inf), ("INF", math.inf), ("∞", math.inf), ("-∞", -math.inf)),
        *(("2.5", 2.5), ("-1e-3", -0.001), ("7", 7.0)),
    ],
)
def test_numbers_as_text_are_read(text: str, value: float) -> None:
    assert metric_value(text) == value


@pytest.mark.parametrize("value", ["", "null", "N/A", "1,5", "nans", None, True, False, [1.0], {"value": 1.0}])
def test_anything_else_is_not_a_value(value: object) -> None:
    assert metric_value(value) is None


@given(st.floats() | st.integers() | st.just(10**400) | st.just(-(10**400)))
def test_every_number_of_json_is_read(number: float) -> None:
    read = metric_value(json.loads(json.dumps(number)))
    assert read is not None
    assert math.isnan(read) == (number != number)
    assert math.isnan(read) or (read > 0) == (number > 0)
