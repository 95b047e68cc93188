"""The estimates beside shapes and switches that were measured after the formulas were settled, on H200s."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from maas_client import export_job
from maas_client.planning import estimate_memory, estimate_step_time

FOLDER = Path(__file__).parents[2] / "docs" / "measured"
ONE, TWO, EXPORTS = (
    json.loads((FOLDER / name).read_text("utf-8")) for name in ("one-h200.json", "two-h200.json", "trl-exports.json")
)
RUNS: list[dict[str, Any]] = ONE["runs"] + TWO["runs"]
GPU: str = ONE["gpu"]
RUNS_OF_EXPORTS: list[dict[str, Any]] = EXPORTS["runs"]


def way_of(run: dict[str, Any]) -> dict[str, Any]:
    way = dict(run["way"])
    return {**way, "targets": tuple(way["targets"])} if "targets" in way else way


def label(run: dict[str, Any]) -> str:
    return " ".join([run["model"], *(f"{key}={value}" for key, value in run["way"].items())])


@pytest.mark.parametrize("run", RUNS, ids=label)
def test_the_peak_and_the_time_are_near_the_measured_ones(run: dict[str, Any]) -> None:
    memory = estimate_memory(model=run["model"], **way_of(run))
    step = estimate_step_time(model=run["model"], gpu=GPU, **way_of(run))
    assert memory.peak_gib == pytest.approx(run["peak_gib"], rel=0.04)
    assert 1000 * step.seconds == pytest.approx(run["step_ms"], rel=0.30)


def test_the_typical_error_is_small() -> None:
    errors = [abs(estimate_memory(model=run["model"], **way_of(run)).peak_gib / run["peak_gib"] - 1) for run in RUNS]
    assert len(errors) == 63
    assert median(errors) < 0.01


@pytest.mark.parametrize("run", RUNS_OF_EXPORTS, ids=label)
def test_an_export_for_trl_takes_what_is_said_of_it(run: dict[str, Any], tmp_path: Path) -> None:
    way = run["way"]
    answer = "the shop opens at nine " * 600
    rows = [
        {"messages": [{"role": "user", "content": f"{n}"}, {"role": "assistant", "content": answer}]} for n in range(8)
    ]
    (tmp_path / "train.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    job = {
        "model": run["model"],
        "training_data": "train.jsonl",
        "hyperparameters": {
            "per_device_train_batch_size": way["batch_size"],
            "max_seq_length": way["sequence_length"],
            "lora_r": 16,
        },
    }
    (tmp_path / "job.json").write_text(json.dumps(job), "utf-8")
    said = export_job(tmp_path / "job.json", "trl", to=tmp_path / "out", method=way["method"], dry_run=True).expected
    assert said is not None
    assert said == estimate_memory(model=run["model"], **way_of(run))
    assert said.peak_gib == pytest.approx(run["peak_gib"], rel=0.06)
    step = estimate_step_time(model=run["model"], gpu=EXPORTS["gpu"], **way_of(run))
    assert 1000 * step.seconds == pytest.approx(run["step_ms"], rel=0.30)
