"""The estimate of memory beside what was measured on GPUs: never far off, and never a fit that ran out of memory."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

from maas_client.planning import MemoryEstimate, estimate_memory

MODELS = {"phi3-mini": "Phi-3-mini-4k-instruct", "phi3-medium": "Phi-3-medium-4k-instruct"}
SHARING = {"zero3": "zero3", "zero2": "zero2", "ddp": "ddp"}
FARTHEST, TYPICAL = 0.10, 0.03


def measured(shared: Path) -> list[tuple[dict[str, Any], float]]:
    """Every training that was measured, with the memory of the GPU."""
    found: list[tuple[dict[str, Any], float]] = []
    for name in ("one-h100.jsonl", "two-h200.jsonl"):
        lines = [json.loads(line) for line in (shared / "measured" / name).read_text("utf-8").splitlines()]
        gpu = lines[0]["gpu_gib"]
        found += [(line, gpu) for line in lines if "shape" in line]
    return found


def estimate_of(case: dict[str, Any]) -> MemoryEstimate:
    """Estimate what was measured."""
    in_full = case["method"] == "full_amp" or case.get("weights") == "torch.float32"
    way: dict[str, Any] = {
        "model": MODELS[case["shape"]],
        "method": case["method"].removesuffix("_amp"),
        "rank": case.get("rank") or 16,
        "sequence_length": case["seq"],
        "batch_size": case["batch"],
        "gradient_checkpointing": case["gc"],
        "weights": "float32" if in_full else "bfloat16",
        "gpus": case.get("gpus") or 1,
        "sharing": SHARING.get(case.get("stage") or case["impl"]),
    }
    return estimate_memory(**way)


def test_every_measured_peak_is_within_a_tenth(shared: Path) -> None:
    errors: dict[str, float] = {}
    for case, _ in measured(shared):
        if case.get("peak_gib"):
            which = ("shape", "method", "stage", "weights", "seq", "batch", "gc")
            errors[" ".join(str(case.get(key)) for key in which)] = estimate_of(case).peak_gib / case["peak_gib"] - 1
    assert len(errors) > 60
    assert {name: error for name, error in errors.items() if abs(error) > FARTHEST} == {}
    assert median(abs(error) for error in errors.values()) < TYPICAL


def test_nothing_fits_that_ran_out_of_memory(shared: Path) -> None:
    failed = [(case, gpu) for case, gpu in measured(shared) if case.get("oom")]
    assert len(failed) > 15
    assert [case for case, gpu in failed if estimate_of(case).fits(gpu)] == []
