"""The request that creates a cluster or changes its scale, and how a cluster differs from it. Decisions only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..catalog.gpu_sizes import same_size
from ..core.durations import iso_duration
from ..core.errors import InvalidInput
from .cluster import KIND, Cluster

IDLE_SECONDS = 120.0
"""How long a node without a job is kept by default, as azure-ai-ml 1.35.2 does (`_compute/aml_compute.py`)."""

SYSTEM_ASSIGNED = "SystemAssigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How many nodes a cluster keeps and may have, and for how many seconds it keeps one without a job."""

    min_nodes: int
    max_nodes: int
    idle_seconds: float

    def __post_init__(self) -> None:
        """Raise InvalidInput for a minimum above the maximum."""
        if self.min_nodes > self.max_nodes:
            raise InvalidInput(f"min_nodes={self.min_nodes} is more than max_nodes={self.max_nodes}; nothing was sent")

    def to_document(self) -> dict[str, Any]:
        """Return the scale settings as the service takes them: all of them, since a PATCH replaces the object."""
        return {
            # Assumption: A PATCH of `scaleSettings` replaces all three of them and nothing else of a cluster.
            # Shown wrong by: Another size, priority, identity or tag after the PATCH, or a scale that is not the one
            #   that was sent.
            # Verified by: scale cluster
            # If wrong: Conflict if the number of nodes is another one; anything else that has changed is not noticed.
            "minNodeCount": self.min_nodes,
            "maxNodeCount": self.max_nodes,
            "nodeIdleTimeBeforeScaleDown": iso_duration(self.idle_seconds),
        }

    @classmethod
    def of(cls, cluster: Cluster) -> Scale:
        """Return the scale that a cluster has."""
        idle = IDLE_SECONDS if cluster.idle_seconds is None else cluster.idle_seconds
        return cls(min_nodes=cluster.min_nodes, max_nodes=cluster.max_nodes, idle_seconds=idle)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRequest:
    """The request for a cluster. `identities` are ids of user-assigned identities."""

    size: str
    scale: Scale
    low_priority: bool = False
    identities: Sequence[str] = ()
    system_assigned: bool = False
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_document(self, location: str) -> dict[str, Any]:
        """Build the body of the PUT, field for field as azure-ai-ml 1.35.2 sends it.

        But for the priority: azure-ai-ml writes `Lowpriority` where the service's own enumeration has `LowPriority`.
        """
        body: dict[str, Any] = {
            "location": location,
            "properties": {
                "computeType": KIND,
                "disableLocalAuth": True,
                "properties": {
                    "vmSize": self.size,
                    "vmPriority": "LowPriority" if self.low_priority else "Dedicated",
                    "osType": "Linux",
                    "scaleSettings": self.scale.to_document(),
                    "remoteLoginPortPublicAccess": "NotSpecified",
                    "enableNodePublicIp": True,
                },
            },
        }
        if self.tags:
            body["tags"] = dict(self.tags)
        if self.identities or self.system_assigned:
            kinds = [SYSTEM_ASSIGNED] * self.system_assigned + ["UserAssigned"] * bool(self.identities)
            users: dict[str, Any] = {each: {} for each in self.identities}
            body["identity"] = {"type": ",".join(kinds)} | ({"userAssignedIdentities": users} if users else {})
        return body

    def differences(self, cluster: Cluster) -> tuple[str, ...]:
        """Return how an existing cluster differs from this one, a phrase per setting; empty if it is the same."""
        there, here = Scale.of(cluster), self.scale
        compared = (
            ("size", cluster.size, self.size, same_size(cluster.size, self.size)),
            ("low_priority", cluster.low_priority, self.low_priority, cluster.low_priority == self.low_priority),
            ("min_nodes", there.min_nodes, here.min_nodes, there.min_nodes == here.min_nodes),
            ("max_nodes", there.max_nodes, here.max_nodes, there.max_nodes == here.max_nodes),
            ("idle_seconds", there.idle_seconds, here.idle_seconds, there.idle_seconds == here.idle_seconds),
        )
        return tuple(f"{name} is {was} there and {wanted} here" for name, was, wanted, equal in compared if not equal)


def identities_of(identity: str | Sequence[str] | None) -> tuple[bool, tuple[str, ...]]:
    """Return whether a cluster gets an identity of its own, and the ids of the user-assigned ones.

    Raises InvalidInput for an identity that is neither `SystemAssigned` nor a Resource Manager id.
    """
    given = () if identity is None else (identity,) if isinstance(identity, str) else tuple(identity)
    ids = tuple(each for each in given if each.replace("_", "").lower() != SYSTEM_ASSIGNED.lower())
    if wrong := next((each for each in ids if not each.lower().startswith("/subscriptions/")), None):
        raise InvalidInput(
            f"identity {wrong!r} is neither {SYSTEM_ASSIGNED!r} nor the id of a user-assigned identity "
            "(/subscriptions/…/userAssignedIdentities/NAME); nothing was sent"
        )
    return len(ids) < len(given), ids
