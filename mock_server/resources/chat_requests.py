"""What a chat endpoint accepts: parameters, their types and ranges, messages, and prompts within the context length.

Parameters, ranges and the header `extra-parameters` are those of azure-ai-inference 1.0.0b9 (`ChatCompletionsClient`,
`models/_enums.py`); the answer to an extra parameter is the service's (langchain-ai/langchain#29679,
CherryHQ/cherry-studio#9214), that to a long prompt too (Azure/azure-sdk-for-python#40986). How it words wrong types and
ranges is not known.
"""

from collections.abc import Callable, Mapping, Sequence

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, is_array, is_object
from mock_server.training.dataset_rows import content_text

EXTRA_PARAMETERS = "extra-parameters"
"""The header that says what happens to parameters that the API does not define."""

EXTRA_REFUSED = "ExtraParameters"
"""The code of the error for extra parameters, whose body has only a `detail`."""

ROLES = ("system", "user", "assistant", "tool", "developer")
_MODES = ("error", "drop", "pass-through")
_PARTS = ("text", "image_url", "input_audio")
_FORMATS = ("text", "json_object", "json_schema")
_CHOICES = ("auto", "none", "required")
_BYTES_PER_TOKEN = 4

Check = Callable[[object], bool]


def accepted(body: Json, mode: str) -> Json:
    """Return the parameters that reach the model; raise ServiceError for a request that the service refuses.

    Args:
        body: the request's body.
        mode: the value of the header `extra-parameters`, empty without it.
    """
    mode = mode.strip().lower() or "error"
    if mode not in _MODES:
        raise unprocessable(f"the header {EXTRA_PARAMETERS} must be one of {', '.join(_MODES)}.")
    extra = sorted(body.keys() - PARAMETERS.keys())
    if extra and mode == "error":
        raise ServiceError(
            400,
            EXTRA_REFUSED,
            f"Extra parameters {extra} are not allowed when extra-parameters is not set or set to be 'error'. Set "
            "extra-parameters to 'pass-through' to pass to the model.",
        )
    for name, (expected, is_valid) in PARAMETERS.items():
        value = body.get(name)
        if value is not None and not is_valid(value):
            raise unprocessable(f"{name} must be {expected}.")
    kept = {name: value for name, value in body.items() if name in PARAMETERS or mode == "pass-through"}
    for name in ("max_completion_tokens", "n"):  # the model itself reads these two
        if name in kept and kept[name] is not None and not _is_positive(kept[name]):
            raise unprocessable(f"{name} must be a positive integer.")
    _check_tools(kept)
    check_messages(body.get("messages"))
    return kept


def _check_tools(body: Json) -> None:
    """Raise ServiceError for a choice without its tool, two tools of one name, and a format without its schema."""
    names = [tool["function"]["name"] for tool in body.get("tools") or ()]
    if len(set(names)) < len(names):
        raise unprocessable("tools must have different names.")
    choice = body.get("tool_choice")
    if choice is not None and not names:
        raise unprocessable("tool_choice is only allowed when tools are specified.")
    if is_object(choice) and child(choice, "function").get("name") not in names:
        raise unprocessable("tool_choice must name a function of tools.")
    wanted = body.get("response_format")
    is_schema = is_object(wanted) and wanted["type"] == "json_schema"
    if is_object(wanted) and is_schema and not is_object(child(wanted, "json_schema").get("schema")):
        raise unprocessable("response_format must have a schema in json_schema.")


def check_messages(messages: object) -> None:
    """Raise ServiceError for messages that are not a conversation."""
    if not is_array(messages) or not messages:
        raise unprocessable("messages must be a list with at least one message.")
    for position, message in enumerate(messages):
        if not is_object(message):
            raise unprocessable(f"messages[{position}] must be an object.")
        if message.get("role") not in ROLES:
            raise unprocessable(f"messages[{position}].role must be one of {', '.join(ROLES)}.")
        _check_content(message, f"messages[{position}]")


def check_length(messages: Sequence[Json], max_tokens: int | None, *, context: int) -> None:
    """Raise ServiceError if the messages and the answer do not fit into the model's context length, in tokens."""
    prompt = sum(_estimated_tokens(content_text(message.get("content"))) for message in messages)
    wanted = max_tokens or 0
    if prompt + wanted <= context:
        return
    raise ServiceError(
        400,
        "context_length_exceeded",
        f"This model's maximum context length is {context} tokens. However, you requested {prompt + wanted} tokens "
        f"({prompt} in the messages, {wanted} in the completion). Please reduce the length of the messages or "
        "completion.",
    )


def unprocessable(message: str) -> ServiceError:
    """Return the error for a request that is JSON but not valid."""
    return ServiceError(422, "UnprocessableEntity", message)


def _estimated_tokens(content: str) -> int:
    """Return about how many tokens a text has: at least its words, and one for every four bytes."""
    return max(len(content.split()), len(content.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)


def _check_content(message: Json, where: str) -> None:
    content = message.get("content")
    if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
        raise unprocessable(f"{where}.tool_call_id must be a string: a tool message answers a call.")
    if content is None and message["role"] == "assistant":
        return
    if not isinstance(content, str) and not is_array(content):
        raise unprocessable(f"{where}.content must be a string or a list of parts.")
    for part in content if is_array(content) else ():
        if not is_object(part) or part.get("type") not in _PARTS:
            raise unprocessable(f"{where}.content: the type of a part must be one of {', '.join(_PARTS)}.")
        if part["type"] == "text" and not isinstance(part.get("text"), str):
            raise unprocessable(f"{where}.content: the text of a part must be a string.")


def _is_number(low: float, high: float) -> Check:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_stop(value: object) -> bool:
    return isinstance(value, str) or (is_array(value) and all(isinstance(each, str) for each in value))


def _is_format(value: object) -> bool:
    return is_object(value) and value.get("type") in _FORMATS


def _are_tools(value: object) -> bool:
    return is_array(value) and all(
        is_object(tool)
        and tool.get("type") == "function"
        and is_object(function := tool.get("function"))
        and isinstance(function.get("name"), str)
        and function["name"] != ""
        and (function.get("parameters") is None or is_object(function["parameters"]))
        for tool in value
    )


def _is_tool_choice(value: object) -> bool:
    return value in _CHOICES if isinstance(value, str) else is_object(value) and value.get("type") == "function"


PARAMETERS: Mapping[str, tuple[str, Check]] = {
    "messages": ("a list", is_array),
    "model": ("a string", lambda value: isinstance(value, str)),
    "frequency_penalty": ("a number from -2 to 2", _is_number(-2, 2)),
    "presence_penalty": ("a number from -2 to 2", _is_number(-2, 2)),
    "temperature": ("a number from 0 to 1", _is_number(0, 1)),
    "top_p": ("a number from 0 to 1", _is_number(0, 1)),
    "max_tokens": ("a positive integer", _is_positive),
    "seed": ("an integer", _is_integer),
    "stop": ("a string or a list of strings", _is_stop),
    "stream": ("true or false", lambda value: isinstance(value, bool)),
    "response_format": (f"an object with a type of {', '.join(_FORMATS)}", _is_format),
    "tools": ("a list of functions, each with a name", _are_tools),
    "tool_choice": (f"{', '.join(_CHOICES)} or a function", _is_tool_choice),
}
"""The parameters of the API: what each must be, and the check."""
