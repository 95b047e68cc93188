"""The ASGI application: every request finds its surface, meets the faults in force and ends in the journal."""

import asyncio
import re
import sys
import traceback
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_server import entry
from mock_server.call import Call, Found, Surface
from mock_server.connections import Connections
from mock_server.errors import ServiceError
from mock_server.exchange import Dropped, Exchange
from mock_server.faults import Rule
from mock_server.journal import query_of
from mock_server.scope import container_of
from mock_server.surfaces import admin, blob, history, inference, management, registry
from mock_server.values import dump, text
from mock_server.world import World

HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,250}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?\Z", re.ASCII)
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
}
CONTAINER_PREFIX = container_of("")
STORAGE_MARKS = frozenset({"sig", "comp", "restype"})


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, and what it turned out to ask of which surface: a call, or nothing that is there."""

    surface: Surface
    request: Request
    request_id: str
    asked: tuple[Found, Call] | ServiceError

    @property
    def operation(self) -> str:
        """Give the operation's name, or an empty one."""
        return "" if isinstance(self.asked, ServiceError) else self.asked[0].operation

    @property
    def workspace(self) -> str:
        """Give the workspace's name, where the request is about one."""
        return "" if isinstance(self.asked, ServiceError) else self.asked[0].params.get("ws", "")


class Application:
    """The server's front: nothing but plumbing, so that the surfaces need none."""

    def __init__(self, world: World, connections: Connections | None = None) -> None:
        self.world = world
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"this server speaks HTTP; it was asked for {scope['type']!r}")
        exchange = Exchange(scope, receive, send, self._connections)
        visit = self._receive(scope, exchange)
        if visit.surface is admin.SURFACE:
            await self._send(exchange, await self._work(visit))
            return
        struck = self._strike(visit)
        began = entry.Beginning(self.world.wall(), self.world.now(visit.workspace), struck[0] if struck else None)
        exchange.at_end = lambda: self._write_down(visit, exchange, began)
        exchange.added = entry.stamps(visit.surface.name, visit.request, visit.request_id)
        try:
            await self._answer(visit, exchange, struck[1] if struck else None)
        except Dropped:
            exchange.status = None
        finally:
            exchange.end()

    def _receive(self, scope: Scope, exchange: Exchange) -> Visit:
        request = Request(scope, exchange.receive)
        query = query_of(scope["query_string"])
        surface = _surface(request, query)
        try:
            found, host = surface.find(scope["method"], scope["path"], query), _host(request)
        except ServiceError as error:
            return Visit(surface, request, str(uuid.uuid4()), error)
        found.params.setdefault("ws", self._workspace(found))
        base = f"{scope['scheme']}://{host}"
        call = Call(self.world, request, found.operation, found.params, query, scope["path"], host, base)
        return Visit(surface, request, str(uuid.uuid4()), (found, call))

    def _workspace(self, found: Found) -> str:
        """Find the workspace of a request that does not name it."""
        if "endpoint" in found.params:
            owner = self.world.store.get("endpoint-name", "", found.params["endpoint"].lower())
            return self.world.workspace_of(text(owner, "guid")) or "" if owner else ""
        guid = found.params.get("guid") or found.params.get("container", "").removeprefix(CONTAINER_PREFIX)
        return self.world.workspace_of(guid) or "" if guid else ""

    def _strike(self, visit: Visit) -> tuple[int, Rule] | None:
        url = visit.request.scope
        target = url["path"] + ("?" + url["query_string"].decode("latin-1") if url["query_string"] else "")
        return self.world.faults.pick(url["method"], target, visit.operation, visit.workspace)

    async def _answer(self, visit: Visit, exchange: Exchange, rule: Rule | None) -> None:
        if rule is None:
            await self._send(exchange, await self._work(visit))
            return
        exchange.obey(rule)
        await asyncio.sleep(rule.delay)
        if rule.drop == "before":
            await exchange.drop()
        response = await self._work(visit) if rule.status is None else _ordered(rule)
        if rule.drop == "after":
            await exchange.drop()
        await self._send(exchange, response)

    async def _send(self, exchange: Exchange, response: Response) -> None:
        await exchange.drain()
        await response(exchange.scope, exchange.receive, exchange.send)

    async def _work(self, visit: Visit) -> Response:
        try:
            if isinstance(visit.asked, ServiceError):
                raise visit.asked
            found, call = visit.asked
            visit.surface.admit(call)
            return await found.handler(call)
        except ServiceError as error:
            refusal = error
        except Exception:  # the server's own mistake: told to the client, shown to its owner
            traceback.print_exc(file=sys.stderr)
            refusal = ServiceError(500, "InternalServerError", "mock_server failed; its standard error says where.")
        return visit.surface.refuse(refusal, visit.request_id, self.world.wall())

    def _write_down(self, visit: Visit, exchange: Exchange, began: entry.Beginning) -> None:
        end = entry.Moment(self.world.wall(), self.world.now(visit.workspace))
        self.world.journal.write(
            entry.entry(visit.request, exchange, began, end, operation=visit.operation, workspace=visit.workspace)
        )


def _surface(request: Request, query: Mapping[str, str]) -> Surface:
    first = request.scope["path"].split("/")[1].lower() if "/" in request.scope["path"] else ""
    if first == "_mock":
        return admin.SURFACE
    if ".blob." in first or ".blob." in request.headers.get("host", ""):
        return blob.SURFACE
    if first in PREFIXES:
        return PREFIXES[first]
    storage = first.startswith(CONTAINER_PREFIX) or STORAGE_MARKS & query.keys() or "x-ms-version" in request.headers
    return blob.SURFACE if storage else management.SURFACE


def _host(request: Request) -> str:
    host = request.headers.get("host", "")
    if not HOST.match(host):
        raise ServiceError(
            400, "InvalidHost", "The Host header must name this server: the answers' addresses are built from it."
        )
    return host


def _ordered(rule: Rule) -> Response:
    is_text = isinstance(rule.body, str)
    content = rule.body if is_text else b"" if rule.body is None else dump(rule.body)
    kind = "text/html" if is_text and str(rule.body).lstrip().startswith("<") else "application/json"
    return Response(
        content, rule.status or 200, {"content-type": kind, **{k.lower(): v for k, v in rule.headers.items()}}
    )
