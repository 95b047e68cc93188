"""OpenAI's Responses API for Foundry deployments: create, whole and streamed, get, delete.

Format: Azure/azure-rest-api-specs `specification/ai/data-plane/OpenAI.v1`, and openai 3.57's types of a response.
"""

import uuid
from collections.abc import AsyncIterator, Iterator, Sequence

from starlette.responses import Response, StreamingResponse

from mock_server.core.json_values import Json, dump, is_array, is_object, text
from mock_server.http.routing import Call, json_response
from mock_server.resources import foundry_chat_requests
from mock_server.resources.foundry_chat_requests import bad_request, openai_error
from mock_server.surfaces.foundry.bases import Offer, offers
from mock_server.surfaces.foundry.inference import (
    BEFORE_BREAK,
    STREAM_HEADERS,
    answer_of,
    body_of,
    is_broken,
    rate_headers,
    ready_deployment,
    refuse_by_fault,
    stream_error,
)
from mock_server.training.dataset_rows import content_text
from mock_server.training.tuned_model import Answer, split_words

KIND = "foundry-response"
ROLES = ("system", "developer", "user", "assistant")
Events = Iterator[tuple[str, Json]]


async def create(call: Call) -> Response:
    """Answer an input, and store the response unless `store` is false."""
    body = await body_of(call)
    deployment = ready_deployment(call, text(body, "model"))
    limit: object = body.get("max_output_tokens")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise bad_request("max_output_tokens must be a positive integer.", "max_output_tokens")
    if not isinstance(body.get("stream"), bool | None) or not isinstance(body.get("instructions"), str | None):
        raise bad_request("stream must be true or false, and instructions a string.")
    previous: object = body.get("previous_response_id")
    if previous is not None and (not isinstance(previous, str) or call.world.store.get(KIND, "", previous) is None):
        message = f"Previous response with id '{str(previous)[:80]}' not found."
        raise openai_error(400, "previous_response_not_found", message, param="previous_response_id")
    request = {"messages": _messages(body), "max_completion_tokens": limit, "temperature": body.get("temperature")}
    accepted = foundry_chat_requests.accepted(request, deployment.base)
    refuse_by_fault(call, deployment)
    answer = answer_of(call, deployment, accepted["messages"], accepted)
    document = _document(call, text(deployment.model, "name"), body, answer)
    if body.get("store") is not False:
        call.world.store.put(KIND, "", document["id"], document)
    headers = rate_headers(deployment)
    if body.get("stream"):
        events = _stream(document, breaks=is_broken(call))
        return StreamingResponse(events, 200, {**STREAM_HEADERS, **headers}, "text/event-stream; charset=utf-8")
    return json_response(document, headers=headers)


async def get(call: Call) -> Response:
    """Return a stored response."""
    return json_response(_find(call))


async def delete(call: Call) -> Response:
    """Delete a stored response."""
    found = _find(call)
    name = text(found, "id")
    call.world.store.delete(KIND, "", name)
    return json_response({"id": name, "object": "response", "deleted": True})


def _find(call: Call) -> Json:
    found = call.world.store.get(KIND, "", call.params["response"])
    if found is None:
        name = call.params["response"][:80]
        raise openai_error(404, "not_found", f"Response with id '{name}' not found.")
    return found


def _messages(body: Json) -> list[Json]:
    """Return an input as a conversation, with the instructions before it."""
    given: object = body.get("input")
    instructions = text(body, "instructions")
    before: list[Json] = [{"role": "system", "content": instructions}] if instructions else []
    if isinstance(given, str) and given:
        return [*before, {"role": "user", "content": given}]
    items = given if is_array(given) else []
    if not items or not all(_is_message(item) for item in items):
        raise bad_request("input must be a text, or a list of messages with a role and content.", "input")
    return [*before, *({"role": item["role"], "content": _text(item["content"])} for item in items)]


def _is_message(item: object) -> bool:
    return is_object(item) and item.get("role") in ROLES and isinstance(item.get("content"), str | list)


def _text(content: object) -> str:
    """Return the text of a message; its parts are called input_text and output_text here."""
    parts = [part for part in content if is_object(part)] if is_array(content) else []
    named = [{"type": "text", "text": text(part, "text")} for part in parts if "text" in text(part, "type")]
    return content_text(content if isinstance(content, str) else named)


def _document(call: Call, model: str, body: Json, answer: Answer) -> Json:
    is_cut = answer.finish_reason == "length"
    content = answer.message.get("content")
    part: Json = {"type": "output_text", "text": content if isinstance(content, str) else "", "annotations": []}
    message: Json = {
        "type": "message",
        "id": f"msg_{uuid.uuid4().hex}",
        "status": "incomplete" if is_cut else "completed",
        "role": "assistant",
        "content": [part],
    }
    prompt, completion = answer.prompt_tokens, answer.completion_tokens
    return {
        "id": f"resp_{uuid.uuid4().hex}",
        "object": "response",
        "created_at": int(call.world.wall()),
        "status": message["status"],
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "metadata": body["metadata"] if is_object(body.get("metadata")) else {},
        "model": model,
        "output": [message],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": body.get("store") is not False,
        "temperature": body.get("temperature") if body.get("temperature") is not None else 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": completion,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": prompt + completion,
        },
        "content_filters": foundry_chat_requests.prompt_filter_results(),
    }


async def _stream(document: Json, *, breaks: bool) -> AsyncIterator[bytes]:
    for number, (kind, members) in enumerate(_events(document)):
        if breaks and number == BEFORE_BREAK:
            yield stream_error()
            return
        event = {"type": kind, "sequence_number": number, **members}
        yield f"event: {kind}\ndata: {dump(event)}\n\n".encode()


def _events(document: Json) -> Events:
    (message,) = document["output"]
    (part,) = message["content"]
    begun: Json = {**document, "status": "in_progress", "output": [], "usage": None}
    place = {"item_id": message["id"], "output_index": 0, "content_index": 0}
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    item: Json = {**message, "status": "in_progress", "content": []}
    yield "response.output_item.added", {"output_index": 0, "item": item}
    yield "response.content_part.added", {**place, "part": {**part, "text": ""}}
    yield from _deltas(split_words(part["text"]), place)
    yield "response.output_text.done", {**place, "text": part["text"], "logprobs": []}
    yield "response.content_part.done", {**place, "part": part}
    yield "response.output_item.done", {"output_index": 0, "item": message}
    ending = "completed" if document["status"] == "completed" else "incomplete"
    yield f"response.{ending}", {"response": document}


def _deltas(pieces: Sequence[str], place: Json) -> Events:
    for piece in pieces:
        yield "response.output_text.delta", {**place, "delta": piece, "logprobs": []}


OFFERS: tuple[Offer, ...] = (
    *offers("foundry.responses.create", "POST", "/responses", create, on="ABD"),
    *offers("foundry.responses.get", "GET", "/responses/{response}", get, on="ABD"),
    *offers("foundry.responses.delete", "DELETE", "/responses/{response}", delete, on="ABD"),
)
