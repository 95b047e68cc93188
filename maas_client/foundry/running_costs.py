"""The running costs of a Foundry account: its deployments that have a hosting fee."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..running_costs.hosted_models import hosting_cost
from ..running_costs.running_cost import RunningCost
from .deployment import UNUSED_DAYS, Deployment
from .deployment_skus import PROVISIONED
from .deployments_backend import FoundryDeployments

_ENDS_UNUSED = f"the time of its last call is unknown; the service deletes it after {UNUSED_DAYS} days without a call"
_RESERVED = "reserved throughput is paid for, used or not, and the time of its last call is unknown"


class FoundryCosts:
    """Implements CostSource."""

    def __init__(self, deployments: FoundryDeployments) -> None:
        self._deployments = deployments

    async def running(self, *, idle_after: float) -> AsyncIterator[RunningCost]:
        """Yield the deployments with a hosting fee; `idle_after` is not used: their last calls are unknown."""
        del idle_after
        async for deployment in self._deployments.list():
            if deployment.is_hosted_by_the_hour:
                yield _cost(deployment)


def _cost(deployment: Deployment) -> RunningCost:
    is_reserved = deployment.sku in PROVISIONED
    return hosting_cost(
        deployment,
        "foundry deployment",
        size=deployment.sku,
        instances=deployment.capacity if is_reserved else None,
        unknown=_RESERVED if is_reserved else _ENDS_UNUSED,
    )
