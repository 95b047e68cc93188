"""Chats with Foundry deployments, whole and streamed.

Formats: Azure/azure-rest-api-specs `specification/ai/data-plane/OpenAI.v1` and `AzureOpenAI/inference`. Errors are in
OpenAI's own shape on every base; a deployment that Resource Manager has created may not be known here for a while.
"""

import uuid
from collections.abc import AsyncIterator, Sequence

from starlette.responses import Response, StreamingResponse

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, dump, is_array, is_object, text
from mock_server.http.routing import Call, json_response
from mock_server.resources import foundry_chat_requests, foundry_deployments, trained_answers
from mock_server.resources.foundry_account import REGION
from mock_server.resources.foundry_chat_requests import bad_request, filter_results, openai_error
from mock_server.resources.foundry_deployments import Deployment
from mock_server.surfaces.foundry.bases import Offer, offers
from mock_server.training.dataset_rows import content_text
from mock_server.training.structured_answer import shaped
from mock_server.training.tuned_model import Answer, split_words, truncate_answer

STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
BEFORE_BREAK = 3  # events of a stream that a fault rule breaks


async def chat(call: Call) -> Response:
    """Complete a conversation."""
    sent = await body_of(call)
    deployment = ready_deployment(call, call.params.get("deployment") or text(sent, "model"))
    body = foundry_chat_requests.accepted(sent, deployment.base)
    refuse_by_fault(call, deployment)
    messages: list[Json] = body["messages"]
    answer = answer_of(call, deployment, messages, body)
    model = text(deployment.model, "name")
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(call.world.wall()), "model": model}
    head |= {"system_fingerprint": "fp_mock"}
    count = body.get("n") or 1
    if body.get("stream"):
        with_usage = child(body, "stream_options").get("include_usage") is True
        events = _events(head, answer, count, with_usage=with_usage, breaks=is_broken(call))
        return StreamingResponse(
            events, 200, {**STREAM_HEADERS, **rate_headers(deployment)}, "text/event-stream; charset=utf-8"
        )
    message: Json = {"refusal": None, "annotations": [], **answer.message}
    choices: list[Json] = [
        {
            "index": index,
            "message": message,
            "finish_reason": answer.finish_reason,
            "logprobs": None,
            "content_filter_results": filter_results(),
        }
        for index in range(count)
    ]
    document: Json = {
        **head,
        "object": "chat.completion",
        "choices": choices,
        "usage": _usage(answer, count),
        "prompt_filter_results": foundry_chat_requests.prompt_filter_results(),
    }
    return json_response(document, headers=rate_headers(deployment))


async def body_of(call: Call) -> Json:
    """Read the request's JSON object."""
    try:
        return await call.json()
    except ServiceError as error:
        if error.code != "InvalidRequestContent":
            raise
        raise bad_request(error.message, code="invalid_request") from error


def ready_deployment(call: Call, name: str) -> Deployment:
    """Return the deployment of this name; rejects a missing one, and one that does not answer yet."""
    if not name:
        raise bad_request("you must provide a model parameter", "model", "missing_required_parameter")
    deployment = foundry_deployments.get(call.world, name, call.now)
    refusal = "not_found" if deployment is None else deployment.refusal
    if deployment is not None and refusal is not None:
        foundry_deployments.count_refusal(call.world, deployment)
    if refusal == "not_ready" and deployment is not None:
        message = f"The deployment {deployment.name} is not ready yet. Please try again in a few minutes."
        raise openai_error(deployment.refusal_status, "DeploymentNotReady", message)
    if refusal == "not_loaded" and deployment is not None:
        message = f"Failed to load LoRA adapter of {text(deployment.model, 'name')}"
        raise openai_error(500, "InternalServerError", message)
    if deployment is None or refusal is not None:
        raise openai_error(
            404,
            "DeploymentNotFound",
            "The API deployment for this resource does not exist. If you created the deployment within the last 5 "
            "minutes, please wait a moment and try again.",
        )
    foundry_deployments.mark_used(call.world, deployment)
    return deployment


def refuse_by_fault(call: Call, deployment: Deployment) -> None:
    """Refuse a request that is valid, if a fault rule says so."""
    fault = None if call.world.fault_rule is None else call.world.fault_rule.chat
    if fault == "filtered":
        raise foundry_chat_requests.filtered_prompt()
    if fault == "throttled":
        name = text(deployment.model, "name")
        message = (
            f"Your requests to {deployment.name} for {name} in {REGION} have exceeded token rate limit. Please retry "
            "after 1 second."
        )
        headers = {"retry-after-ms": "1000", "retry-after": "1"}
        raise openai_error(429, "rate_limit_exceeded", message, kind="too_many_requests", **headers)


def is_broken(call: Call) -> bool:
    """Return whether a fault rule breaks the stream."""
    return call.world.fault_rule is not None and call.world.fault_rule.chat == "broken"


def answer_of(call: Call, deployment: Deployment, messages: Sequence[Json], body: Json) -> Answer:
    """Return what a deployment's model answers."""
    prompt = foundry_chat_requests.last_prompt(messages)
    name = text(deployment.model, "name")
    message = trained_answers.answer(call.world, name, deployment.examples, prompt)
    message = shaped(message, body, messages, prompt)
    all_text = "\n".join(content_text(message.get("content")) for message in messages)
    return truncate_answer(message, foundry_chat_requests.max_tokens(body), all_text)


def rate_headers(deployment: Deployment) -> dict[str, str]:
    """Return the headers that say what is left of the rate limits; open models have none."""
    if deployment.base is None or not deployment.base.is_openai:
        return {}
    left = {"requests": deployment.capacity, "tokens": deployment.capacity * 1000}
    return {f"x-ratelimit-remaining-{name}": str(value) for name, value in left.items()}


def stream_error() -> bytes:
    """Return the event of an error in the middle of a stream."""
    error = openai_error(500, "internal_error", "The server had an error while processing your request. Sorry about it")
    return event(error.body or {})


def event(value: Json) -> bytes:
    """Return one event of a stream."""
    return f"data: {dump(value)}\n\n".encode()


async def _events(head: Json, answer: Answer, count: int, *, with_usage: bool, breaks: bool) -> AsyncIterator[bytes]:
    for number, chunk in enumerate(_chunks(head, answer, count, with_usage=with_usage)):
        if breaks and number == BEFORE_BREAK:
            yield stream_error()
            return
        yield event(chunk)
    yield b"data: [DONE]\n\n"


def _chunks(head: Json, answer: Answer, count: int, *, with_usage: bool) -> Sequence[Json]:
    results = foundry_chat_requests.prompt_filter_results()
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": results}
    chunk = {**head, "object": "chat.completion.chunk"} | ({"usage": None} if with_usage else {})
    content = answer.message.get("content")
    deltas: list[Json] = [{"role": "assistant", "content": "", "refusal": None}]
    deltas += [{"content": piece} for piece in split_words(content if isinstance(content, str) else "")]
    calls: object = answer.message.get("tool_calls")
    if is_array(calls):
        deltas.append({"tool_calls": [{"index": at, **item} for at, item in enumerate(calls) if is_object(item)]})
    chunks: list[Json] = [first]
    for index in range(count):
        chunks += [{**chunk, "choices": [_choice(index, delta, None)]} for delta in deltas]
        chunks.append({**chunk, "choices": [_choice(index, {}, answer.finish_reason)]})
    return [*chunks, {**chunk, "choices": [], "usage": _usage(answer, count)}] if with_usage else chunks


def _choice(index: int, delta: Json, finish_reason: str | None) -> Json:
    results = filter_results() if delta.get("content") else {}
    return {"index": index, "delta": delta, "finish_reason": finish_reason, "content_filter_results": results}


def _usage(answer: Answer, count: int) -> Json:
    prompt, completion = answer.prompt_tokens, answer.completion_tokens * count
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 0},
        "completion_tokens_details": {"audio_tokens": 0, "reasoning_tokens": 0},
    }


OFFERS: tuple[Offer, ...] = (
    *offers("foundry.chat", "POST", "/chat/completions", chat, on="AB"),
    *offers("foundry.chat", "POST", "/deployments/{deployment}/chat/completions", chat, on="D"),
)
