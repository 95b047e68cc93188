"""A plan: every way to fine-tune a model on some data, judged and ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.plain_values import PlainValue
from .needs import Need
from .training_size import TrainingSize
from .way import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(PlainValue):
    """Ways to fine-tune a model, the best first.

    `recommended` is the first of them, None if none can be gone; `alternatives` differ from it in more than the tool.
    `own` are the machines that were asked for. `remarks` are sentences on the plan as a whole. `job` has the keys of a
    job file for the recommended way, which the commands call `job.yaml`.
    """

    model: str
    parameters: int | None
    data: str | None
    size: TrainingSize
    epochs: int
    need: Need | None
    own: tuple[str, ...]
    ways: tuple[Way, ...]
    recommended: Way | None
    alternatives: tuple[Way, ...]
    remarks: tuple[str, ...]
    job: Mapping[str, Any]

    def _repr_html_(self) -> str:
        from .overview import overview_of  # here: they are made of plans
        from .plan_html import plan_html

        return plan_html(self, overview_of(self))

    def __repr__(self) -> str:
        possible = sum(way.is_possible for way in self.ways)
        best = "none" if self.recommended is None else self.recommended.title
        return f"Plan(model={self.model!r}, {possible} of {len(self.ways)} ways possible, recommended={best!r})"
