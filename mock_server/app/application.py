"""The ASGI application: dispatches each request to its surface, applies fault rules and records it in the journal."""

import asyncio
import sys
import traceback
from collections.abc import Mapping
from typing import TextIO

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_server.app import dispatch, endless_waits, fault_effects, poll_clock
from mock_server.app.dispatch import DispatchedRequest
from mock_server.app.webhook_deliveries import WebhookDeliveries
from mock_server.core.errors import ServiceError
from mock_server.faults.rule import Rule
from mock_server.http import journal_entry, origin_check, request_log
from mock_server.http.connections import Connections
from mock_server.http.exchange import Dropped, Exchange
from mock_server.state.world import World
from mock_server.surfaces import admin

BAD_REQUEST = 400
FOUNDRY = "foundry"


class Application:
    """The server's entry point: holds the cross-cutting code so that surfaces need none."""

    def __init__(self, world: World, connections: Connections | None = None, log: TextIO | None = None) -> None:
        self.world = world
        self._connections = connections
        self._log = log
        self._webhooks = WebhookDeliveries(world)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"this server supports only HTTP; got {scope['type']!r}")
        exchange = Exchange(scope, receive, send, self._connections)
        dispatched = dispatch.dispatch(self.world, Request(scope, exchange.receive))
        if dispatched.surface is admin.SURFACE:
            self._log_request(exchange, dispatched, None)
            await self._send(exchange, await self._handle(dispatched))
            exchange.end()
            self._webhooks.wake()
            return
        picked = self.world.faults.match(scope["method"], dispatched.target, dispatched.operation, dispatched.workspace)
        number, rule = picked or (None, None)
        self._log_request(exchange, dispatched, number)
        started = journal_entry.RequestStart(
            self.world.wall(), self.world.now(dispatched.workspace), number, self.world.journal.generation
        )
        dispatched = dispatched.with_fault(rule)
        exchange.on_end.append(lambda: self._record(dispatched, exchange, started))
        exchange.extra_headers = journal_entry.azure_headers(
            dispatched.surface.name, dispatched.request, dispatched.request_id
        )
        try:
            await self._respond(dispatched, exchange)
        except Dropped:
            exchange.status = None
        finally:
            exchange.end()
            if dispatched.surface.name == FOUNDRY:
                self._webhooks.wake()

    def _log_request(self, exchange: Exchange, dispatched: DispatchedRequest, fault: int | None) -> None:
        if self._log is not None:
            request_log.log_at_end(self._log, exchange, exchange.scope, dispatched.operation, fault)

    async def _respond(self, dispatched: DispatchedRequest, exchange: Exchange) -> None:
        rule = dispatched.rule
        response: Response
        if rule is None:
            response = await self._handle(dispatched)
        elif rule.drop and (endless := endless_waits.error_for_poll(self.world, dispatched, None)) is not None:
            response = self._error_response(dispatched, endless)
        else:
            exchange.apply_rule(rule)
            await asyncio.sleep(rule.delay)
            if rule.drop == "before":
                await exchange.drop()
            response = await self._response_by_rule(dispatched, rule)
            if rule.drop == "after":
                await exchange.drop()
        if rule is None or not rule.drop:
            endless = endless_waits.error_for_poll(self.world, dispatched, response)
            response = response if endless is None else self._error_response(dispatched, endless)
        self._advance_on_poll(dispatched, exchange, response)
        await self._send(exchange, response)

    async def _response_by_rule(self, dispatched: DispatchedRequest, rule: Rule) -> Response:
        if rule.status is None:
            return await self._handle(dispatched)
        if rule.carried_out:
            await self._handle(dispatched)
        return fault_effects.canned_response(rule, self.world.wall())

    def _advance_on_poll(self, dispatched: DispatchedRequest, exchange: Exchange, response: Response) -> None:
        """If the response makes the client poll again, advance the clock by that wait once the response is sent."""
        step = self.world.clocks.step(dispatched.workspace)
        if step and poll_clock.is_unfinished(dispatched.operation, response):
            seconds = poll_clock.seconds_to_advance(step, response)
            exchange.on_end.append(lambda: self.world.clocks.advance_shared(dispatched.workspace, seconds))

    async def _send(self, exchange: Exchange, response: Response) -> None:
        await exchange.drain()
        await response(exchange.scope, exchange.receive, exchange.send)

    async def _handle(self, dispatched: DispatchedRequest) -> Response:
        try:
            if isinstance(dispatched.resolved, ServiceError):
                if dispatched.resolved.status != BAD_REQUEST:  # status 400 means that the Host header is invalid
                    headers = dispatched.request.headers
                    self._check_origin(headers, headers.get("host", ""), dispatched.request.method)
                raise dispatched.resolved
            match, call = dispatched.resolved
            if dispatched.rule is not None and dispatched.rule.expired:
                raise fault_effects.expired_token()
            self._check_origin(call.headers, call.host, call.request.method)
            dispatched.surface.authorize(call)
            response = await match.handler(call)
            dispatched.handler_statuses.append(response.status_code)
            return fault_effects.apply(call, dispatched.rule, response)
        except ServiceError as error:
            failure = error
        except Exception:  # a bug in the server: reported to the client, traceback on stderr
            traceback.print_exc(file=sys.stderr)
            failure = ServiceError(
                500, "InternalServerError", "Internal error in mock_server; see its standard error for the traceback."
            )
        dispatched.handler_statuses.append(failure.status)
        dispatched.error_codes.append(failure.code)
        response = self._error_response(dispatched, failure)
        return fault_effects.with_rule_headers(dispatched.rule, response, self.world.wall())

    def _error_response(self, dispatched: DispatchedRequest, error: ServiceError) -> Response:
        return dispatched.surface.error_response(error, dispatched.request_id, self.world.wall())

    def _check_origin(self, headers: Mapping[str, str], host: str, method: str) -> None:
        """Reject a request sent by another site's page; with an admin token the server may have any host name."""
        origin_check.check(headers, host, method, any_host=self.world.options.admin_token is not None)

    def _record(self, dispatched: DispatchedRequest, exchange: Exchange, started: journal_entry.RequestStart) -> None:
        end = journal_entry.Timestamps(self.world.wall(), self.world.now(dispatched.workspace))
        resolved = journal_entry.RequestOutcome(
            dispatched.surface.name,
            dispatched.operation,
            dispatched.workspace,
            dispatched.handler_statuses[0] if dispatched.handler_statuses else None,
            dispatched.error_codes[0] if dispatched.error_codes else None,
            fault_effects.foreign_origin(dispatched.rule, dispatched.request.headers.get("host", "")),
        )
        self.world.journal.write(
            journal_entry.build_entry(dispatched.request, exchange, resolved, started, end), started.generation
        )
