"""The ASGI application: every request finds its surface, meets the faults in force and ends in the journal."""

import asyncio
import sys
import traceback
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_server.app import dispatch as visit, fault_effects as troubles, poll_clock as polls
from mock_server.app.dispatch import Visit
from mock_server.core.errors import ServiceError
from mock_server.http import journal_entry as entry, origin_check as visitors
from mock_server.http.connections import Connections
from mock_server.http.exchange import Dropped, Exchange
from mock_server.state.world import World
from mock_server.surfaces import admin

BAD_REQUEST = 400


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
        came = visit.receive(self.world, Request(scope, exchange.receive))
        if came.surface is admin.SURFACE:
            await self._send(exchange, await self._work(came))
            return
        struck = self.world.faults.pick(scope["method"], came.target, came.operation, came.workspace)
        number, rule = struck or (None, None)
        began = entry.Beginning(self.world.wall(), self.world.now(came.workspace), number, self.world.journal.life)
        came = came.struck_by(rule)
        exchange.at_end.append(lambda: self._write_down(came, exchange, began))
        exchange.added = entry.stamps(came.surface.name, came.request, came.request_id)
        try:
            await self._answer(came, exchange)
        except Dropped:
            exchange.status = None
        finally:
            exchange.end()

    async def _answer(self, came: Visit, exchange: Exchange) -> None:
        rule = came.rule
        if rule is None:
            response = await self._work(came)
        else:
            exchange.obey(rule)
            await asyncio.sleep(rule.delay)
            if rule.drop == "before":
                await exchange.drop()
            response = await self._work(came) if rule.status is None else troubles.ordered(rule, self.world.wall())
            if rule.drop == "after":
                await exchange.drop()
        self._let_pass(came, exchange, response)
        await self._send(exchange, response)

    def _let_pass(self, came: Visit, exchange: Exchange, response: Response) -> None:
        """If the answer makes the client ask again, let the time pass that it would wait, once it has the answer."""
        step = self.world.clocks.step(came.workspace)
        if step and polls.unfinished(came.operation, response):
            seconds = polls.waited(step, response)
            exchange.at_end.append(lambda: self.world.clocks.pass_by(came.workspace, seconds))

    async def _send(self, exchange: Exchange, response: Response) -> None:
        await exchange.drain()
        await response(exchange.scope, exchange.receive, exchange.send)

    async def _work(self, came: Visit) -> Response:
        try:
            if isinstance(came.asked, ServiceError):
                if came.asked.status != BAD_REQUEST:  # that is for a Host header that names nothing
                    headers = came.request.headers
                    self._refuse_pages(headers, headers.get("host", ""), came.request.method)
                raise came.asked
            found, call = came.asked
            if came.rule is not None and came.rule.expired:
                raise troubles.expired_token()
            self._refuse_pages(call.headers, call.host, call.request.method)
            came.surface.admit(call)
            response = await found.handler(call)
            came.worked.append(response.status_code)
            return troubles.follow(call, came.rule, response)
        except ServiceError as error:
            refusal = error
        except Exception:  # the server's own mistake: told to the client, shown to its owner
            traceback.print_exc(file=sys.stderr)
            refusal = ServiceError(500, "InternalServerError", "mock_server failed; its standard error says where.")
        came.worked.append(refusal.status)
        response = came.surface.refuse(refusal, came.request_id, self.world.wall())
        return troubles.headed(came.rule, response, self.world.wall())

    def _refuse_pages(self, headers: Mapping[str, str], host: str, method: str) -> None:
        """Raise the refusal of a request that another site's page sent; with a token the server may have any name."""
        visitors.check(headers, host, method, anywhere=self.world.options.admin_token is not None)

    def _write_down(self, came: Visit, exchange: Exchange, began: entry.Beginning) -> None:
        end = entry.Moment(self.world.wall(), self.world.now(came.workspace))
        asked = entry.Asked(
            came.surface.name,
            came.operation,
            came.workspace,
            came.worked[0] if came.worked else None,
            troubles.foreign(came.rule, came.request.headers.get("host", "")),
        )
        self.world.journal.write(entry.entry(came.request, exchange, asked, began, end), began.life)
