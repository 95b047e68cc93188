"""Running costs: what costs money by the hour right now."""

from __future__ import annotations

from ..core.arguments import TIMEOUT, takes_numbers
from ..core.blocking import Blocking, blocking
from .running_cost import RunningCost, dearest_first
from .source import CostSource


class AsyncCosts:
    """What runs now and costs money by the hour, used or not."""

    def __init__(self, source: CostSource) -> None:
        self._source = source

    @takes_numbers(idle_after=TIMEOUT)
    async def running(self, *, idle_after: float = 3600.0) -> list[RunningCost]:
        """Return everything that costs money by the hour right now, the most expensive first.

        On Azure Machine Learning: clusters that have nodes, or keep some; the deployments of managed online endpoints,
        failed ones too; serverless endpoints of tuned models. On Azure AI Foundry: deployments that have a hosting fee.
        What is paid for by the token, the storage of files, and what other tools made beside these is not listed.

        Args:
            idle_after: seconds without a request after which an online deployment is idle.

        Returns:
            Their names, sizes and prices, whether each is idle and why, and the command that deletes it. An empty list
            means that none of these costs anything now.

        Raises:
            PermissionDenied: the identity may not list one of these; what it may not see is not taken for nothing.
        """
        return dearest_first([cost async for cost in self._source.running(idle_after=idle_after)])


class Costs(Blocking[AsyncCosts]):
    """What runs now and costs money by the hour, used or not."""

    running = blocking(AsyncCosts.running)
