"""Managed online endpoints: scoring by a model's container, and the gateway before it.

The container's paths and formats are those of the image `foundation-model-inference` (Azure/azureml-assets,
`training/model_management/environments/foundation-model-serve`), the gateway's statuses those of
how-to-troubleshoot-online-endpoints: it answers in plain text, and 424 for whatever the container answers but 200.
"""

from collections.abc import Callable

from starlette.responses import Response

from mock_server.core import durations
from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, text
from mock_server.http.routing import Call, Route, json_response, route, routed_surface
from mock_server.resources import (
    chat_completions,
    chat_requests,
    online_access,
    online_deployments,
    online_endpoints,
    online_traffic,
    score_requests,
)
from mock_server.resources.online_deployments import OnlineDeployment
from mock_server.resources.online_endpoints import OnlineEndpoint
from mock_server.training.tuned_model import Answer

# Assumption: An answer of an online endpoint names the deployment that gave it in `azureml-model-deployment`.
# Shown wrong by: A chat whose answer lacks this header.
# Verified by: chat on own compute
# If wrong: Tests of apps that read the header pass without a reason; the client does not read it.
PINNED = "azureml-model-deployment"
"""The header by which a request names its deployment, and an answer the one that gave it."""
NO_DEPLOYMENT = (
    "No valid deployments to route to. Please check that the endpoint has at least one deployment with positive weight "
    "values or use a deployment specific header to route."
)
SECONDS_PER_TOKEN = 0.05
"""How long the container takes for a token of its answer; it counts against the limit, but no time passes."""
MAX_TEMPERATURE = 2  # of vLLM, which answers below /v1

Container = Callable[[Call, OnlineDeployment, Json], tuple[Response, Answer | None]]


async def score(call: Call) -> Response:
    """Answer as the image's own address does."""
    return await _answered(call, _score)


async def chat(call: Call) -> Response:
    """Complete a conversation by the API of models as a service."""
    return await _answered(call, _chat)


async def openai_chat(call: Call) -> Response:
    """Complete a conversation by OpenAI's API, handed to vLLM; events come all at once."""
    return await _answered(call, _openai_chat)


async def list_models(call: Call) -> Response:
    """Return the deployment's model, in OpenAI's list format."""
    return await _answered(call, _models)


async def health(call: Call) -> Response:
    """Say that the container runs."""
    return await _answered(call, _health)


async def swagger(call: Call) -> Response:
    """Describe the container's address for scoring."""
    return await _answered(call, _swagger)


async def _answered(call: Call, container: Container) -> Response:
    """Let the chosen deployment's container answer, and do with its answer what the gateway does."""
    body = await call.body()
    endpoint = _endpoint(call)
    online_access.check(endpoint, call.headers, call.host, call.world.wall())
    deployment = online_traffic.target(call.world, endpoint, call.headers.get(PINNED, "").strip())
    if deployment is None or _fault(call) == "unrouted":
        online_traffic.count(call.world, endpoint, "", status=404, seconds=0.0)
        raise ServiceError(404, "NoDeployment", NO_DEPLOYMENT)
    response, seconds = _in_container(call, deployment, container, body)
    online_traffic.count(call.world, endpoint, deployment.name, status=response.status_code, seconds=seconds)
    response.headers[PINNED] = deployment.name
    return response


def _in_container(
    call: Call, deployment: OnlineDeployment, container: Container, body: bytes
) -> tuple[Response, float]:
    """Return the answer, and how many seconds the container took for it."""
    limits = {**online_deployments.REQUESTS, **child(deployment.serving or {}, "requestSettings")}
    if _fault(call) == "busy":
        message = f"Too many requests: {limits['maxConcurrentRequestsPerInstance']} at once for each instance."
        return Response(message, 429, media_type="text/plain"), 0.0
    try:
        if _fault(call) == "crash":
            raise ServiceError(500, "InternalServerError", "The model crashed.")
        response, answer = container(call, deployment, score_requests.document(body))
    except ServiceError as error:
        return _of_model(error), 0.0
    seconds = 0.0 if answer is None else answer.completion_tokens * SECONDS_PER_TOKEN
    most = durations.parse(limits["requestTimeout"]) or 0.0
    if seconds > most or _fault(call) == "slow":
        message = f"The request took longer than {most:g} seconds, the deployment's request_timeout_ms."
        return Response(message, 408, media_type="text/plain"), most
    return response, seconds


def _of_model(error: ServiceError) -> Response:
    shown = {"error": {"code": error.code, "message": error.message, "status": error.status}}
    reason = {"ms-azureml-model-error-statuscode": str(error.status), "ms-azureml-model-error-reason": "model_error"}
    return json_response(shown, 424, reason)


def _fault(call: Call) -> str | None:
    return None if call.world.fault_rule is None else call.world.fault_rule.scoring


def _score(call: Call, deployment: OnlineDeployment, body: Json) -> tuple[Response, Answer | None]:
    model = chat_completions.served_model(call.world, text(deployment.serving or {}, "model"))
    try:
        asked = score_requests.accepted(body)
        answers = [chat_completions.complete(call.world, model, one) for one in asked.conversations]
    except ServiceError:
        return json_response({}), None  # whatever fails inside, the address answers 200 and an empty object
    form = score_requests.FORMS.get(_fault(call) or "", score_requests.CURRENT)
    return json_response(form(asked, answers, model.name)), answers[0]


def _chat(call: Call, deployment: OnlineDeployment, body: Json) -> tuple[Response, Answer | None]:
    accepted = chat_requests.accepted(body, call.headers.get(chat_requests.EXTRA_PARAMETERS, ""))
    return _completed(call, deployment, accepted)


def _openai_chat(call: Call, deployment: OnlineDeployment, body: Json) -> tuple[Response, Answer | None]:
    temperature = body.get("temperature")
    known = {name: value for name, value in body.items() if name != "temperature"}
    if temperature is not None and not (
        isinstance(temperature, int | float)
        and not isinstance(temperature, bool)
        and 0 <= temperature <= MAX_TEMPERATURE
    ):
        raise chat_requests.unprocessable(f"temperature must be a number from 0 to {MAX_TEMPERATURE}.")
    return _completed(call, deployment, chat_requests.accepted(known, "pass-through"))


def _completed(call: Call, deployment: OnlineDeployment, body: Json) -> tuple[Response, Answer | None]:
    model = chat_completions.served_model(call.world, text(deployment.serving or {}, "model"))
    answer = chat_completions.complete(call.world, model, body)
    head = model.head(call.world.wall())
    if not body.get("stream"):
        return json_response(chat_completions.document(head, answer)), answer
    events = b"".join(chat_completions.events(head, answer, with_usage=chat_completions.wants_usage(body)))
    return Response(events, 200, media_type="text/event-stream; charset=utf-8"), answer


def _models(call: Call, deployment: OnlineDeployment, body: Json) -> tuple[Response, Answer | None]:
    del body
    model = chat_completions.served_model(call.world, text(deployment.serving or {}, "model"))
    return json_response(chat_completions.models(model)), None


def _health(call: Call, deployment: OnlineDeployment, body: Json) -> tuple[Response, Answer | None]:
    del call, deployment, body
    return Response("healthy", 200, media_type="text/plain"), None


def _swagger(call: Call, deployment: OnlineDeployment, body: Json) -> tuple[Response, Answer | None]:
    del body
    path = {"post": {"operationId": "score", "responses": {"200": {"description": "The answer."}}}}
    info = {"title": call.params["online"], "version": deployment.name}
    return json_response({"openapi": "3.0.0", "info": info, "paths": {"/score": path}}), None


def _endpoint(call: Call) -> OnlineEndpoint:
    endpoint = online_endpoints.find_by_name(call.world, call.params["online"])
    if endpoint is None or not endpoint.exists:
        raise ServiceError(404, "EndpointNotFound", f"The endpoint {call.params['online'][:80]!r} does not exist.")
    return endpoint


def authorize(call: Call) -> None:
    """Accept every request: the handler checks the credential once it has found the endpoint."""
    del call


def error_response(error: ServiceError, request_id: str, now: float) -> Response:
    """Report an error of the gateway in plain text."""
    del request_id, now
    return Response(error.message, error.status, dict(error.headers), "text/plain; charset=utf-8")


HOST = online_endpoints.PATH + "/{online}"
ROUTES: tuple[Route, ...] = (
    route("scoring.score", "POST", HOST + "/score", score),
    route("scoring.chat", "POST", HOST + "/chat/completions", chat),
    route("scoring.chat", "POST", HOST + "/v1/chat/completions", openai_chat),
    route("scoring.models", "GET", HOST + "/v1/models", list_models),
    route("scoring.swagger", "GET", HOST + "/swagger.json", swagger),
    route("scoring.health", "GET", HOST, health),
)
SURFACE = routed_surface("scoring", ROUTES, authorize, error_response)
