"""A plan: every way to fine-tune a model on some data, judged and ranked."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.plain_values import brief
from .overview import overview_of
from .plan_html import plan_html
from .ranked_ways import RankedWays


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(RankedWays):
    """Ways to fine-tune a model, the best first.

    `recommended` is the first of them, None if none is possible; `alternatives` differ from it in more than the tool.
    `table` is what the scenario table says of the need. `own` are the machines that were asked for, `size` what an
    epoch trains on. `parameters` is None for a model whose shape is not known. `remarks` are sentences on the plan as a
    whole. `job` has the keys of a job file for the recommended way, which the commands call `job.yaml`.
    """

    def __repr__(self) -> str:
        possible = sum(way.is_possible for way in self.ways)
        best = "none" if self.recommended is None else self.recommended.title
        shown = {"model": self.model, "possible": possible, "ways": len(self.ways), "recommended": best}
        return brief("Plan", shown)

    def _repr_html_(self) -> str:
        return plan_html(self, overview_of(self))
