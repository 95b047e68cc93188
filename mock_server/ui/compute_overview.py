"""What the page shows of the user's own compute."""

from collections import Counter

from mock_server.core.json_values import Json, child, text
from mock_server.core.scope import Scope
from mock_server.resources import computes
from mock_server.resources.computes import Cluster
from mock_server.state.world import World


def clusters(world: World, scope: Scope, most: int) -> dict[str, Json]:
    """Return a workspace's clusters, newest first, at most `most`."""
    found = computes.list_all(world, scope.guid, world.now(scope.workspace))[:most]
    return {f"{scope.guid}/{cluster.name}": _cluster(scope, cluster) for cluster in found}


def _cluster(scope: Scope, cluster: Cluster) -> Json:
    nodes, scale = cluster.nodes, cluster.scale
    problems = [child(error, "error") for error in cluster.errors] + ([cluster.failure] if cluster.failure else [])
    price = cluster.size.hourly_price(low_priority=cluster.low_priority)
    return {
        "name": cluster.name,
        "workspace": scope.workspace,
        "state": cluster.state,
        "created": cluster.document.get("created"),
        "size": cluster.size.name,
        "low_priority": cluster.low_priority,
        "least": scale.least,
        "most": scale.most,
        "nodes": dict(Counter(node.state for node in nodes)),
        "hourly_price": round(price * len(nodes), 4),
        "problems": "; ".join(f"{text(error, 'code')}: {text(error, 'message')}" for error in problems),
    }
