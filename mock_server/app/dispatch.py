"""An incoming request, resolved to a surface and an operation."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from starlette.requests import Request

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import text
from mock_server.core.scope import container_of
from mock_server.faults.rule import Rule
from mock_server.http import route_hints
from mock_server.http.request_host import host_of
from mock_server.http.routing import Call, RouteMatch, Surface
from mock_server.journal.journal import parse_query
from mock_server.resources import online_endpoints
from mock_server.state.world import World
from mock_server.surfaces import admin, blob, history, inference, management, registry, scoring
from mock_server.surfaces.foundry import bases, data_plane, project

PREFIXES = {
    "subscriptions": management.SURFACE,
    "metadata": management.SURFACE,
    "registrymanagement": registry.SURFACE,
    "mferp": registry.SURFACE,
    "discovery": history.SURFACE,
    "history": history.SURFACE,
    "logs": history.SURFACE,
    "metric": history.SURFACE,
    "mlflow": history.SURFACE,
    "maas": inference.SURFACE,
    "mir": scoring.SURFACE,
}
FOUNDRY_PREFIXES = frozenset({"openai", "api"})
CONTAINER_PREFIX = container_of("")
STORAGE_PARAMETERS = frozenset({"sig", "comp", "restype"})


@dataclass(frozen=True, slots=True)
class DispatchedRequest:
    """A request with the operation it resolved to, or the error if there is none."""

    surface: Surface
    request: Request
    resolved: tuple[RouteMatch, Call] | ServiceError
    rule: Rule | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    handler_statuses: list[int] = field(
        default_factory=list[int]
    )  # status of the handler's response, once there is one
    error_codes: list[str] = field(default_factory=list[str])  # code of the handler's error, if it raised one

    @property
    def operation(self) -> str:
        """Return the operation's name, or an empty string."""
        return "" if isinstance(self.resolved, ServiceError) else self.resolved[0].operation

    @property
    def workspace(self) -> str:
        """Return the workspace's name if the request concerns one, else an empty string."""
        return "" if isinstance(self.resolved, ServiceError) else self.resolved[0].params.get("ws", "")

    @property
    def target(self) -> str:
        """Return path and query, the text that fault rules match."""
        query: bytes = self.request.scope["query_string"]
        return f"{self.request.scope['path']}?{query.decode('latin-1')}" if query else str(self.request.scope["path"])

    def with_fault(self, rule: Rule | None) -> "DispatchedRequest":
        """Return this request with a fault rule, which its handler sees in `call.world` as well."""
        if rule is None or isinstance(self.resolved, ServiceError):
            return replace(self, rule=rule)
        match, call = self.resolved
        query = {name: value for name, value in call.query.items() if name != rule.ignored}
        changed = replace(call, world=replace(call.world, fault_rule=rule), query=query)
        return replace(self, rule=rule, resolved=(match, changed))


def dispatch(world: World, request: Request) -> DispatchedRequest:
    """Resolve a request to a surface and an operation."""
    scope = request.scope
    query = parse_query(scope["query_string"])
    surface = _surface(request, query)
    try:
        match, host = surface.find(scope["method"], scope["path"], query), host_of(request)
    except ServiceError as error:
        return DispatchedRequest(surface, request, route_hints.with_hints(error, surface.name))
    match.params.setdefault("ws", _workspace(world, match))
    base = f"{scope['scheme']}://{host}"
    call = Call(world, request, match.operation, match.params, query, scope["path"], host, base)
    return DispatchedRequest(surface, request, (match, call))


def _workspace(world: World, match: RouteMatch) -> str:
    """Find the workspace of a request whose path does not contain its name."""
    for param, names in (("endpoint", "endpoint-name"), ("online", online_endpoints.NAMES)):
        if param in match.params:
            owner = world.store.get(names, "", match.params[param].lower())
            return world.workspace_of(text(owner, "guid")) or "" if owner else ""
    operation = match.params.get("operation", "")
    if operation and ":" not in operation:  # of a cluster
        return text(world.store.get("operation", "", operation) or {}, "workspace")
    in_operation = operation.partition(":")[2].partition(":")[0]
    in_container = match.params.get("container", "").removeprefix(CONTAINER_PREFIX)
    guid = match.params.get("guid") or in_operation or in_container
    return world.workspace_of(guid) or "" if guid else ""


def _surface(request: Request, query: Mapping[str, str]) -> Surface:
    first = request.scope["path"].split("/")[1].lower() if "/" in request.scope["path"] else ""
    if first == "_mock":
        return admin.SURFACE
    if ".blob." in first or ".blob." in request.headers.get("host", ""):
        return blob.SURFACE
    if first in FOUNDRY_PREFIXES:
        return _foundry_surface(request.scope["path"])
    if first in PREFIXES:
        return PREFIXES[first]
    storage = (
        first.startswith(CONTAINER_PREFIX) or STORAGE_PARAMETERS & query.keys() or "x-ms-version" in request.headers
    )
    return blob.SURFACE if storage else management.SURFACE


def _foundry_surface(path: str) -> Surface:
    if project.IN_PROJECT.match(path):
        return project.SURFACE
    return data_plane.V1_SURFACE if bases.is_v1(path) else data_plane.DATED_SURFACE
