"""What a platform offers for webhook endpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from .webhook_endpoint import NewWebhookEndpoint, WebhookEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSpec:
    """A webhook endpoint to register."""

    url: str
    event_types: tuple[str, ...]
    name: str


class WebhookBackend(Protocol):
    """The operations on webhook endpoints of one platform. Errors are those of `maas_client.errors`."""

    async def register(self, spec: WebhookSpec) -> NewWebhookEndpoint:
        """Register a webhook endpoint, at most once, and return it with its signing secret."""
        ...

    def list(self) -> AsyncIterator[WebhookEndpoint]:
        """Yield the webhook endpoints."""
        ...

    async def delete(self, endpoint_id: str) -> None:
        """Delete a webhook endpoint by its id; do nothing without one."""
        ...
