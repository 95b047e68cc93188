"""What runs now and costs: clusters with nodes, online deployments, serverless endpoints, Foundry's deployments."""

from collections.abc import Iterator

from mock_server.core.json_values import Json, text
from mock_server.core.scope import Scope
from mock_server.resources import computes, deployments, foundry_deployments, online_deployments, vm_sizes
from mock_server.state.world import World


def running(world: World, workspace: str | None = None) -> list[Json]:
    """Return what costs at this time, in all workspaces or in one; a price is of this server's sizes, or None."""
    found: list[Json] = []
    for _, names in world.store.all("workspace", ""):
        scope = Scope(text(names, "subscription"), text(names, "group"), text(names, "workspace"))
        if workspace is None or scope.workspace.lower() == workspace.lower():
            found += _in_workspace(world, scope)
    if workspace is None:
        for deployment in foundry_deployments.list_all(world, world.now("")):
            found.append(_row("foundry deployment", deployment.name, instances=deployment.capacity))
    return found


def _in_workspace(world: World, scope: Scope) -> Iterator[Json]:
    now = world.now(scope.workspace)
    for cluster in computes.list_all(world, scope.guid, now):
        if cluster.nodes:
            price = cluster.size.hourly_price(low_priority=cluster.low_priority)
            yield _row(
                "cluster", cluster.name, scope, size=cluster.size.name, instances=len(cluster.nodes), price=price
            )
    for online in online_deployments.list_all(world, scope.guid, now):
        size = vm_sizes.find(online.instance_type)
        yield _row(
            "online deployment",
            online.name,
            scope,
            parent=online.endpoint,
            size=online.instance_type,
            instances=online.capacity,
            price=None if size is None else size.hourly_price(low_priority=False),
        )
    for endpoint in deployments.list_all(world, scope.guid, now):
        yield _row("serverless endpoint", endpoint.name, scope)


def _row(
    kind: str,
    name: str,
    scope: Scope | None = None,
    *,
    parent: str = "",
    size: str = "",
    instances: int = 1,
    price: float | None = None,
) -> Json:
    return {
        "kind": kind,
        "name": name,
        "parent": parent,
        "workspace": "" if scope is None else scope.workspace,
        "size": size,
        "instances": instances,
        "hourly_price": None if price is None else round(price * instances, 4),
    }
