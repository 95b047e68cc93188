"""Chat with online endpoints in the form that their containers speak: OpenAI's protocol, else the scoring route."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from ..core.errors import BadRequest, InvalidInput, NotFound, ServiceError
from ..core.http_messages import MAX_JSON, Reply, Request, json_body, parse_json
from ..core.json_fields import Document, is_object
from ..http.auth import Signer
from ..http.channel import Channel, OnAttempt
from ..http.error_responses import unexpected
from ..http.retry import DEFAULT, RetryPolicy
from ..http.trusted_hosts import Audience
from ..openai_api.chat_completions import ChatDialect
from ..openai_api.score_chat import PATH, completion_of, events_of, score_body, unsupported_in
from ..wire import Incoming
from .online_endpoint import OnlineEndpoint

CHAT_PATH = "/v1/chat/completions"

PINNED = "azureml-model-deployment"
"""The header that sends a request to a deployment whatever the traffic (azure-ai-docs, how-to-safely-rollout)."""

TIMEOUT = 190.0
"""Seconds to wait for an answer, which arrives in one piece: the service ends a request after 180 s at the latest."""

# Assumption: A container without `/v1/chat/completions` answers 404 or 405, and the gateway passes that on as 424 with
#   the status in `ms-azureml-model-error-statuscode`; a 404 of the gateway's own has `deployment` in its text.
# Shown wrong by: Another status for the first chat with a model whose container has only `/score`.
# Verified by: deploy on own compute, chat on own compute
# If wrong: The chat fails instead of going to `/score`.
NO_ROUTE = frozenset({404, 405})
"""Statuses of a container that lacks the route. The gateway reports them as 424, with the status in a header."""

_EVENTS = {"content-type": "text/event-stream"}


class OnlineChat:
    """Sends chat requests to online endpoints; remembers which containers have only the scoring route."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._bases: set[str] = set()
        self._only_score: set[str] = set()

    def dialect(self, endpoint: OnlineEndpoint) -> ChatDialect:
        """Return how chat requests to an endpoint are written."""
        self._bases.add(endpoint.scoring_url.rstrip("/").removesuffix(PATH))
        headers = {PINNED: endpoint.pinned} if endpoint.pinned else {}
        return ChatDialect(ending=PATH, headers=headers, timeout=TIMEOUT)

    def serves(self, request: Request) -> bool:
        """Return whether a request is for an online endpoint."""
        return _base_of(request) in self._bases

    async def send(
        self,
        request: Request,
        signer: Signer,
        *,
        policy: RetryPolicy = DEFAULT,
        on_attempt: OnAttempt | None = None,
    ) -> Reply:
        """Send a chat request and return its response, as a chat completion whatever the container speaks."""
        if (key := _key_of(request)) not in self._only_score:
            try:
                return await self._channel.send(
                    request, audience=Audience.SCORING, signer=signer, policy=policy, on_attempt=on_attempt
                )
            except (BadRequest, NotFound) as refused:
                if not lacks_chat_route(refused):
                    raise
        reply, completion = await self._score(request, signer, policy, on_attempt)
        self._only_score.add(key)
        return replace(reply, body=json_body(completion))

    @asynccontextmanager
    async def open(self, request: Request, signer: Signer) -> AsyncGenerator[Incoming]:
        """Send a chat request and return its response as a stream of events; most containers send all at once."""
        if (key := _key_of(request)) not in self._only_score:
            async with AsyncExitStack() as stack:
                opened = self._channel.open(request, audience=Audience.SCORING, signer=signer)
                try:
                    incoming = await stack.enter_async_context(opened)
                except (BadRequest, NotFound) as refused:
                    if not lacks_chat_route(refused):
                        raise
                else:
                    yield await _as_events(request, incoming)
                    return
        _, completion = await self._score(request, signer, DEFAULT, None)
        self._only_score.add(key)
        yield _piece(completion)

    async def _score(
        self, request: Request, signer: Signer, policy: RetryPolicy, on_attempt: OnAttempt | None
    ) -> tuple[Reply, Document]:
        """Ask the scoring route; raise UnexpectedReply for an answer that is a failure under status 200."""
        asked = scoring_request(request)
        reply = await self._channel.send(
            asked, audience=Audience.SCORING, signer=signer, policy=policy, on_attempt=on_attempt
        )
        return reply, _completion(asked, reply)


def lacks_chat_route(refused: ServiceError) -> bool:
    """Return whether a chat request was refused because the container has no such route.

    A 404 of the gateway's own says that no deployment has traffic, or that there is no deployment of the name; one for
    the endpoint's keys says nothing about the container.
    """
    if CHAT_PATH not in refused.request:
        return False
    if refused.model_status is not None:
        return refused.model_status in NO_ROUTE
    return refused.status in NO_ROUTE and "deployment" not in refused.detail.lower()


def scoring_request(request: Request) -> Request:
    """Return the request to the scoring route for a chat request; raise InvalidInput for what it has no place for."""
    content = request.body if isinstance(request.body, bytes) else b"".join(request.body)
    body: object = parse_json(content)
    assert is_object(body)  # it was written by `chat_request`
    if others := unsupported_in(body):
        raise InvalidInput(
            f"the container of this endpoint has only the route {PATH}, which takes no {' or '.join(others)}; deploy "
            "the model in an image that has /v1/chat/completions to use them"
        )
    headers = {name: value for name, value in request.headers.items() if name != "extra-parameters"}
    return replace(
        request,
        url=f"{_base_of(request)}{PATH}",
        headers={**headers, "Accept": "application/json"},
        body=json_body(score_body(body)),
    )


def _completion(request: Request, reply: Reply) -> Document:
    try:
        document: object = reply.json()
    except ValueError:
        raise unexpected(request, reply, "the scoring answer is not valid JSON") from None
    found = completion_of(document)
    del document  # it may contain the key, and tracebacks may show local variables
    if isinstance(found, str):
        raise unexpected(request, reply, f"{found}; `{_logs_of(request)}` shows what it printed")
    return found


async def _as_events(request: Request, incoming: Incoming) -> Incoming:
    """Return a response as a stream of events, also where the container has answered with one document."""
    kind = incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return incoming
    reply = Reply(incoming.status, incoming.headers, await incoming.read(MAX_JSON))
    return _piece(_completion(request, reply))


def _piece(completion: Document) -> Incoming:
    async def chunks(_: bool) -> AsyncIterator[bytes]:
        yield events_of(completion)

    return Incoming(200, dict(_EVENTS), chunks)


def _base_of(request: Request) -> str:
    return request.url.removesuffix(CHAT_PATH).removesuffix(PATH)


def _key_of(request: Request) -> str:
    """Return what has one container: the endpoint, or the deployment of it that a request is pinned to."""
    return f"{_base_of(request)} {request.headers.get(PINNED, '')}"


def _logs_of(request: Request) -> str:
    """Return the command that shows the containers' logs; the host's first label is the endpoint's name."""
    host = urlsplit(request.url).hostname or ""
    return f"maas endpoints logs {host.partition('.')[0] if '.inference.' in host else 'NAME'}"
