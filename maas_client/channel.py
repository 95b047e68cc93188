"""One request, made safe: a trusted host, an authorization, retries, and typed errors for what stays wrong."""

from __future__ import annotations

import platform
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from ._version import __version__
from .errors import TransportError
from .failures import error_from
from .messages import Reply, Request
from .policy import RETRY
from .signing import Signer
from .trust import Audience, Trust
from .wire import Incoming, Wire

USER_AGENT = f"maas-client/{__version__} Python/{platform.python_version()}"

Carry = Callable[[Request], Awaitable[Reply]]
Heed = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Channel:
    """Sends the requests of every resource of one client."""

    wire: Wire
    trust: Trust

    async def send(
        self,
        request: Request,
        *,
        audience: Audience,
        signer: Signer,
        accept: Collection[int] = (),
        heed: Heed | None = None,
    ) -> Reply:
        """Send a request, again where that is safe and may help, and return an answer that says yes.

        An answer whose status is in `accept` is returned too. After a 401 the authorization is renewed once. `heed` is
        told the status of every attempt, 0 for one without an answer.
        Raises UntrustedHost before anything is sent, else TransportError or ServiceError.
        """
        request = self._checked(request, audience)
        reply = await self._converse(request, signer, self.wire.send if heed is None else _heeded(self.wire.send, heed))
        if reply.is_success or reply.status in accept:
            return reply
        raise error_from(request, reply)

    @asynccontextmanager
    async def open(self, request: Request, *, audience: Audience, signer: Signer) -> AsyncGenerator[Incoming]:
        """Send a request whose answer is read while it arrives; raises as `send` does, until the answer begins."""
        request = self._checked(request, audience)
        async with AsyncExitStack() as stack:
            arriving: list[Incoming] = []

            async def carry(signed: Request) -> Reply:
                attempt = await stack.enter_async_context(AsyncExitStack())
                incoming = await attempt.enter_async_context(self.wire.open(signed))
                if 200 <= incoming.status < 300:
                    arriving.append(incoming)
                    return Reply(incoming.status, incoming.headers, b"", self.wire.now())
                body = await incoming.read()
                await attempt.aclose()
                return Reply(incoming.status, incoming.headers, body, self.wire.now())

            reply = await self._converse(request, signer, carry)
            if not arriving:
                raise error_from(request, reply)
            yield arriving[-1]

    def _checked(self, request: Request, audience: Audience) -> Request:
        self.trust.check(request.url, audience)
        own = {"User-Agent": USER_AGENT, "x-ms-client-request-id": str(uuid.uuid4())}
        return replace(request, headers={**own, **request.headers})

    async def _converse(self, request: Request, signer: Signer, carry: Carry) -> Reply:
        last = request

        async def once(request: Request) -> Reply:
            nonlocal last
            last = await signer.sign(request)
            return await carry(last)

        attempts = RETRY.copy(sleep=self.wire.sleep)
        reply: Reply = await attempts(once, request)
        if reply.status == 401 and await signer.renew(last, reply):
            reply = await attempts(once, request)
        return reply


def _heeded(carry: Carry, heed: Heed) -> Carry:
    """Tell somebody how each attempt ended."""

    async def carried(request: Request) -> Reply:
        try:
            reply = await carry(request)
        except TransportError:
            heed(0)
            raise
        heed(reply.status)
        return reply

    return carried
