"""Approximate training time from the model's size, the tokens and the steps."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...catalog.model_facts import ModelFacts

_PEAK = 312e12
"""Operations per second of an A100 in half precision, without sparsity (NVIDIA's data sheet)."""

_USED = (0.40, 0.08)
"""The fraction of that which training reaches with full and with short sequences."""

_OPERATIONS = (4, 8)
"""Operations per token and parameter: adapters only (forward, and backward through frozen weights), and recomputing."""

_STEP_SECONDS = (0.2, 1.5)
"""Minimum duration of a step, however short its rows: gathering and updating weights."""

BASIS = (
    "a rough guess from the model's size on the smallest machine the registry names for it, nothing measured; "
    "waiting in the queue, preparation and evaluation are not included"
)

_BILLIONS = re.compile(r"(?<![0-9.])([0-9.]+)B")
_ACTIVE = re.compile(r"(?<![0-9.])([0-9.]+)B active")


class RoughTime(NamedTuple):
    """Seconds of training, from `least` to `most`."""

    least: float
    most: float

    def __str__(self) -> str:
        least, most = _formatted(self.least), _formatted(self.most)
        return least if least == most else f"{least} to {most}"


def rough_time(model: ModelFacts, *, tokens: int, steps: int) -> RoughTime:
    """Estimate the training time for these tokens and steps, all epochs together."""
    found = _ACTIVE.search(model.parameters) or _BILLIONS.search(model.parameters)
    parameters = float(found[1]) * 1e9 if found else 0.0
    gpus = model.finetune_min_sku.gpus if model.finetune_min_sku else 1
    least, most = (
        max(tokens * parameters * operations / (_PEAK * gpus * used), steps * seconds)
        for used, operations, seconds in zip(_USED, _OPERATIONS, _STEP_SECONDS, strict=True)
    )
    return RoughTime(least, most)


def _formatted(seconds: float) -> str:
    """Format a duration in a suitable unit, with no more digits than its precision justifies."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * length:
            amount = seconds / length
            return f"{amount:.1f} {unit}" if unit == "h" and amount < 10 else f"{amount:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"
