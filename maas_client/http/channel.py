"""Sending one request safely: trusted host, authorization, retries, and typed errors."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from functools import partial
from urllib.parse import unquote, urlsplit

from tenacity import RetryCallState

from ..core.errors import InvalidInput, TransportError
from ..core.http_messages import Reply, Request
from ..core.url_paths import has_dot_segments
from ..wire import Incoming, Wire, target_of
from .auth import Signer
from .client_options import ClientOptions
from .error_responses import error_from, request_name, with_budget_note
from .request_report import RequestReport
from .retry import DEFAULT, RETRY, RetryPolicy, may_follow_renewal, may_repeat, outcome_of
from .retry_budget import BLOCKS, RetryBudget, cost_of
from .telemetry import request_span
from .trusted_hosts import Audience, Trust

Transport = Callable[[Request], Awaitable[Reply]]
OnAttempt = Callable[[int], object]

NO_OPTIONS = ClientOptions()


class Channel:
    """Sends the requests of all resources of one client, which share a retry budget."""

    def __init__(self, wire: Wire, trust: Trust, options: ClientOptions = NO_OPTIONS) -> None:
        self.wire, self.trust, self.options = wire, trust, options
        self.budget, self._blocks = RetryBudget(wire), RetryBudget(wire, BLOCKS)

    def with_options(self, options: ClientOptions) -> Channel:
        """Return a channel with other options, which shares connections and retry budgets."""
        view = copy(self)
        view.options = options
        return view

    def over(self, wire: Wire) -> Channel:
        """Return a channel that sends over another wire, and shares the retry budgets."""
        view = copy(self)
        view.wire = wire
        return view

    async def send(
        self,
        request: Request,
        *,
        audience: Audience,
        signer: Signer,
        accept: Collection[int] = (),
        on_attempt: OnAttempt | None = None,
        policy: RetryPolicy = DEFAULT,
    ) -> Reply:
        """Send a request, retry it where that is safe and within the budget, and return a successful response.

        A response whose status is in `accept` is returned too. After a 401 the authorization is renewed once.
        `on_attempt` is called with the status of every attempt, 0 for one without a response; such callers have a
        retry budget of their own (see BLOCKS). Raises UntrustedHost before anything is sent, else TransportError or
        ServiceError.
        """
        request = self._checked(request, audience, signer)
        if on_attempt is None:
            return await self._send_with_retries(request, signer, self.wire.send, self.budget, policy, accept)
        return await self._send_with_retries(
            request, signer, _reporting(self.wire.send, on_attempt), self._blocks, policy, accept
        )

    @asynccontextmanager
    async def open(self, request: Request, *, audience: Audience, signer: Signer) -> AsyncGenerator[Incoming]:
        """Send a request and read its response while it arrives; raises as `send` does, until the response begins."""
        request = self._checked(request, audience, signer)
        async with AsyncExitStack() as stack:
            arriving: list[Incoming] = []

            async def transport(signed: Request) -> Reply:
                attempt = await stack.enter_async_context(AsyncExitStack())
                incoming = await attempt.enter_async_context(self.wire.open(signed))
                if 200 <= incoming.status < 300:
                    arriving.append(incoming)
                    return Reply(incoming.status, incoming.headers, b"", self.wire.now())
                body = await incoming.read()
                await attempt.aclose()
                return Reply(incoming.status, incoming.headers, body, self.wire.now())

            await self._send_with_retries(request, signer, transport, self.budget)
            yield arriving[-1]

    def _checked(self, request: Request, audience: Audience, signer: Signer) -> Request:
        self.trust.check(request.url, audience, any_port=signer.any_port)
        check_target(request)
        return self.options.applied(request, str(uuid.uuid4()))

    async def _send_with_retries(
        self,
        request: Request,
        signer: Signer,
        transport: Transport,
        budget: RetryBudget,
        policy: RetryPolicy = DEFAULT,
        accept: Collection[int] = (),
    ) -> Reply:
        """Send until a successful response, or until a retry would be useless, unsafe, or beyond the budget."""
        costs: list[int] = []
        signed, renewed, spent, attempts = request, False, False, 0
        policy = self.options.policy_of(policy, request)
        report = RequestReport(request, self.options.hooks, self.wire.clock)

        async def once() -> Reply:
            nonlocal signed, attempts
            attempts += 1
            signed = await signer.sign(request)
            return await report.attempt(partial(transport, signed), attempts)

        async def again(state: RetryCallState) -> bool:
            nonlocal renewed, spent
            outcome, sent = outcome_of(state), state.attempt_number
            if outcome is None or _is_accepted(outcome, accept):
                return False
            if isinstance(outcome, Reply) and outcome.status == 401 and not renewed:
                renewed = True  # even where it may not be sent again: the next call has the fresh authorization
                fresh = await signer.renew(signed, outcome)
                wanted = fresh and may_follow_renewal(outcome, sent=sent, policy=policy)
            else:
                wanted = may_repeat(request, outcome, sent=sent, policy=policy)
            if not wanted:
                return False
            costs.append(cost_of(outcome))
            spent = not await budget.take(costs[-1])
            return not spent

        with request_span(request) as span:

            def report_retry(state: RetryCallState) -> None:
                outcome, pause = outcome_of(state), state.next_action.sleep if state.next_action else 0.0
                if outcome is not None:
                    span.retries(state.attempt_number, report.retry(outcome, state.attempt_number, pause), pause)

            retrying = RETRY.copy(sleep=self.wire.sleep, retry=again, before_sleep=report_retry)
            try:
                reply: Reply = await retrying(once)
            except TransportError as error:
                if spent:
                    raise with_budget_note(error) from None
                raise
            span.answered(reply)
            if not _is_accepted(reply, accept):
                refused = error_from(request, reply)
                raise with_budget_note(refused) if spent else refused
            await budget.give_back(costs)
            return reply


def check_target(request: Request) -> None:
    """Raise InvalidInput for a request that would be sent to another host or path than its URL names.

    httpx resolves `.` and `..`, and may parse a URL differently from the check of its host.
    """
    try:
        meant = urlsplit(request.url)
        scheme, host, port, path = target_of(request.url)
        is_same = (scheme, host, unquote(path)) == (meant.scheme, meant.hostname, unquote(meant.path or "/"))
        is_same = is_same and port in {meant.port, None} and not has_dot_segments(request.url)
    except ValueError:
        is_same = False
    if not is_same:
        raise InvalidInput(f"{request_name(request)}: the request would be sent to another address; nothing was sent")


def _is_accepted(outcome: Reply | TransportError, accept: Collection[int]) -> bool:
    """Return whether an outcome is a success, or accepted by the caller."""
    return isinstance(outcome, Reply) and (outcome.is_success or outcome.status in accept)


def _reporting(transport: Transport, on_attempt: OnAttempt) -> Transport:
    """Report the outcome of each attempt."""

    async def carried(request: Request) -> Reply:
        try:
            reply = await transport(request)
        except TransportError:
            on_attempt(0)
            raise
        on_attempt(reply.status)
        return reply

    return carried
