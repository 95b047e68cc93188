"""Serverless endpoints: chat in OpenAI's format, whole and streamed."""

from collections.abc import AsyncIterator, Iterator

from starlette.responses import Response, StreamingResponse

from mock_server.core.bearer_tokens import check_bearer
from mock_server.core.errors import ServiceError, inference_body
from mock_server.core.json_values import child, text
from mock_server.core.sas_and_shared_key import equal_in_constant_time
from mock_server.http.routing import Call, json_response, route, routed_surface
from mock_server.resources import chat_completions, chat_requests, deployments
from mock_server.resources.deployments import Endpoint

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def chat(call: Call) -> Response:
    """Complete a conversation."""
    sent = await call.json()
    endpoint = _ready_endpoint(call)
    body = chat_requests.accepted(sent, call.headers.get(chat_requests.EXTRA_PARAMETERS, ""))
    model = chat_completions.served_model(call.world, endpoint.model_id)
    answer = chat_completions.complete(call.world, model, body)
    head = model.head(call.world.wall())
    if body.get("stream"):
        events = chat_completions.events(head, answer, with_usage=chat_completions.wants_usage(body))
        return StreamingResponse(_each(events), 200, HEADERS, "text/event-stream; charset=utf-8")
    return json_response(chat_completions.document(head, answer))


async def info(call: Call) -> Response:
    """Return which model an endpoint serves."""
    name = chat_completions.served_model(call.world, _ready_endpoint(call).model_id).name
    return json_response({"model_name": name, "model_type": "chat-completion", "model_provider_name": "Microsoft"})


async def list_models(call: Call) -> Response:
    """Return the endpoint's only model, in OpenAI's list format."""
    model = chat_completions.served_model(call.world, _ready_endpoint(call).model_id)
    return json_response(chat_completions.models(model))


async def _each(events: Iterator[bytes]) -> AsyncIterator[bytes]:
    for event in events:  # on the event loop: starlette would move a plain iterator to a thread
        yield event


def _ready_endpoint(call: Call) -> Endpoint:
    """Return the endpoint in the path; rejects a missing or unready one, and a wrong key."""
    endpoint = deployments.find_by_name(call.world, call.params["endpoint"])
    if endpoint is None:
        raise ServiceError(
            404, "DeploymentNotFound", f"The endpoint {call.params['endpoint'][:80]!r} does not exist or was deleted."
        )
    _check_key(call, endpoint)
    # Assumption: A serverless endpoint that does not answer yet refuses chats with 503 while it is created, with 424
    #   while its model is loaded, and with 404 when it is gone.
    # Shown wrong by: Another status of a chat before the first answer.
    # Verified by: deploy
    # If wrong: The mock server's errors differ; the client waits on for any status but 400 and 422.
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
