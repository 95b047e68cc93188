"""Plans for tests: on a day on which Phi-4 models are hosted and Phi-3 models are retired."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from maas_client.planning.asked import Asked
from maas_client.planning.plan import Plan
from maas_client.planning.planner import make_plan
from maas_client.planning.way import Way

TODAY = date(2026, 11, 29)
MINI, MEDIUM, HOSTED = "Phi-3-mini-4k-instruct", "Phi-3-medium-4k-instruct", "Phi-4-mini-instruct"
A100, A10 = "Standard_NC24ads_A100_v4", "Standard_NV36ads_A10_v5"


def plan_of(model: str | None = MINI, **given: Any) -> Plan:
    """Return the plan of that day."""
    return make_plan(Asked(model=model, **given), today=TODAY)


def the_way(plan: Plan, **wanted: Any) -> Way:
    """Return the only way with these values."""
    (found,) = ways_of(plan, **wanted)
    return found


def ways_of(plan: Plan, **wanted: Any) -> list[Way]:
    """Return the ways with these values."""
    return [way for way in plan.ways if all(getattr(way, name) == value for name, value in wanted.items())]


def rows_in(folder: Path, *, count: int = 40, words: int = 50) -> Path:
    """Write a training file with rows of this many words in the answer."""
    row = {"messages": [{"role": "user", "content": "why"}, {"role": "assistant", "content": "word " * words}]}
    file = folder / "train.jsonl"
    file.write_text(f"{json.dumps(row)}\n" * count, "utf-8")
    return file
