"""What a plan consists of: the ways, ranked, and what they were found for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.plain_values import PlainValue
from .need_row import NeedRow
from .needs import Need
from .training_size import TrainingSize
from .way import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedWays(PlainValue):
    """The fields of a plan."""

    model: str
    parameters: int | None
    data: str | None
    size: TrainingSize
    epochs: int
    need: Need | None
    table: NeedRow | None
    own: tuple[str, ...]
    ways: tuple[Way, ...]
    recommended: Way | None
    alternatives: tuple[Way, ...]
    remarks: tuple[str, ...]
    job: Mapping[str, Any]
