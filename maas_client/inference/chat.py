"""Chat with an endpoint: a complete answer, or a stream of its pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from ..core.arguments import TIMEOUT, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.errors import InvalidInput, ReplyLost, StreamInterrupted, UnexpectedReply
from ..core.http_messages import Request, parse_json
from ..core.json_fields import is_object
from ..core.redaction import redact
from ..core.secret_arguments import takes_secrets
from ..core.secret_text import SecretText
from ..endpoints.backend import EndpointBackend
from ..endpoints.endpoint import Endpoint
from ..http.error_responses import request_name
from ..openai_api.chat_completions import (
    ChatChunk,
    Completion,
    Messages,
    TextJoiner,
    read_chunk,
    read_completion,
    reason_of,
)
from ..openai_api.server_sent_events import Decoder, EventTooLarge
from ..openai_api.tools import tool_options
from ..wire import Incoming
from .endpoint_access import EndpointAccess

# Assumption: A streamed answer comes as `text/event-stream`, and ends with `data: [DONE]`.
# Shown wrong by: Another content type, or a stream that is closed without this event.
# Verified by: chat, chat on own compute, chat with deployment
# If wrong: StreamInterrupted after a complete answer, with its text.
END = "[DONE]"

_TOOL_OPTIONS = ("tools", "tool_choice", "response_format")

LONGEST_ANSWER = 16 << 20
"""Characters of a streamed answer. Its text is kept for the error, and a model without end would fill the memory."""


class AsyncChat:
    """Chat with serverless endpoints."""

    def __init__(self, backend: EndpointBackend) -> None:
        self._backend, self._access = backend, EndpointAccess(backend)

    @takes_secrets("key")
    @takes_numbers(timeout=TIMEOUT)
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
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        response_format: str | Mapping[str, Any] | None = None,
        model_extras: Mapping[str, Any] | None = None,
        merge_system: bool | None = None,
        key: str | SecretText | None = None,
        timeout: float | None = None,
    ) -> Completion:
        """Ask an endpoint and return its complete answer.

        Args:
            endpoint: its name, or the endpoint itself.
            messages: one user turn as text, or the conversation as messages with `role` and `content`.
            system: a system message to add first. Phi-3-medium's template has no system role: see `merge_system`.
            max_tokens: the longest answer, in tokens.
            temperature: sampling temperature from 0 to 1; 0 for the most likely answer.
            top_p: the probability mass to sample from, from 0 to 1.
            stop: strings that end the answer.
            seed: for reproducible sampling.
            tools: functions that the model may call, as in OpenAI's API; what it asks for is in `tool_calls`.
            tool_choice: `auto`, `none`, `required`, or a function that is to be called.
            response_format: `json_object`, or a dict with a `json_schema`, for an answer in JSON.
            model_extras: parameters of the model that the service does not define, such as `n`; they are sent with the
                header `extra-parameters: pass-through`, without which the service refuses them.
            merge_system: put a single system message at the head of the first user turn, as `datasets.fix` does in
                training data. By default where the endpoint serves a base model whose template has no system role; of
                a fine-tuned model the endpoint does not report the base.
            key: the endpoint's key, where this identity may not list it.
            timeout: seconds to wait for bytes; in a stream, for the next piece of the answer. Without it the client's,
                by default 120.

        Returns:
            The answer, with its token counts.

        Raises:
            NotFound: there is no such endpoint.
            InvalidInput, ServiceError, TransportError: see `maas_client.errors`.
        """
        options = _options(max_tokens, temperature, top_p, stop, seed, model_extras)
        options |= tool_options(tools, tool_choice, response_format)
        access = await self._access(endpoint, None if key is None else SecretText.of(key))
        request = access.request(messages, system=system, merge=merge_system, options=options, timeout=timeout)
        reply = await self._backend.send_chat(request, access.signer)
        return read_completion(request, reply)

    @takes_secrets("key")
    @takes_numbers(timeout=TIMEOUT)
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
        tools: Sequence[Mapping[str, Any]] | None = None,
        tool_choice: str | Mapping[str, Any] | None = None,
        response_format: str | Mapping[str, Any] | None = None,
        model_extras: Mapping[str, Any] | None = None,
        merge_system: bool | None = None,
        key: str | SecretText | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[ChatChunk]:
        """Ask an endpoint and yield its answer in chunks, as the model generates it.

        Arguments are those of `complete`. Leaving the loop early closes the connection. Raises StreamInterrupted, with
        the text so far, when the answer ends before the service has said that it is complete.
        """
        options = _options(max_tokens, temperature, top_p, stop, seed, model_extras)
        options |= tool_options(tools, tool_choice, response_format)
        access = await self._access(endpoint, None if key is None else SecretText.of(key))
        request = access.request(
            messages, system=system, merge=merge_system, stream=True, options=options, timeout=timeout
        )
        async with self._backend.open_chat(request, access.signer) as incoming:
            await _expect_events(request, incoming)
            said: list[str] = []
            size, pieces = 0, TextJoiner()
            try:
                async for data in _events(incoming, request, self._backend.wire.clock):
                    if data == END:
                        if rest := pieces.end():
                            yield ChatChunk.model_construct(text=rest)
                        return
                    chunk = _chunk(data, pieces)
                    del data  # it may repeat the key, and a traceback may show the locals of its frames
                    if isinstance(chunk, str):
                        raise StreamInterrupted(chunk, "".join(said) + pieces.end())
                    size += len(chunk.text) + sum(len(call.arguments) for call in chunk.tool_calls)
                    if size > LONGEST_ANSWER:
                        raise StreamInterrupted(f"it is longer than {LONGEST_ANSWER} characters", "".join(said))
                    said += [chunk.text] if chunk.text else []
                    yield chunk
                why = "the connection was closed"
            except (ReplyLost, EventTooLarge) as error:
                why = str(error)
            raise StreamInterrupted(why, "".join(said) + pieces.end())


class Chat(Blocking[AsyncChat]):
    """Chat with serverless endpoints."""

    complete = blocking(AsyncChat.complete)
    stream = blocking(AsyncChat.stream)


def _options(
    max_tokens: int | None,
    temperature: float | None,
    top_p: float | None,
    stop: str | Sequence[str] | None,
    seed: int | None,
    model_extras: Mapping[str, Any] | None,
) -> dict[str, object]:
    named = {"max_tokens": max_tokens, "temperature": temperature, "top_p": top_p, "stop": stop, "seed": seed}
    reserved = sorted((model_extras or {}).keys() & {*named, *_TOOL_OPTIONS, "messages", "stream"})
    if reserved:
        raise InvalidInput(f"model_extras cannot contain {', '.join(reserved)}: these are arguments of their own")
    return {**(model_extras or {}), **named}


async def _expect_events(request: Request, incoming: Incoming) -> None:
    """Raise UnexpectedReply for a response that is not an event stream, such as a proxy's page."""
    kind = redact(incoming.headers.get("content-type", ""))
    if kind.partition(";")[0].strip().lower() != "text/event-stream":
        raise UnexpectedReply(
            request_name(request),
            status=incoming.status,
            detail=f"the response is not an event stream, its content type is {kind or 'missing'}",
            body=await incoming.read(1 << 16),
        )


async def _events(incoming: Incoming, request: Request, clock: Callable[[], float]) -> AsyncIterator[str]:
    """Yield the data of each event; raise ReplyLost if bytes keep coming without an event for too long."""
    decoder, last_event = Decoder(), clock()
    async for received in incoming.chunks:
        for data in decoder.feed(received):
            yield data
            last_event = clock()
            del data  # as in `stream`
        del received
        if clock() - last_event > request.timeout:
            raise ReplyLost(request_name(request), f"no event within {request.timeout:g} s")


def _chunk(data: str, pieces: TextJoiner) -> ChatChunk | str:
    """Read one event; return the reason if it ends the answer: it is not a JSON object, or reports an error."""
    try:
        document: object = parse_json(data)
    except ValueError:
        document = None
    if not is_object(document):
        return "an event is not a JSON object"
    return reason_of(document) or read_chunk(document, pieces)
