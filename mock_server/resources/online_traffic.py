"""Which deployment of a managed online endpoint answers a request, and what the endpoint has answered.

Requests are divided by percentages exactly: of every hundred in a row each deployment gets its share. The counts are
what Azure Monitor shows of an endpoint.
"""

from collections.abc import Iterator, Mapping

from mock_server.core.json_values import Json, number
from mock_server.resources import online_deployments
from mock_server.resources.online_deployments import OnlineDeployment
from mock_server.resources.online_endpoints import OnlineEndpoint
from mock_server.state.world import World

KIND = "online-requests"
MINUTE = 60.0
_STRIDE = 61  # shares no divisor with 100: a hundred steps reach every position once


def choose(traffic: Mapping[str, int], position: int) -> str | None:
    """Return the deployment for the request at this position of its endpoint's sequence; None without traffic."""
    at = position * _STRIDE % 100
    for name, percent in sorted(traffic.items()):
        if at < percent:
            return name
        at -= percent
    return None


def target(world: World, endpoint: OnlineEndpoint, pinned: str) -> OnlineDeployment | None:
    """Return the deployment that answers the next request; `pinned` is the one that the request names, or empty."""
    name = pinned or choose(endpoint.traffic, _total(world, endpoint))
    if name is None:
        return None
    deployment = online_deployments.get(world, endpoint.guid, endpoint.name, name, endpoint.now)
    return deployment if deployment is not None and deployment.serving is not None else None


def count(world: World, endpoint: OnlineEndpoint, deployment: str, *, status: int, seconds: float) -> None:
    """Count a request that was answered with a status after `seconds`, and its copies."""
    for copied in mirror(world, endpoint):
        _count(world, endpoint, copied, status=200, seconds=seconds)
    _count(world, endpoint, deployment, status=status, seconds=seconds)
    total = {"count": _total(world, endpoint) + 1}
    world.store.put(KIND, endpoint.guid, _total_key(endpoint), total)


def _count(world: World, endpoint: OnlineEndpoint, deployment: str, *, status: int, seconds: float) -> None:
    minute = int(endpoint.now // MINUTE * MINUTE)
    key = f"{endpoint.name}/{minute}/{deployment}/{status}".lower()
    found = world.store.get(KIND, endpoint.guid, key) or {}
    document = {
        "endpoint": endpoint.name.lower(),
        "deployment": deployment.lower(),
        "minute": minute,
        "status": status,
        "count": int(number(found.get("count")) or 0) + 1,
        "seconds": (number(found.get("seconds")) or 0.0) + seconds,
    }
    world.store.put(KIND, endpoint.guid, key, document)


def mirror(world: World, endpoint: OnlineEndpoint) -> Iterator[str]:
    """Yield the deployments that get a copy of the next request, whose answer is discarded."""
    at = _total(world, endpoint) * _STRIDE % 100
    for name, percent in endpoint.mirrored.items():
        deployment = online_deployments.get(world, endpoint.guid, endpoint.name, name, endpoint.now)
        if at < percent and deployment is not None and deployment.serving is not None:
            yield name


def counts(world: World, guid: str, endpoint: str) -> list[Json]:
    """Return the requests of an endpoint by minute, deployment and status."""
    return [body for _, body in world.store.all(KIND, guid) if body.get("endpoint") == endpoint.lower()]


def _total(world: World, endpoint: OnlineEndpoint) -> int:
    found = world.store.get(KIND, endpoint.guid, _total_key(endpoint)) or {}
    return int(number(found.get("count")) or 0)


def _total_key(endpoint: OnlineEndpoint) -> str:
    return f"{endpoint.name.lower()}/total"
