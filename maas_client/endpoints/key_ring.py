"""The key of one endpoint as an authorization: fetched on first use, and again after a 401."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from ..azure.signers import EndpointKey, refused_secret
from ..core.http_messages import Reply, Request
from ..core.json_fields import Document, text
from ..core.secret_text import SecretText, remember
from .endpoint import EndpointKeys


@dataclass(slots=True)
class KeyRing:
    """The authorization for one endpoint: its primary key, fetched once on first use and again after a 401."""

    fetch: Callable[[], Awaitable[EndpointKeys]]
    lock: AbstractAsyncContextManager[None]
    key: SecretText = field(default=SecretText(""), repr=False)

    @property
    def any_port(self) -> bool:
        """The key is for the service that issued it."""
        return False

    async def sign(self, request: Request) -> Request:
        """Add the key."""
        if not self.key:
            await self._replace(SecretText(""))
        return await EndpointKey(self.key).sign(request)

    async def renew(self, request: Request, reply: Reply) -> bool:  # noqa: ARG002 -- the protocol's arguments
        """Fetch the keys again, unless that has been done; return whether there is another key to try."""
        # Assumption: A serverless endpoint answers a chat with a wrong key with 401, and with no other status.
        # Shown wrong by: Another status of the chat with a key that is not the endpoint's own.
        # Verified by: chat
        # If wrong: The keys are read again after 401 only: once a key is replaced, chats with the old one fail.
        # Also in: mock_server/surfaces/inference.py
        old = refused_secret(request)
        await self._replace(old)
        return self.key != old

    async def _replace(self, old: SecretText) -> None:
        async with self.lock:
            if self.key == old:
                self.key = SecretText((await self.fetch()).primary)


def read_keys(document: Document) -> EndpointKeys:
    """Read both keys of an endpoint, and register them for redaction."""
    keys = EndpointKeys(text(document, "primaryKey"), text(document, "secondaryKey"))
    remember(keys.primary)
    remember(keys.secondary)
    return keys
