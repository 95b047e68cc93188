"""The name of the token limit in chats: reasoning models take `max_completion_tokens`, and refuse `max_tokens`.

Which deployments serve one follows from the base model's name (gpt-5 and the o-series, also tuned), and else from the
service's own refusal, which names the parameter to use (learn.microsoft.com/azure/foundry/openai/how-to/reasoning).
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from ..catalog.foundry_lookup import base_of_tuned, known_offer
from ..core.errors import BadRequest
from ..core.http_messages import Request, json_body, parse_json
from ..core.json_fields import is_object, text
from ..endpoints.endpoint import Endpoint
from ..openai_api.chat_completions import ChatDialect

OLD, NEW = "max_tokens", "max_completion_tokens"

# Assumption: A reasoning model answers a chat that is limited to 64 tokens, if only with an empty text.
# Shown wrong by: 400 for the chat with which the step finds out whether a deployment of such a model answers.
# Verified by: create deployment
# If wrong: `endpoints.wait` ends with the service's error although the deployment is ready.
PROBE_TOKENS = 64
"""A reasoning model thinks before it answers, and may refuse a limit that leaves it no token to answer with."""

_REASONING = re.compile(r"(?:gpt-5|o\d)(?![a-z0-9])", re.IGNORECASE)


class TokenLimits:
    """Writes the token limit of chats under the name that the deployment takes, and learns from refusals."""

    def __init__(self) -> None:
        self._learned: set[str] = set()

    def dialect(self, endpoint: Endpoint) -> ChatDialect:
        """Return how chat requests to a deployment are written."""
        parameters = {"model": endpoint.name}
        if endpoint.name in self._learned or is_reasoning(endpoint.model):
            return ChatDialect(parameters, {OLD: NEW}, extras_header=False, probe_tokens=PROBE_TOKENS)
        return ChatDialect(parameters, extras_header=False)

    def known(self, request: Request) -> Request:
        """Return a request with the limit's name that its deployment is known to take."""
        return _renamed(request, self._learned) or request

    def renamed(self, request: Request, refused: BadRequest) -> Request | None:
        """Return the request with the limit's other name if that is why it was refused, and remember it."""
        if NEW not in refused.detail or (found := _renamed(request, None)) is None:
            return None
        self._learned.add(_model_of(found))
        return found


def is_reasoning(model: str) -> bool:
    """Return whether a model, tuned or not, is known to be a reasoning model."""
    base = base_of_tuned(model) or model
    offer = known_offer(base)
    return offer.reasoning if offer is not None else _REASONING.match(base) is not None


def _renamed(request: Request, only: set[str] | None) -> Request | None:
    """Return a request with the limit's other name; None if it has no limit, or for another deployment."""
    if only is not None and not only:
        return None
    document: object = parse_json(request.body) if isinstance(request.body, bytes) else None
    if not is_object(document) or OLD not in document or (only is not None and text(document, "model") not in only):
        return None
    changed = {(NEW if name == OLD else name): value for name, value in document.items()}
    return replace(request, body=json_body(changed))


def _model_of(request: Request) -> str:
    document: object = json.loads(request.body) if isinstance(request.body, bytes) else None
    return text(document, "model")
