"""Access to an endpoint: its scoring URL, its authorization, and how chat requests to it are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..catalog.lookup import find_model
from ..core.arguments import check_text
from ..core.errors import UnexpectedReply, UnknownModel
from ..core.http_messages import Request
from ..core.secret_text import SecretText
from ..endpoints.backend import EndpointBackend
from ..endpoints.endpoint import Endpoint
from ..endpoints.online_endpoint import OnlineEndpoint
from ..http.auth import Signer
from ..openai_api.chat_completions import ChatDialect, Messages, chat_request


@dataclass(frozen=True, slots=True)
class Access:
    """How an endpoint is reached: `merges` says that its model's template has no system role."""

    url: str
    signer: Signer
    dialect: ChatDialect
    merges: bool

    def request(
        self,
        messages: Messages,
        *,
        system: str | None = None,
        merge: bool | None = None,
        stream: bool = False,
        options: Mapping[str, Any],
        timeout: float | None,
    ) -> Request:
        """Return a chat request to the endpoint; arguments are those of `chat_request`, `merge` None for its model."""
        return chat_request(
            self.url,
            messages,
            system=system,
            merge=self.merges if merge is None else merge,
            stream=stream,
            options=options,
            timeout=timeout,
            dialect=self.dialect,
        )


class EndpointAccess:
    """Finds out how to reach an endpoint, once for each."""

    def __init__(self, backend: EndpointBackend) -> None:
        self._backend = backend
        self._known: dict[tuple[str, str], Access] = {}

    async def __call__(self, endpoint: str | Endpoint, key: SecretText | None = None) -> Access:
        """Return how to reach an endpoint, with its own authorization or a key that the caller has."""
        name = endpoint.name if isinstance(endpoint, Endpoint) else endpoint
        check_text("endpoint", name)
        place = name, endpoint.pinned if isinstance(endpoint, OnlineEndpoint) else ""
        if place not in self._known:
            found = endpoint if isinstance(endpoint, Endpoint) else await self._backend.get(name)
            if not found.scoring_url:
                found = await self._backend.get(name)
            if not found.scoring_url:
                raise UnexpectedReply(
                    f"chat with {name!r}",
                    status=200,
                    detail=f"the endpoint has no scoring URL yet ({found.provisioning_state})",
                    hint=f"Wait for it: endpoints.wait({name!r})",
                )
            backend = self._backend
            self._known[place] = Access(
                found.scoring_url, backend.signer(found), backend.dialect(found), _lacks_system_role(found)
            )
        known = self._known[place]
        return replace(known, signer=self._backend.key_signer(key)) if key else known


def _lacks_system_role(endpoint: Endpoint) -> bool:
    """Return whether an endpoint is known to serve a base model whose template has no system role."""
    try:
        return not find_model(endpoint.model_id).template.renders("system")
    except UnknownModel:  # a fine-tuned model, or one that the catalogue does not know
        return False
