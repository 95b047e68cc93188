"""The running costs of an Azure Machine Learning workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial

from ..azure.arm import Arm
from ..computes.resource import AsyncComputes
from ..core.errors import ServiceError
from ..endpoints.backend import EndpointBackend
from ..endpoints.online_endpoint import OnlineEndpoint
from .clusters import cluster_cost, nodes_of
from .hosted_models import serverless_cost
from .machine_prices import MachinePrices
from .online_deployments import deployment_costs, may_be_idle
from .request_counts import requests_lately
from .running_cost import RunningCost

AT_ONCE = 8
"""Most endpoints whose requests are asked for at the same time."""


class AzureMLCosts:
    """Implements CostSource."""

    def __init__(self, arm: Arm, endpoints: EndpointBackend, computes: AsyncComputes) -> None:
        self._arm, self._endpoints, self._computes = arm, endpoints, computes

    async def running(self, *, idle_after: float) -> AsyncIterator[RunningCost]:
        """Yield what costs money by the hour; what had no request for `idle_after` seconds is idle."""
        clusters = [cluster async for cluster in self._computes.list() if nodes_of(cluster)]
        endpoints = [endpoint async for endpoint in self._endpoints.list()]
        online = [each for each in endpoints if isinstance(each, OnlineEndpoint) and each.deployments]
        prices = await self._prices() if clusters or online else MachinePrices()
        for cluster in clusters:
            yield cluster_cost(cluster, prices, idle_after=idle_after)
        counts, now = await self._requests(online, idle_after), self._arm.wire.now()
        for each in online:
            for cost in deployment_costs(each, prices, counts.get(each.name), idle_after=idle_after, now=now):
                yield cost
        for endpoint in endpoints:
            if not isinstance(endpoint, OnlineEndpoint) and (hosted := serverless_cost(endpoint)) is not None:
                yield hosted

    async def _requests(
        self, online: Sequence[OnlineEndpoint], seconds: float
    ) -> Mapping[str, Mapping[str, float] | None]:
        """Return the requests by endpoint and deployment, of those that could be idle by them."""
        asked = [each.name for each in online if any(may_be_idle(one) for one in each.deployments)]
        reads = (partial(requests_lately, self._arm, name, seconds=seconds) for name in asked)
        return dict(zip(asked, await self._arm.wire.gather(reads, limit=AT_ONCE), strict=True))

    async def _prices(self) -> MachinePrices:
        """Return the prices of the region's sizes; none where they cannot be read: what runs is reported anyway."""
        try:
            return MachinePrices(await self._computes.sizes(gpus_only=False))
        except ServiceError:
            return MachinePrices()
