"""Webhook endpoints of a Foundry account, below its v1 API.

learn.microsoft.com/azure/foundry/openai/how-to/webhooks: Azure's path has `/dashboard`, that of openai 3.57 has not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from ..core.errors import MaasError, NotFound, ReplyLost, ServiceError, ServiceUnavailable
from ..core.json_fields import Document
from ..core.secret_text import SecretText
from ..core.url_paths import segment
from ..http.retry import NON_IDEMPOTENT
from ..webhook_endpoints.backend import WebhookSpec
from ..webhook_endpoints.webhook_endpoint import NewWebhookEndpoint, WebhookEndpoint
from .connection import FoundryConnection

_PATH = "/dashboard/webhook_endpoints"
_SHOWN_ONCE = "signing_secret"


class FoundryWebhooks:
    """Implements WebhookBackend."""

    def __init__(self, connection: FoundryConnection) -> None:
        self._connection = connection

    async def register(self, spec: WebhookSpec) -> NewWebhookEndpoint:
        """Register a webhook endpoint, at most once, and return it with its signing secret."""
        body = {"name": spec.name, "url": spec.url, "event_types": list(spec.event_types)}
        try:
            document, _ = await self._connection.request(
                "POST", _PATH, body, base="account", policy=NON_IDEMPOTENT, secret_reply=True
            )
        except (ReplyLost, ServiceUnavailable) as doubt:
            raise await self._explained(doubt, spec) from None
        return _new(document)

    async def _explained(self, doubt: ReplyLost | ServiceError, spec: WebhookSpec) -> MaasError:
        """Return an error after which the endpoint may exist, with the endpoint if there is one like it."""
        try:
            alike = [each async for each in self.list() if (each.name, each.url) == (spec.name, spec.url)]
        except MaasError:
            return doubt
        if alike:
            names = " and ".join(each.id for each in alike)
            advice = f"delete it (`maas webhooks delete {alike[0].id}`), and register it again"
            known = f"There is a webhook endpoint with this name and URL ({names})"
            doubt.args = (f"{doubt}. {known}, whose signing secret cannot be read again: {advice}",)
        return doubt

    async def list(self) -> AsyncIterator[WebhookEndpoint]:
        """Yield the webhook endpoints; pages are fetched as they are needed."""
        # Assumption: Webhook endpoints are listed in pages like everything else.
        # Shown wrong by: A list without `data`, or with another shape.
        # Verified by: list webhooks
        # If wrong: UnexpectedReply; webhook endpoints cannot be listed.
        async for document in self._connection.pages(_PATH, base="account"):
            yield _read(document)

    async def delete(self, endpoint_id: str) -> None:
        """Delete a webhook endpoint by its id; do nothing without one."""
        try:
            await self._connection.request("DELETE", f"{_PATH}/{segment(endpoint_id)}", base="account")
        except NotFound:
            return


def _new(document: Document) -> NewWebhookEndpoint:
    """Read the answer to a registration, which alone has the secret."""
    found = document.get(_SHOWN_ONCE)
    secret = SecretText(found if isinstance(found, str) else "")
    return NewWebhookEndpoint(_read(document), secret)


def _read(document: Document) -> WebhookEndpoint:
    return WebhookEndpoint.read({name: value for name, value in document.items() if name != _SHOWN_ONCE})
