"""The running costs of an Azure Machine Learning workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..endpoints.backend import EndpointBackend
from .hosted_models import serverless_cost
from .running_cost import RunningCost


class AzureMLCosts:
    """Implements CostSource."""

    def __init__(self, endpoints: EndpointBackend) -> None:
        self._endpoints = endpoints

    async def running(self, *, idle_after: float) -> AsyncIterator[RunningCost]:
        """Yield what costs money by the hour; what had no request for `idle_after` seconds is idle."""
        del idle_after
        async for endpoint in self._endpoints.list():
            if (cost := serverless_cost(endpoint)) is not None:
                yield cost
