"""The body of a cluster, validated as the service does, and the reasons to refuse a valid one."""

import re
from dataclasses import dataclass

from mock_server.core import durations
from mock_server.core.errors import ServiceError, user_error
from mock_server.core.json_values import Json, child, is_object, text
from mock_server.core.scope import Scope
from mock_server.resources import vm_quota, vm_sizes
from mock_server.resources.computes import Cluster
from mock_server.resources.vm_sizes import VmSize
from mock_server.state.world import World

NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{2,23}\Z", re.ASCII)
PRIORITIES = {"dedicated": "Dedicated", "lowpriority": "LowPriority"}
DEFAULT_IDLE = 120.0
MOST_NODES = 100
REMOTE_LOGIN = ("NotSpecified", "Enabled", "Disabled")


@dataclass(frozen=True, slots=True)
class Requested:
    """The content of a valid body."""

    size: VmSize
    properties: Json  # in the service's terms
    least: int
    most: int
    idle: float
    body: Json

    @property
    def low_priority(self) -> bool:
        """Return whether its nodes may be taken away."""
        return text(self.properties, "vmPriority") == "LowPriority"


def parse(name: str, body: Json) -> Requested:
    """Parse a cluster's body; raises the service's error for an invalid one."""
    if not NAME.match(name):
        raise user_error(
            f"The compute name {name[:80]!r} is invalid: 3 to 24 letters, digits and hyphens, beginning with a letter."
        )
    outer: object = body.get("properties")
    if not is_object(outer):
        raise user_error("The request is invalid: properties is required.")
    kind = text(outer, "computeType")
    if kind != "AmlCompute":
        raise user_error(f"This server has clusters only: computeType must be AmlCompute; got {kind[:60]!r}.")
    inner = child(outer, "properties")
    size = vm_sizes.find(text(inner, "vmSize"))
    if size is None or "AmlCompute" not in size.types:
        known = ", ".join([*(one.name for one in vm_sizes.SIZES), *vm_sizes.RETIRED]).upper()
        raise ServiceError(
            400,
            "InvalidPropertyValue",
            f"Value '{str(inner.get('vmSize'))[:80]}' for Cluster.Properties.VMSize is invalid. "
            f"Supported values: {known}.",
        )
    priority = PRIORITIES.get(text(inner, "vmPriority", "Dedicated").lower())
    if priority is None:
        raise user_error(f"The request is invalid: vmPriority {str(inner.get('vmPriority'))[:60]!r} is unknown.")
    if inner.get("remoteLoginPortPublicAccess", "NotSpecified") not in (None, *REMOTE_LOGIN):
        raise user_error(
            f"The request is invalid: remoteLoginPortPublicAccess must be one of {', '.join(REMOTE_LOGIN)}."
        )
    if body.get("tags") is not None and not is_object(body["tags"]):
        raise user_error("The request is invalid: tags must be an object.")
    least, most, idle = scale_settings(child(inner, "scaleSettings"))
    scale = {"minNodeCount": least, "maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": durations.dump(idle)}
    properties = {**inner, "vmPriority": priority, "osType": text(inner, "osType", "Linux"), "scaleSettings": scale}
    return Requested(size, properties, least, most, idle, body)


def scale_settings(scale: Json, known: Cluster | None = None) -> tuple[int, int, float]:
    """Return minimum, maximum and idle time; what a change of a known cluster leaves out stays."""
    old = known.scale if known is not None else None
    least = _count(scale, "minNodeCount", old.least if old else 0)
    most = _count(scale, "maxNodeCount", None)
    idle = (
        durations.parse(scale["nodeIdleTimeBeforeScaleDown"])
        if scale.get("nodeIdleTimeBeforeScaleDown")
        else (old.idle if old else DEFAULT_IDLE)
    )
    if idle is None:
        given = str(scale.get("nodeIdleTimeBeforeScaleDown"))[:60]
        raise user_error(f"The request is invalid: nodeIdleTimeBeforeScaleDown must be a duration; got {given!r}.")
    if not least <= most:
        raise user_error(f"The request is invalid: minNodeCount {least} is larger than maxNodeCount {most}.")
    return least, most, idle


def check_change(cluster: Cluster, requested: Requested) -> None:
    """Reject a change of what a cluster cannot change (learn.microsoft.com, "Create compute clusters")."""
    if requested.size is not cluster.size:
        raise user_error(
            f"The size of compute {cluster.name} cannot be changed from {cluster.size.name.upper()} to "
            f"{requested.size.name.upper()}. Delete it and create it again."
        )
    location = text(requested.body, "location")
    if location and location.lower() != text(cluster.document, "location").lower():
        raise user_error(f"The location of compute {cluster.name} cannot be changed. Delete it and create it again.")


def quota_refusal(
    world: World, scope: Scope, requested: Requested, known: Cluster | None, *, always: bool = False
) -> ServiceError | None:
    """Return the error for a family whose quota is too small for one node, or for the minimum; None if it is not.

    With `always` the quota counts as 0, as a fault rule says.
    """
    size = requested.size
    nodes = max(1, requested.least)
    if requested.low_priority:
        family, limit = "low-priority", vm_quota.low_priority_limit(world)
    else:
        family, limit = vm_sizes.title(size.family), vm_quota.limit(world, size.family)
        own = vm_quota.workspace_limit(world, scope, size.family)
        limit = limit if own is None else min(limit, own)
    left = vm_quota.left(world, scope, size, low_priority=requested.low_priority)
    mine = known.cores if known is not None and known.low_priority == requested.low_priority else 0
    limit = 0 if always else limit
    if size.cores_of(1) <= limit and size.cores_of(requested.least) <= left + mine:
        return None
    return ServiceError(
        400,
        "ClusterMinNodesExceedCoreQuota",
        f"The specified subscription has a {family} vCPU quota of {limit} and cannot accommodate for at least {nodes} "
        f"requested managed compute node{'s' if nodes > 1 else ''} which maps to {size.cores_of(nodes)} vCPUs "
        f"({size.cores} vCPUs per node).",
    )


def _count(scale: Json, name: str, default: int | None) -> int:
    value: object = scale.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_NODES:
        given = str(value)[:60]
        raise user_error(f"The request is invalid: scaleSettings.{name} must be 0 to {MOST_NODES}; got {given!r}.")
    return value
