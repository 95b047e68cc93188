"""What a Foundry deployment accepts as a chat: OpenAI's parameters, and the limits of the model behind it.

The texts are OpenAI's own for a parameter that a model does not know, and MicrosoftDocs/azure-ai-docs
`articles/foundry/openai/how-to/content-filters.md` for a filtered prompt.
"""

from collections.abc import Sequence

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, is_array, is_object
from mock_server.resources import chat_requests
from mock_server.training.dataset_rows import content_text
from mock_server.training.foundry_models import FoundryModel

CONTEXT = 131_072  # tokens, of every model here
MOST_CHOICES = 128
CATEGORIES = ("hate", "self_harm", "sexual", "violence")
FILTERED_CODE = "content_filter"
UNSAFE_PROMPT = "MOCK_UNSAFE_PROMPT"
"""A text in a message that the content filter refuses."""


def accepted(body: Json, model: FoundryModel | None) -> Json:
    """Return the parameters that reach the model; raise ServiceError for a request that the service refuses."""
    temperature: object = body.get("temperature")
    if temperature is not None and not _is_between(temperature, 0, 2):
        raise bad_request("temperature must be a number from 0 to 2.", "temperature")
    choices: object = body.get("n", 1)
    if not isinstance(choices, int | None) or not 1 <= (choices or 1) <= MOST_CHOICES:
        raise bad_request(f"n must be an integer from 1 to {MOST_CHOICES}.", "n")
    try:
        kept = chat_requests.accepted({**body, "temperature": None}, "pass-through")
    except ServiceError as error:
        raise bad_request(error.message) from error
    if model is not None and model.reasoning and body.get("max_tokens") is not None:
        raise bad_request(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
            "instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    messages: list[Json] = kept["messages"]
    if model is not None and not model.vision and any(_has_image(message) for message in messages):
        raise bad_request("images are not supported for provided model", "messages")
    if any(UNSAFE_PROMPT in content_text(message.get("content")) for message in messages):
        raise filtered_prompt()
    chat_requests.check_length(messages, max_tokens(kept), context=CONTEXT)
    return kept


def max_tokens(body: Json) -> int | None:
    """Return the limit of an answer's length, or None."""
    return body.get("max_completion_tokens") or body.get("max_tokens")


def last_prompt(messages: Sequence[Json]) -> str:
    """Return the text of the last message of a user."""
    prompts = (content_text(message.get("content")) for message in reversed(messages) if message["role"] == "user")
    return next(prompts, "")


def filter_results(*, filtered: bool = False) -> Json:
    """Return the result of the content filter for a prompt or an answer."""
    severity = {"filtered": filtered, "severity": "high" if filtered else "safe"}
    return {name: severity if name == "violence" else {"filtered": False, "severity": "safe"} for name in CATEGORIES}


def prompt_filter_results() -> list[Json]:
    """Return the content filter's result for a prompt that passed."""
    return [{"prompt_index": 0, "content_filter_results": filter_results()}]


def filtered_prompt() -> ServiceError:
    """Return the error for a prompt that the content filter refuses."""
    message = (
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please "
        "modify your prompt and retry. To learn more about our content filtering policies please read our "
        "documentation: https://go.microsoft.com/fwlink/?linkid=2198766"
    )
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": filter_results(filtered=True)}
    own = {"message": message, "type": None, "param": "prompt", "code": FILTERED_CODE, "status": 400}
    body = {"error": {**own, "innererror": inner, "inner_error": inner}}
    return ServiceError(400, FILTERED_CODE, message, body=body)


def bad_request(message: str, param: str | None = None, code: str = "invalid_value") -> ServiceError:
    """Return the error for a request that is JSON but not valid."""
    return openai_error(400, code, message, param=param)


def openai_error(
    status: int, code: str, message: str, *, param: str | None = None, kind: str | None = None, **headers: str
) -> ServiceError:
    """Return an error in OpenAI's own shape, which inference uses on every base."""
    kind = kind or ("invalid_request_error" if status < 500 else "server_error")
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return ServiceError(status, code, message, headers, body=body)


def _has_image(message: Json) -> bool:
    parts: object = message.get("content")
    return is_array(parts) and any(is_object(part) and part.get("type") == "image_url" for part in parts)


def _is_between(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
