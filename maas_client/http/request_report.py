"""The account of one request for an application: its hooks' events, and a log record for each retry."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from ..core.errors import TransportError
from ..core.http_messages import Reply, Request
from ..core.redaction import redact
from ..core.text import one_line
from .events import CLIENT_REQUEST_ID, Hooks, RequestEvent, ResponseEvent, RetryEvent, shown_url

logger = logging.getLogger("maas_client")


@dataclass(frozen=True, slots=True)
class RequestReport:
    """Reports the attempts at one request to the hooks, and its retries to the log as well."""

    request: Request
    hooks: Hooks
    clock: Callable[[], float]

    async def attempt(self, send: Callable[[], Awaitable[Reply]], number: int) -> Reply:
        """Make an attempt, and report its beginning and its end."""
        if not self.hooks:
            return await send()
        began, named = self.clock(), (self.request.method, shown_url(self.request), number, self._id)
        for hook in self.hooks.get("request", ()):
            hook(RequestEvent(*named))
        try:
            reply = await send()
        except TransportError as error:
            ended = ResponseEvent(*named, 0, "", self.clock() - began, reason_of(error))
            for hook in self.hooks.get("response", ()):
                hook(ended)
            raise
        seen = ResponseEvent(*named, reply.status, request_id_of(reply), self.clock() - began)
        for hook in self.hooks.get("response", ()):
            hook(seen)
        return reply

    def retry(self, outcome: Reply | TransportError, attempt: int, pause: float) -> str:
        """Report that the request will be sent again after a pause; return the reason."""
        url, reason = shown_url(self.request), reason_of(outcome)
        logger.info("%s %s: %s; retry %d in %.2f s", self.request.method, url, reason, attempt, pause)
        status = outcome.status if isinstance(outcome, Reply) else 0
        for hook in self.hooks.get("retry", ()):
            hook(RetryEvent(self.request.method, url, attempt, self._id, status, reason, pause))
        return reason

    @property
    def _id(self) -> str:
        return self.request.headers.get(CLIENT_REQUEST_ID, "")


def reason_of(outcome: Reply | TransportError) -> str:
    """Return why an attempt failed: its status, or what happened to its connection."""
    if isinstance(outcome, TransportError):
        return one_line(redact(outcome.why))
    phrases = {status.value: status.phrase for status in HTTPStatus}
    return f"{outcome.status} {phrases.get(outcome.status, '')}".rstrip()


def request_id_of(reply: Reply) -> str:
    """Return the service's id of a request, for Azure support."""
    return one_line(redact(reply.headers.get("x-ms-request-id", "") or reply.headers.get("apim-request-id", "")))
