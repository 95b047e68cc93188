"""Alarms: what curves warn of, once each, and that noise is no alarm."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from maas_client.core.metrics import MetricPoint
from maas_client.jobs.alarms import DIVERGED, RISES, WINDOW, alarms


def points(values: Sequence[float], every: int = 10) -> tuple[MetricPoint, ...]:
    return tuple(MetricPoint(every * (index + 1), value) for index, value in enumerate(values))


def kinds(**metrics: Sequence[float]) -> list[tuple[str, str, int]]:
    found = alarms({name: points(values) for name, values in metrics.items()})
    return [(alarm.kind, alarm.metric, alarm.step) for alarm in found]


FALLING = [3 * math.exp(-step / 20) + 0.5 for step in range(60)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("metric", ["loss", "eval_loss"])
def test_a_nan_loss_is_reported_once(metric: str, value: float) -> None:
    assert kinds(**{metric: [2.0, 1.0, value, value]}) == [("not-a-number", metric, 30)]


def test_a_diverging_loss_is_reported_at_the_step_that_shows_it() -> None:
    away = kinds(loss=[*FALLING, *[5.0] * WINDOW])
    assert [(kind, metric) for kind, metric, _ in away] == [("divergence", "loss")]
    assert 10 * len(FALLING) < away[0][2] <= 10 * (len(FALLING) + WINDOW)


def test_a_single_spike_is_not_an_alarm() -> None:
    assert kinds(loss=[*FALLING, 4.0, *FALLING[-5:]]) == []


def test_a_doubling_of_a_loss_near_zero_is_not_an_alarm() -> None:
    assert kinds(loss=[*[0.01] * WINDOW, *[0.04] * WINDOW]) == []


def test_overfitting_is_reported() -> None:
    assert kinds(loss=FALLING, eval_loss=[1.0, 1.1, 1.2, 1.3]) == [("overfitting", "eval_loss", 10 * (RISES + 1))]


def test_barely_rising_evaluation_losses_are_not_an_alarm() -> None:
    assert kinds(loss=FALLING, eval_loss=[1.0, 1.01, 1.02, 1.03]) == []


def test_losses_that_rise_together_are_not_overfitting() -> None:
    assert kinds(loss=list(reversed(FALLING))[:6], eval_loss=[1.0, 1.1, 1.2, 1.3]) == []


@given(
    level=st.floats(0.01, 10),
    noise=st.lists(st.floats(-1, 1), min_size=2 * WINDOW, max_size=80),
    slope=st.floats(0, 0.02),
)
def test_noise_around_a_flat_loss_is_never_divergence(level: float, noise: list[float], slope: float) -> None:
    # Noise of a third of the level moves the mean of ten points by less than the factor that counts as divergence.
    values = [level * (1 - slope) ** index * (1 + each / 3) for index, each in enumerate(noise)]
    assert DIVERGED >= (1 + 1 / 3) / (1 - 1 / 3)
    assert kinds(loss=values) == []


values = st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 10)


@given(loss=st.lists(values, max_size=60), check=st.lists(values, max_size=20))
def test_alarms_are_unique_by_kind_and_metric_in_step_order(loss: list[float], check: list[float]) -> None:
    found = alarms({"loss": points(loss), "eval_loss": points(check)})
    assert len({(alarm.kind, alarm.metric) for alarm in found}) == len(found)
    assert [alarm.step for alarm in found] == sorted(alarm.step for alarm in found)
    assert all(str(alarm).startswith(f"{alarm.kind}: ") for alarm in found)
    assert any(alarm.kind == "not-a-number" for alarm in found) == (not all(map(math.isfinite, [*loss, *check])))
