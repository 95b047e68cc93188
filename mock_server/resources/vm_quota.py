"""Quotas of virtual cores in a subscription: limits, what is in use, and what is left.

Families with GPUs start at 0, others at 100, low priority at 100 for all families together (learn.microsoft.com "Manage
and increase quotas", 2026-01-27). Clusters are counted by their nodes; everything else that runs, such as an online
deployment, is entered by `occupy` and taken out by `vacate`.
"""

from collections.abc import Iterator

from mock_server.core import quotas
from mock_server.core.json_values import Json, number, text
from mock_server.core.scope import Scope
from mock_server.resources import computes, vm_sizes
from mock_server.resources.vm_sizes import VmSize
from mock_server.state.world import World

CPU_LIMIT = 100
LOW_PRIORITY_LIMIT = 100
REGIONAL_LIMIT = 300


def limit(world: World, family: str) -> int:
    """Return how many cores of a family a subscription may use in dedicated machines."""
    given = quotas.parse(world.settings["quota"]) or {}
    key = vm_sizes.family_key(family)
    has_gpus = family in vm_sizes.GPU_FAMILIES
    default = given.get(quotas.EVERY_GPU, 0) if has_gpus else CPU_LIMIT
    return given.get(key, default)


def low_priority_limit(world: World) -> int:
    """Return how many cores a subscription may use in low-priority machines, of all families together."""
    return (quotas.parse(world.settings["quota"]) or {}).get(quotas.LOW_PRIORITY, LOW_PRIORITY_LIMIT)


def used(world: World, subscription: str, family: str = "", *, low_priority: bool = False) -> int:
    """Return the cores in use: of a family, or of all of them."""
    return sum(
        cores
        for one, low, cores in _all_uses(world, subscription)
        if low == low_priority and (not family or vm_sizes.family_key(one) == vm_sizes.family_key(family))
    )


def left(world: World, scope: Scope, size: VmSize, *, low_priority: bool = False) -> int:
    """Return how many more cores machines of a size may take, also by the workspace's own limit for the family."""
    subscription = scope.subscription
    if low_priority:
        return low_priority_limit(world) - used(world, subscription, low_priority=True)
    found = limit(world, size.family) - used(world, subscription, size.family)
    own = workspace_limit(world, scope, size.family)
    if own is not None:
        mine = sum(
            cores
            for family, low, cores in uses_of(world, scope)
            if not low and vm_sizes.family_key(family) == vm_sizes.family_key(size.family)
        )
        found = min(found, own - mine)
    return found


def workspace_limit(world: World, scope: Scope, family: str) -> int | None:
    """Return the limit that `updateQuotas` gave a workspace for a family, or None."""
    document = world.store.get("vm-quota", scope.guid, vm_sizes.family_key(family))
    cores = number(document.get("limit")) if document else None
    return None if cores is None else int(cores)


def occupy(
    world: World,
    scope: Scope,
    owner: str,
    *,
    family: str,
    cores: int,
    low_priority: bool = False,
    until: float | None = None,
) -> None:
    """Enter what an owner, named by its resource id, uses from now on; a second entry replaces the first.

    `until` is the time of the workspace's clock at which that ends; without it only `vacate` ends it.
    """
    document: Json = {"family": family, "cores": cores, "low_priority": low_priority, "until": until}
    world.store.put("vm-use", scope.guid, owner.lower(), document)


def vacate(world: World, scope: Scope, owner: str, *, at: float) -> None:
    """End what an owner uses, at a time of the workspace's clock."""
    document = world.store.get("vm-use", scope.guid, owner.lower())
    until = number(document.get("until")) if document is not None else None
    if document is not None and (until is None or at < until):
        world.store.put("vm-use", scope.guid, owner.lower(), {**document, "until": at})


def uses_of(world: World, scope: Scope) -> Iterator[tuple[str, bool, int]]:
    """Yield what a workspace uses now: the family, whether in low priority, and the cores."""
    now = world.now(scope.workspace)
    for cluster in computes.list_all(world, scope.guid, now):
        yield cluster.size.family, cluster.low_priority, cluster.cores
    for _, document in world.store.all("vm-use", scope.guid):
        until = number(document.get("until"))
        if until is None or now < until:
            cores = int(number(document.get("cores")) or 0)
            yield text(document, "family"), document.get("low_priority") is True, cores


def workspaces(world: World, subscription: str) -> Iterator[Scope]:
    """Yield the known workspaces of a subscription."""
    for _, names in world.store.all("workspace", ""):
        if text(names, "subscription").lower() == subscription.lower():
            yield Scope(text(names, "subscription"), text(names, "group"), text(names, "workspace"))


def scope_of(world: World, guid: str) -> Scope:
    """Return the workspace with this guid."""
    names = world.store.get("workspace", "", guid) or {}
    return Scope(text(names, "subscription"), text(names, "group"), text(names, "workspace"))


def _all_uses(world: World, subscription: str) -> Iterator[tuple[str, bool, int]]:
    for scope in workspaces(world, subscription):
        yield from uses_of(world, scope)
