"""Conversation with an endpoint: a whole answer, or its pieces as they are written."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from .arm import Arm
from .blocking import Blocking, blocking
from .catalog import find
from .documents import is_object, part, text
from .endpoint import Endpoint
from .endpoints import AsyncEndpoints
from .errors import ReplyLost, StreamInterrupted, UnexpectedReply, UnknownModel
from .failures import name_of
from .messages import Request
from .scoring import Chunk, Completion, Messages, chat_request, read_chunk, read_completion
from .signing import EndpointKey, Signer
from .sse import Decoder, EventTooLarge
from .trust import Audience
from .wire import Incoming

END = "[DONE]"


class AsyncChat:
    """Conversation with serverless endpoints."""

    def __init__(self, arm: Arm, endpoints: AsyncEndpoints) -> None:
        self._arm, self._endpoints = arm, endpoints
        self._known: dict[str, tuple[str, Signer, bool]] = {}

    async def complete(
        self,
        endpoint: str | Endpoint,
        messages: Messages,
        *,
        system: str | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        stop: str | Sequence[str] | None = None,
        seed: int | None = None,
        merge_system: bool | None = None,
        key: str | None = None,
        timeout: float = 120.0,
    ) -> Completion:
        """Ask an endpoint and return its whole answer.

        Args:
            endpoint: its name, or the endpoint itself.
            messages: one user turn as text, or the conversation as messages with `role` and `content`.
            system: a system message to put first. Phi-3-medium's template has no system role: see `merge_system`.
            max_tokens: the longest answer, in tokens.
            temperature: 0 for the most likely answer, more for more variety.
            top_p: the share of likelihood to draw from.
            stop: where to stop.
            seed: for answers that can be repeated.
            merge_system: put a single system message at the head of the first user turn, as `datasets.fix` does in
                training data. By default where the endpoint serves a base model whose template has no system role; of
                a fine-tuned model the endpoint does not tell the base.
            key: the endpoint's key, where this identity may not list it.
            timeout: seconds to wait for bytes.

        Returns:
            The answer, with its token counts.

        Raises:
            NotFound: there is no such endpoint.
            InvalidInput, ServiceError, TransportError: see `maas_client.errors`.
        """
        url, signer, merges = await self._reach(endpoint, key)
        options = _options(max_tokens, temperature, top_p, stop, seed)
        merge = merges if merge_system is None else merge_system
        request = chat_request(url, messages, system=system, merge=merge, options=options, timeout=timeout)
        reply = await self._arm.channel.send(request, audience=Audience.SCORING, signer=signer)
        return read_completion(request, reply)

    async def stream(
        self,
        endpoint: str | Endpoint,
        messages: Messages,
        *,
        system: str | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        stop: str | Sequence[str] | None = None,
        seed: int | None = None,
        merge_system: bool | None = None,
        key: str | None = None,
        timeout: float = 120.0,
    ) -> AsyncIterator[Chunk]:
        """Ask an endpoint and yield its answer piece by piece, as the model writes it.

        Arguments are those of `complete`. Leaving the loop early hangs up. Raises StreamInterrupted, with the text so
        far, when the answer ends before the service has said that it is complete.
        """
        url, signer, merges = await self._reach(endpoint, key)
        options = _options(max_tokens, temperature, top_p, stop, seed)
        merge = merges if merge_system is None else merge_system
        request = chat_request(url, messages, system=system, merge=merge, stream=True, options=options, timeout=timeout)
        async with self._arm.channel.open(request, audience=Audience.SCORING, signer=signer) as incoming:
            await _expect_events(request, incoming)
            said: list[str] = []
            try:
                async for data in _events(incoming):
                    if data == END:
                        return
                    chunk = _chunk(data, said)
                    said.append(chunk.text)
                    yield chunk
            except (ReplyLost, EventTooLarge) as error:
                raise StreamInterrupted(str(error), "".join(said)) from None
            raise StreamInterrupted("the connection was closed", "".join(said))

    async def _reach(self, endpoint: str | Endpoint, key: str | None) -> tuple[str, Signer, bool]:
        """The scoring URL, the authorization, and whether the model lacks a system role; found once per endpoint."""
        name = endpoint.name if isinstance(endpoint, Endpoint) else endpoint
        if name not in self._known:
            found = endpoint if isinstance(endpoint, Endpoint) else await self._endpoints.get(name)
            if not found.scoring_url:
                found = await self._endpoints.get(name)
            if not found.scoring_url:
                raise UnexpectedReply(
                    f"chat with {name!r}",
                    status=200,
                    detail=f"the endpoint has no scoring URL yet ({found.provisioning_state})",
                    hint=f"Wait for it: endpoints.wait({name!r})",
                )
            self._known[name] = found.scoring_url, self._endpoints.signer(found), _lacks_system_role(found)
        url, signer, merges = self._known[name]
        return url, EndpointKey(key) if key else signer, merges


class Chat(Blocking[AsyncChat]):
    """Conversation with serverless endpoints."""

    complete = blocking(AsyncChat.complete)
    stream = blocking(AsyncChat.stream)


def _lacks_system_role(endpoint: Endpoint) -> bool:
    """Say whether an endpoint is known to serve a base model whose template has no system role."""
    try:
        return not find(endpoint.model_id).template.renders("system")
    except UnknownModel:  # a fine-tuned model, or one that the catalogue does not know
        return False


def _options(
    max_tokens: int | None,
    temperature: float | None,
    top_p: float | None,
    stop: str | Sequence[str] | None,
    seed: int | None,
) -> dict[str, object]:
    return {"max_tokens": max_tokens, "temperature": temperature, "top_p": top_p, "stop": stop, "seed": seed}


async def _expect_events(request: Request, incoming: Incoming) -> None:
    """Raise UnexpectedReply for an answer that is no event stream, such as a proxy's page."""
    kind = incoming.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "text/event-stream":
        raise UnexpectedReply(
            name_of(request),
            status=incoming.status,
            detail=f"the answer is {kind or 'of no type'} and no event stream",
            body=await incoming.read(1 << 16),
        )


async def _events(incoming: Incoming) -> AsyncIterator[str]:
    decoder = Decoder()
    async for received in incoming.chunks:
        for data in decoder.feed(received):
            yield data


def _chunk(data: str, said: list[str]) -> Chunk:
    """Read one event; what is no JSON object, or reports an error, ends the answer."""
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if not is_object(document):
        raise StreamInterrupted("an event is no JSON object", "".join(said))
    if error := part(document, "error"):
        raise StreamInterrupted(text(error, "message") or "the service reported an error", "".join(said))
    return read_chunk(document)
