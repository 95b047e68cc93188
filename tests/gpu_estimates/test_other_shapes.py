"""The estimates beside shapes and switches that were measured after the formulas were settled, on an H200."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from maas_client.planning import estimate_memory, estimate_step_time

MEASURED = json.loads((Path(__file__).parents[2] / "docs" / "measured" / "one-h200.json").read_text("utf-8"))
RUNS: list[dict[str, Any]] = MEASURED["runs"]


def way_of(run: dict[str, Any]) -> dict[str, Any]:
    way = dict(run["way"])
    return {**way, "targets": tuple(way["targets"])} if "targets" in way else way


def label(run: dict[str, Any]) -> str:
    return " ".join([run["model"], *(f"{key}={value}" for key, value in run["way"].items())])


@pytest.mark.parametrize("run", RUNS, ids=label)
def test_the_peak_and_the_time_are_near_the_measured_ones(run: dict[str, Any]) -> None:
    memory = estimate_memory(model=run["model"], **way_of(run))
    step = estimate_step_time(model=run["model"], gpu=MEASURED["gpu"], **way_of(run))
    assert memory.peak_gib == pytest.approx(run["peak_gib"], rel=0.04)
    assert 1000 * step.seconds == pytest.approx(run["step_ms"], rel=0.30)


def test_the_typical_error_is_small() -> None:
    errors = [abs(estimate_memory(model=run["model"], **way_of(run)).peak_gib / run["peak_gib"] - 1) for run in RUNS]
    assert len(errors) == 32
    assert median(errors) < 0.01
