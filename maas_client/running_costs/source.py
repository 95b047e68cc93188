"""What a platform reports of its running costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from .running_cost import RunningCost


class CostSource(Protocol):
    """One platform's running costs."""

    def running(self, *, idle_after: float) -> AsyncIterator[RunningCost]:
        """Yield what costs money by the hour; what had no request for `idle_after` seconds is idle."""
        ...
