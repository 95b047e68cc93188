"""The running costs of an Azure Machine Learning workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..computes.resource import AsyncComputes
from ..core.errors import ServiceError
from ..endpoints.backend import EndpointBackend
from .clusters import cluster_cost, nodes_of
from .hosted_models import serverless_cost
from .machine_prices import MachinePrices
from .running_cost import RunningCost


class AzureMLCosts:
    """Implements CostSource."""

    def __init__(self, endpoints: EndpointBackend, computes: AsyncComputes) -> None:
        self._endpoints, self._computes = endpoints, computes

    async def running(self, *, idle_after: float) -> AsyncIterator[RunningCost]:
        """Yield what costs money by the hour; what had no request for `idle_after` seconds is idle."""
        clusters = [cluster async for cluster in self._computes.list() if nodes_of(cluster)]
        endpoints = [endpoint async for endpoint in self._endpoints.list()]
        prices = await self._prices() if clusters else MachinePrices()
        for cluster in clusters:
            yield cluster_cost(cluster, prices, idle_after=idle_after)
        for endpoint in endpoints:
            if (cost := serverless_cost(endpoint)) is not None:
                yield cost

    async def _prices(self) -> MachinePrices:
        """Return the prices of the region's sizes; none where they cannot be read: what runs is told anyway."""
        try:
            return MachinePrices(await self._computes.sizes(gpus_only=False))
        except ServiceError:
            return MachinePrices()
