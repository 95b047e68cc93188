"""The estimate of a step's time beside what was measured on GPUs."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from gpu_measurements import measured

from maas_client.planning import estimate_step_time

FARTHEST, TYPICAL = 0.30, 0.08


def test_every_measured_step_is_within_three_tenths(shared: Path) -> None:
    errors: dict[str, float] = {}
    outside: list[str] = []
    for each in measured(shared):
        if found := each.case.get("step_ms"):
            step = estimate_step_time(gpu=each.gpu, **each.way)
            errors[each.name] = 1000 * step.seconds / found - 1
            outside += [] if step.low <= found / 1000 <= step.high else [each.name]
    assert len(errors) > 60
    assert {name: error for name, error in errors.items() if abs(error) > FARTHEST} == {}
    assert median(abs(error) for error in errors.values()) < TYPICAL
    assert outside == []
