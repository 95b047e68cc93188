"""What a call that makes an online endpoint still has to do, given what is there. Decisions only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from ..catalog.model_id import plain_name
from ..core.errors import Conflict, InvalidInput
from ..core.names import slug
from .endpoint import ProvisioningState
from .model_versions import is_same_model
from .online_endpoint import OnlineDeployment, OnlineEndpoint
from .online_requests import AUTH_MODES

LONGEST_NAME = 32
_DIGEST = 8

EndpointStep = Literal["create", "wait", "replace", "keep"]
DeploymentStep = Literal["create", "wait", "replace", "failed", "keep"]


@dataclass(frozen=True, slots=True)
class WantedDeployment:
    """A deployment as it was asked for."""

    name: str
    model_id: str
    instance_type: str
    instance_count: int


def default_name(scope: str, model_id: str, instance_type: str) -> str:
    """Return the name of an endpoint that has none: the same for the same model and size in a workspace.

    So the same call finds what it made before it was interrupted. The name has to be unique in its region: the digest
    is over the workspace, too.
    """
    digest = sha256("\n".join((scope, model_id, instance_type)).lower().encode()).hexdigest()[:_DIGEST]
    return f"{slug(f'e-{plain_name(model_id)}', LONGEST_NAME - _DIGEST - 1)}-{digest}"


def auth_mode_named(mode: str) -> str:
    """Return a mode of AUTH_MODES; raise InvalidInput for an unknown one."""
    if mode in AUTH_MODES:
        return mode
    raise InvalidInput(f"auth_mode must be {', '.join(AUTH_MODES)}, not {mode!r}; nothing was sent")


def endpoint_step(existing: OnlineEndpoint | None, *, auth_mode: str, replace_failed: bool) -> EndpointStep:
    """Return what to do about the endpoint; raise Conflict for one that is something else."""
    if existing is None:
        return "create"
    subject = f"create endpoint {existing.name!r}"
    state = existing.provisioning_state
    if state == ProvisioningState.DELETING:
        raise Conflict(subject, status=409, detail="an endpoint of this name is being deleted; try again in a minute")
    if state in {ProvisioningState.FAILED, ProvisioningState.CANCELED}:
        if replace_failed and not existing.deployments:
            return "replace"
        delete = f"maas endpoints delete {existing.name}"
        raise Conflict(subject, status=409, detail=f"an endpoint of this name is {state}; delete it first: `{delete}`")
    if existing.auth_mode.lower() != AUTH_MODES[auth_mode].lower():
        raise Conflict(
            subject,
            status=409,
            detail=f"an endpoint of this name has the authorization {existing.auth_mode}, which cannot be changed; ask "
            "for the same, or choose a new name",
        )
    return "keep" if state == ProvisioningState.SUCCEEDED else "wait"


def deployment_step(endpoint: OnlineEndpoint, wanted: WantedDeployment, *, replace_failed: bool) -> DeploymentStep:
    """Return what to do about the deployment; raise Conflict for one that serves something else."""
    existing = endpoint.deployment(wanted.name)
    if existing is None:
        return "create"
    if existing.provisioning_state == ProvisioningState.DELETING:
        return "replace"
    if existing.has_failed and replace_failed:
        return "replace"
    _refuse_other(existing, wanted)
    if existing.has_failed:
        return "failed"
    return "wait" if existing.is_unfinished else "keep"


def _refuse_other(existing: OnlineDeployment, wanted: WantedDeployment) -> None:
    what = ""
    if not is_same_model(existing.model_id, wanted.model_id):
        what = f"serves {existing.model_id}"
    elif existing.instance_type.lower() != wanted.instance_type.lower():
        what = f"runs on {existing.instance_type}"
    if what:
        raise Conflict(
            f"create deployment {wanted.name!r} of endpoint {existing.endpoint!r}",
            status=409,
            detail=f"a deployment of this name {what}; choose another name for the deployment or the endpoint, or "
            "delete it",
        )


def first_traffic(endpoint: OnlineEndpoint, deployment: str) -> dict[str, int] | None:
    """Return the traffic to set for a new deployment: all of it, unless the endpoint answers with another one."""
    return None if any(endpoint.traffic.values()) else {deployment: 100}


def checked_traffic(endpoint: OnlineEndpoint, traffic: Mapping[str, int]) -> dict[str, int]:
    """Return the traffic as it is sent; raise InvalidInput for what the service would refuse, or answer with nothing.

    The service refuses sums other than 0 and 100, and deployments that do not exist.
    """
    shares: dict[str, int] = {}
    for name, percent in traffic.items():
        if not _is_percentage(percent):
            raise InvalidInput(f"the traffic of {name!r} must be an integer from 0 to 100, not {percent!r}")
        there = endpoint.deployment(name)
        if there is None:
            known = ", ".join(each.name for each in endpoint.deployments) or "none"
            raise InvalidInput(f"endpoint {endpoint.name!r} has no deployment {name!r}; it has {known}")
        if there.has_failed and percent:
            raise InvalidInput(f"deployment {there.name!r} is {there.provisioning_state}: it would answer nothing")
        shares[there.name] = percent
    if sum(shares.values()) not in {0, 100}:
        raise InvalidInput(f"the traffic of all deployments must add up to 100 or 0, not {sum(shares.values())}")
    return shares


def one_deployment(endpoint: OnlineEndpoint, name: str | None) -> OnlineDeployment:
    """Return the deployment of a name, or the only one; raise InvalidInput where that is not clear."""
    found = endpoint.deployments if name is None else tuple(filter(None, [endpoint.deployment(name)]))
    if len(found) == 1:
        return found[0]
    known = ", ".join(each.name for each in endpoint.deployments) or "none"
    if name is None:
        raise InvalidInput(f"endpoint {endpoint.name!r} has the deployments {known}: say which one is meant")
    raise InvalidInput(f"endpoint {endpoint.name!r} has no deployment {name!r}; it has {known}")


def _is_percentage(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100
