"""Model endpoints: chat in OpenAI's format, whole and streamed."""

import uuid
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from mock_server.core.bearer_tokens import check_bearer
from mock_server.core.errors import ServiceError, inference_body
from mock_server.core.json_values import Json, child, dump, is_array, is_object, text
from mock_server.core.sas_and_shared_key import equal_in_constant_time
from mock_server.core.scope import Scope
from mock_server.http.routing import Call, json_response, route, routed_surface
from mock_server.resources import chat_requests, deployments, references, trained_answers
from mock_server.resources.deployments import Endpoint
from mock_server.training import base_models
from mock_server.training.dataset_rows import content_text
from mock_server.training.structured_answer import shaped
from mock_server.training.tuned_model import Answer, split_words, truncate_answer

UNKNOWN_CONTEXT = 131_072  # tokens, of a model that is not in the registry
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def chat(call: Call) -> Response:
    """Complete a conversation."""
    sent = await call.json()
    endpoint = _ready_endpoint(call)
    body = chat_requests.accepted(sent, call.headers.get(chat_requests.EXTRA_PARAMETERS, ""))
    messages: list[Json] = body["messages"]
    max_tokens = body.get("max_tokens") or body.get("max_completion_tokens")
    chat_requests.check_length(messages, max_tokens, context=_context(call, endpoint))
    prompt = next(
        (content_text(message.get("content")) for message in reversed(messages) if message["role"] == "user"), ""
    )
    name, examples = _model(call, endpoint)
    message = trained_answers.answer(call.world, name, examples, prompt)
    message = shaped(message, body, messages, prompt)
    all_text = "\n".join(content_text(message.get("content")) for message in messages)
    answer = truncate_answer(message, max_tokens, all_text)
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(call.world.wall()), "model": name}
    if body.get("stream"):
        with_usage = child(body, "stream_options").get("include_usage") is True
        events = _events(head, answer, with_usage=with_usage)
        return StreamingResponse(events, 200, HEADERS, "text/event-stream; charset=utf-8")
    choice = {"index": 0, "message": answer.message, "finish_reason": answer.finish_reason, "logprobs": None}
    return json_response({**head, "object": "chat.completion", "choices": [choice], "usage": _usage(answer)})


async def info(call: Call) -> Response:
    """Return which model an endpoint serves."""
    name = _model(call, _ready_endpoint(call))[0]
    return json_response({"model_name": name, "model_type": "chat-completion", "model_provider_name": "Microsoft"})


async def list_models(call: Call) -> Response:
    """Return the endpoint's only model, in OpenAI's list format."""
    name = _model(call, _ready_endpoint(call))[0]
    model = {"id": name, "object": "model", "created": 0, "owned_by": "mock_server"}
    return json_response({"object": "list", "data": [model]})


async def _events(head: Json, answer: Answer, *, with_usage: bool) -> AsyncIterator[bytes]:
    chunk = {**head, "object": "chat.completion.chunk"} | ({"usage": None} if with_usage else {})
    content = answer.message.get("content")
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in split_words(content if isinstance(content, str) else "")]
    calls: object = answer.message.get("tool_calls")
    if is_array(calls):
        indexed = [{"index": index, **item} for index, item in enumerate(calls) if is_object(item)]
        deltas.append({"tool_calls": indexed})
    for delta in deltas:
        yield _event({**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _event({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish_reason}]})
    if with_usage:
        yield _event({**chunk, "choices": [], "usage": _usage(answer)})
    yield b"data: [DONE]\n\n"


def _event(value: Json) -> bytes:
    return f"data: {dump(value)}\n\n".encode()


def _usage(answer: Answer) -> Json:
    prompt, completion = answer.prompt_tokens, answer.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _ready_endpoint(call: Call) -> Endpoint:
    """Return the endpoint in the path; rejects a missing or unready one, and a wrong key."""
    endpoint = deployments.find_by_name(call.world, call.params["endpoint"])
    if endpoint is None:
        raise ServiceError(
            404, "DeploymentNotFound", f"The endpoint {call.params['endpoint'][:80]!r} does not exist or was deleted."
        )
    _check_key(call, endpoint)
    if endpoint.state == "Creating":
        raise ServiceError(
            503, "DeploymentNotReady", f"The endpoint {endpoint.name} is being created. Try again when it is Online."
        )
    if endpoint.state == "CreationFailed":
        message = f"The creation of endpoint {endpoint.name} failed: {endpoint.failure} Delete it and create it again."
        raise ServiceError(404, "DeploymentNotFound", message)
    if endpoint.unready_status is not None:
        deployments.count_refusal(call.world, endpoint)
        message = f"The deployment of endpoint {endpoint.name} is not ready yet. Try again in a moment."
        raise ServiceError(endpoint.unready_status, "DeploymentNotReady", message)
    if endpoint.state == "Deleting":
        raise ServiceError(404, "DeploymentNotFound", f"The endpoint {endpoint.name} is being deleted.")
    return endpoint


def _check_key(call: Call, endpoint: Endpoint) -> None:
    header = call.headers.get("authorization", "")
    offered = header.removeprefix("Bearer ").strip() or call.headers.get("api-key", "")
    if any(equal_in_constant_time(offered, key) for key in endpoint.keys):
        return
    mode = text(child(endpoint.document, "properties"), "authMode", "Key")
    if mode != "Key" and offered.count(".") == 2:
        check_bearer(call.headers, call.host, call.world.wall())
        return
    raise ServiceError(
        401,
        "Unauthorized",
        "Access denied due to invalid key: send a key of this endpoint, or a token if its authMode takes one.",
    )


def _model(call: Call, endpoint: Endpoint) -> tuple[str, str | None]:
    """Return the name to report, and the key of a tuned model's examples."""
    reference = references.parse_model(Scope("", "", ""), endpoint.model_id)
    if reference is None:
        return endpoint.model_id, None
    if reference.guid is None:
        base = base_models.find(reference.name)
        return (base.name if base else reference.name), None
    document = call.world.store.get("model", reference.guid, f"{reference.name}:{reference.version}") or {}
    return f"{reference.name}:{reference.version}", text(document, "examples")


def _context(call: Call, endpoint: Endpoint) -> int:
    """Return the context length of the model behind an endpoint, in tokens; that of a tuned model is its base's."""
    reference = references.parse_model(Scope("", "", ""), endpoint.model_id)
    model = None if reference is None else references.find_base_model(call.world, reference)
    return UNKNOWN_CONTEXT if model is None else model.context


def authorize(call: Call) -> None:
    """Accept every request: the handler checks the key once it has found the endpoint."""
    del call


def error_response(error: ServiceError, request_id: str, now: float) -> Response:
    """Report an error in OpenAI's format; for extra parameters as the service does."""
    del request_id, now
    body = {"detail": error.message} if error.code == chat_requests.EXTRA_REFUSED else inference_body(error)
    return json_response(body, error.status, error.headers)


SURFACE = routed_surface(
    "inference",
    (
        route("chat.complete", "POST", "/maas/{endpoint}/v1/chat/completions", chat),
        route("chat.complete", "POST", "/maas/{endpoint}/chat/completions", chat),
        route("chat.info", "GET", "/maas/{endpoint}/info", info),
        route("chat.models", "GET", "/maas/{endpoint}/v1/models", list_models),
        route("chat.models", "GET", "/maas/{endpoint}/models", list_models),
    ),
    authorize,
    error_response,
)
