"""A wire that changes answers on their way, as a service does that is not as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from maas_client.contract.match import match
from maas_client.core.http_messages import Reply, Request
from maas_client.wire import Wire

Change = Callable[[Reply], Reply]


class ChangingWire:
    """A wire around another one; `changes` are by operation, and what they return is what the client gets.

    `before` is called with the operation before each request, such as to let time pass.
    """

    def __init__(
        self, wire: Wire, changes: dict[str, Change], before: Callable[[str], object] = lambda _: None
    ) -> None:
        self._wire, self._changes, self._before = wire, changes, before

    async def send(self, request: Request, /) -> Reply:
        """Send a request, and change its answer."""
        found = match(request.method, request.url)
        operation = "" if found is None else found.operation.name
        self._before(operation)
        reply = await self._wire.send(request)
        change = self._changes.get(operation)
        return reply if change is None else change(reply)

    def __getattr__(self, name: str) -> Any:  # Any: the rest of the protocol, as it is
        return getattr(self._wire, name)


def changed_body(change: Callable[[Any], object]) -> Change:
    """Return a change of the JSON of successful answers, which is changed in place."""

    def apply(reply: Reply) -> Reply:
        if not reply.is_success:
            return reply
        body = json.loads(reply.body)
        change(body)
        return replace(reply, body=json.dumps(body).encode())

    return apply
