"""Endpoints whose model is hosted by the hour, without machines of the user's: whether they cost, and are idle."""

from __future__ import annotations

import shlex

from ..catalog.model_id import ModelName
from ..endpoints.endpoint import Endpoint, EndpointState, ProvisioningState
from .running_cost import CostKind, RunningCost, Use

UNKNOWN_USE = "the service does not report when it was last called"


def serverless_cost(endpoint: Endpoint) -> RunningCost | None:
    """Return what a serverless endpoint costs; None for one of a registry's model, which is paid for by the token."""
    # Assumption: An endpoint of a base model shows an id of the registry as its model, and is paid for by the token
    #   alone.
    # Shown wrong by: An endpoint of a base model with another id in `modelSettings.modelId`.
    # Verified by: list endpoints, running costs
    # If wrong: It is listed among what costs money by the hour.
    if endpoint.model_id and ModelName.parse(endpoint.model_id).registry is not None:
        return None
    return hosting_cost(endpoint, "serverless endpoint", size=endpoint.model)


def hosting_cost(
    endpoint: Endpoint, kind: CostKind, *, size: str | None, instances: int | None = None, unknown: str = UNKNOWN_USE
) -> RunningCost:
    """Return the cost of an endpoint that is billed by the hour; `unknown` says why its use is not known."""
    use = use_of(endpoint, unknown)
    return RunningCost(
        kind=kind,
        name=endpoint.name,
        state=endpoint.state.value,
        size=size or None,
        instances=instances,
        idle=use.idle,
        reason=use.reason,
        created_at=endpoint.created_at,
        delete_command="" if is_being_deleted(endpoint) else shlex.join(["maas", "endpoints", "delete", endpoint.name]),
    )


def is_being_deleted(endpoint: Endpoint) -> bool:
    """Return whether its cost ends by itself."""
    return endpoint.state == EndpointState.DELETING or endpoint.provisioning_state == ProvisioningState.DELETING


def use_of(endpoint: Endpoint, unknown: str = UNKNOWN_USE) -> Use:
    """Return whether an endpoint is idle, as far as its state shows."""
    if is_being_deleted(endpoint):
        return Use(None, "it is being deleted")
    if endpoint.is_lost:
        return Use(True, f"it cannot answer ({endpoint.provisioning_state}, {endpoint.state})")
    return Use(None, unknown)
