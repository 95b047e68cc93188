"""The trainings that were measured on GPUs, and the arguments that describe each to the estimates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

MODELS = {"phi3-mini": "Phi-3-mini-4k-instruct", "phi3-medium": "Phi-3-medium-4k-instruct"}


class Measured(NamedTuple):
    """A training that was measured: what was found, and the GPU with its memory."""

    case: dict[str, Any]
    gpu: str
    gpu_gib: float

    @property
    def name(self) -> str:
        """What was trained, in a line."""
        keys = ("shape", "method", "stage", "weights", "seq", "batch", "gc")
        return " ".join(str(self.case.get(key)) for key in keys)

    @property
    def way(self) -> dict[str, Any]:
        """The arguments of the estimates."""
        case = self.case
        in_full = case["method"] == "full_amp" or case.get("weights") == "torch.float32"
        return {
            "model": MODELS[case["shape"]],
            "method": case["method"].removesuffix("_amp"),
            "rank": case.get("rank") or 16,
            "sequence_length": case["seq"],
            "batch_size": case["batch"],
            "gradient_checkpointing": case["gc"],
            "weights": "float32" if in_full else "bfloat16",
            "gpus": case.get("gpus") or 1,
            "sharing": case.get("stage"),
        }


def measured(shared: Path) -> list[Measured]:
    """Return every training that was measured."""
    found: list[Measured] = []
    for name in ("one-h100.jsonl", "two-h200.jsonl"):
        lines = [json.loads(line) for line in (shared / "measured" / name).read_text("utf-8").splitlines()]
        found += [Measured(line, lines[0]["gpu"], lines[0]["gpu_gib"]) for line in lines if "shape" in line]
    return found
