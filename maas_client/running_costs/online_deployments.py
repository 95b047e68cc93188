"""What the deployments of an online endpoint cost, and whether they are idle. Decisions only."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC

from ..endpoints.endpoint import ProvisioningState
from ..endpoints.online_endpoint import OnlineDeployment, OnlineEndpoint
from .machine_prices import MachinePrices
from .running_cost import RunningCost, Use
from .spans import span


def deployment_costs(
    endpoint: OnlineEndpoint,
    prices: MachinePrices,
    requests: Mapping[str, float] | None,
    *,
    idle_after: float,
    now: float,
) -> Iterator[RunningCost]:
    """Yield what each deployment of an online endpoint costs.

    Args:
        endpoint: the endpoint with its deployments.
        prices: the prices of the region's sizes.
        requests: the requests by deployment in the last `idle_after` seconds; None where it is not known.
        idle_after: seconds without a request after which a deployment is idle.
        now: the time, in seconds since 1970.
    """
    for deployment in endpoint.deployments:
        price = prices.of(deployment.instance_type, deployment.instance_count)
        count = None if requests is None else requests.get(deployment.name.lower(), 0.0)
        use = use_of_deployment(deployment, count, idle_after=idle_after, now=now)
        one = () if len(endpoint.deployments) == 1 else ("--deployment", deployment.name)
        is_going = deployment.provisioning_state == ProvisioningState.DELETING
        yield RunningCost(
            kind="online deployment",
            name=deployment.name,
            endpoint=endpoint.name,
            state=deployment.provisioning_state.value,
            size=deployment.instance_type or None,
            instances=deployment.instance_count,
            hourly_price=price.amount,
            currency=price.currency,
            idle=use.idle,
            reason=use.reason,
            created_at=deployment.created_at,
            delete_command="" if is_going else shlex.join(["maas", "endpoints", "delete", endpoint.name, *one]),
        )


def may_be_idle(deployment: OnlineDeployment) -> bool:
    """Return whether it takes a look at its requests to know whether a deployment is idle."""
    is_going = deployment.provisioning_state == ProvisioningState.DELETING
    return not (is_going or deployment.has_failed or deployment.is_unfinished)


def use_of_deployment(deployment: OnlineDeployment, requests: float | None, *, idle_after: float, now: float) -> Use:
    """Return whether a deployment is idle: it cannot answer, or has had no request for long enough."""
    if deployment.provisioning_state == ProvisioningState.DELETING:
        return Use(None, "it is being deleted")
    if deployment.has_failed:
        return Use(True, "it has failed, and costs as much as one that answers")
    if deployment.is_unfinished:
        return Use(False, "it is being created or changed")
    if requests is None:
        return Use(None, "Azure Monitor has no count of its requests")
    if requests > 0:
        return Use(False, f"it had requests in the last {span(idle_after)}")
    created = deployment.created
    if created is not None and now - created.astimezone(UTC).timestamp() < idle_after:
        return Use(False, f"it was created less than {span(idle_after)} ago")
    without = "" if deployment.traffic else ", and gets no traffic"
    return Use(True, f"it had no request in the last {span(idle_after)}{without}")
