"""A request as the surfaces see it, and the route tables."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mock_server.core.errors import ServiceError, mock_misuse, resource_not_found, user_error
from mock_server.core.json_values import Json, dump, is_object, parse
from mock_server.core.scope import NAME, Scope
from mock_server.state.world import World

JSON_LIMIT = 4 * 1024 * 1024
WORKSPACE = "/subscriptions/{sub}/resourceGroups/{rg}/providers/Microsoft.MachineLearningServices/workspaces/{ws}"


@dataclass(frozen=True)
class Call:
    """A request with its route; `params` are the named segments of the path."""

    world: World
    request: Request
    operation: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    path: str
    host: str  # as in the request, so that every address in a response uses the same host
    base: str

    @property
    def raw_path(self) -> str:
        """Return the path as it was sent, with escapes: signatures cover it."""
        raw: object = self.request.scope.get("raw_path")
        return raw.decode("latin-1") if isinstance(raw, bytes) else quote(self.path)

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; lookups ignore case."""
        return self.request.headers

    @property
    def scope(self) -> Scope:
        """Return the workspace in the path; rejects one that does not exist."""
        scope = Scope(self.params["sub"], self.params["rg"], self.params["ws"])
        if not all(NAME.match(name) for name in (scope.subscription, scope.group, scope.workspace)):
            raise user_error(
                "The names of a subscription, resource group and workspace are letters, digits, '_', '.', '-'."
            )
        if not self.world.exists(scope.workspace):
            raise resource_not_found("workspaces", scope.workspace, scope.group)
        self.world.remember(scope)
        return scope

    @property
    def now(self) -> float:
        """Return the current time of the workspace in the path."""
        return self.world.now(self.params.get("ws", ""))

    def name(self, key: str = "name") -> str:
        """Return a resource's name from the path; rejects names that Azure would not accept."""
        name = self.params[key]
        if not NAME.match(name):
            raise user_error(f"The name {name[:80]!r} is invalid: letters, digits, '_', '.' and '-', at most 255.")
        return name

    def number(self, name: str, default: int) -> int:
        """Return a non-negative integer from the query; rejects anything else."""
        return _number(name, self.query[name]) if name in self.query else default

    def numbers(self, name: str, maximum: int) -> list[int]:
        """Return the comma-separated integers of a query parameter; rejects more than `maximum`."""
        numbers = [_number(name, item) for item in self.query.get(name, "").split(",") if item]
        if len(numbers) > maximum:
            raise mock_misuse(f"{name} takes at most {maximum} numbers; got {len(numbers)}: split the request")
        return numbers

    async def body(self, limit: int = JSON_LIMIT) -> bytes:
        """Read a small body as a whole."""
        read = bytearray()
        try:
            async for piece in self.request.stream():
                read += piece
                if len(read) > limit:
                    raise ServiceError(413, "RequestEntityTooLarge", f"The request body is larger than {limit} bytes.")
        except ClientDisconnect as error:
            raise user_error("The connection was closed in the middle of the request body.") from error
        return bytes(read)

    async def json(self, limit: int = JSON_LIMIT) -> Json:
        """Read a JSON object; an empty body is an empty object."""
        data = await self.body(limit)
        try:
            value = parse(data.strip() or b"{}")
        except ValueError as error:
            raise ServiceError(400, "InvalidRequestContent", f"The request content was invalid: {error}") from error
        if not is_object(value):
            raise ServiceError(400, "InvalidRequestContent", "The request content must be a JSON object.")
        return value


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """An operation's name, method and path."""

    operation: str
    method: str
    pattern: re.Pattern[str]
    handler: Handler


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """The operation that a request resolved to; `params` are the named segments of its path."""

    operation: str
    params: dict[str, str]
    handler: Handler


RouteFinder = Callable[[str, str, Mapping[str, str]], RouteMatch]


@dataclass(frozen=True, slots=True)
class Surface:
    """One of Azure's services: how it finds an operation, checks access and formats errors."""

    name: str
    find: RouteFinder  # by method, path and query; raises the error for an unknown operation
    authorize: Callable[[Call], None]
    error_response: Callable[[ServiceError, str, float], Response]  # the error, the request id, the time
    operations: Mapping[str, Handler]  # by name


def route(operation: str, method: str, template: str, handler: Handler) -> Route:
    """Create a route; literal segments match in any case, `{name}` is one segment, `{name*}` is the rest."""
    pattern = re.escape(template).replace(r"\{", "{").replace(r"\}", "}").replace(r"\*", "*")
    pattern = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", pattern)
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
    return Route(operation, method, re.compile(pattern + "/?", re.IGNORECASE), handler)


def routed_surface(
    name: str,
    routes: Sequence[Route],
    authorize: Callable[[Call], None],
    error_response: Callable[[ServiceError, str, float], Response],
) -> Surface:
    """Create a surface that finds its operations by method and path."""
    operations = {route.operation: route.handler for route in routes}
    return Surface(name, route_table(*routes), authorize, error_response, operations)


def route_table(*routes: Route) -> RouteFinder:
    """Return a finder that tries routes in order."""

    def find(method: str, path: str, query: Mapping[str, str]) -> RouteMatch:
        del query
        others: list[str] = []
        for candidate in routes:
            match = candidate.pattern.fullmatch(path)
            if match and candidate.method == method:
                return RouteMatch(candidate.operation, match.groupdict(), candidate.handler)
            if match:
                others.append(candidate.method)
        if others:
            allowed = ", ".join(sorted(set(others)))
            message = f"The requested resource does not support http method '{method[:20]}'. It supports {allowed}."
            raise ServiceError(405, "MethodNotAllowed", message, {"Allow": allowed})
        raise ServiceError(404, "InvalidResourceType", f"This server has no resource at {path[:300]!r}.")

    return find


def json_response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response."""
    return Response(dump(body), status, dict(headers or {}), "application/json; charset=utf-8")


def empty_response(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response without a body."""
    return Response(None, status, dict(headers or {}))


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 12):
        raise mock_misuse(f"{name} must be a non-negative integer; got {value[:40]!r}: change it")
    return int(value)
