"""The scoring route of a model's container, `/score`: chat requests and answers from and to the OpenAI-compatible form.

The requests and the three forms of answers are those of azureml-assets, `model_management/environments/
foundation-model-serve` (package llm-optimized-inference 0.2.58), and of the MLflow models before it. No I/O.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..core.json_fields import Document, dig, is_array, is_object, part, text
from .chat_completions import reason_of

PATH = "/score"

_RENAMED: Mapping[str, str] = {"max_tokens": "max_new_tokens", "max_completion_tokens": "max_new_tokens"}
_NOT_PARAMETERS = frozenset({"messages", "stream", "stream_options", "model"})
_UNSUPPORTED = ("tools", "tool_choice", "response_format")

EMPTY = (
    "the container answered 200 with an empty object, which is how it reports a failure inside: a request that it "
    "cannot read, an error of the model, or a refusal of its content filter"
)


def unsupported_in(body: Document) -> list[str]:
    """Return the options of a chat request that the scoring route has no place for."""
    return [name for name in _UNSUPPORTED if body.get(name) is not None]


def score_body(body: Document) -> dict[str, Any]:
    """Return the body of a scoring request for that of a chat request."""
    parameters = {
        _RENAMED.get(name, name): value
        for name, value in body.items()
        if name not in _NOT_PARAMETERS and name not in _UNSUPPORTED and value is not None
    }
    if (temperature := parameters.get("temperature")) is not None:
        parameters["do_sample"] = bool(temperature)
        if not temperature:  # the library behind it refuses a temperature of 0: it is to take the likeliest token
            del parameters["temperature"]
    return {"input_data": {"input_string": body.get("messages"), "parameters": parameters}, "params": {}}


def completion_of(document: object) -> dict[str, Any] | str:
    """Return a scoring answer as a chat completion, or why it is a failure."""
    if is_object(document) and is_array(document.get("choices")):
        return dict(document)  # a container whose scoring route speaks the chat protocol
    if document == {}:
        return EMPTY
    error = dig(document, "error")
    if is_object(error) or (isinstance(error, str) and error):
        return _error_of(error)
    said = _text_in(document)
    if said is None:
        return "the scoring answer is in none of the forms that containers of language models have"
    about: Document = document if is_object(document) else {}
    message: dict[str, Any] = {"role": "assistant", "content": said}
    if is_array(about.get("tool_calls")):
        message["tool_calls"] = about["tool_calls"]
    choice = {"index": 0, "message": message, "finish_reason": text(about, "finish_reason") or "stop"}
    return {
        "id": text(about, "id"),
        "object": "chat.completion",
        "model": text(about, "model"),
        "choices": [choice],
        "usage": dict(part(about, "usage")),
    }


def events_of(completion: Document) -> bytes:
    """Return a chat completion as the events of a stream, for a container that answers in one piece."""
    choices = completion.get("choices")
    first: object = choices[0] if is_array(choices) and choices else {}
    message = part(first, "message")
    delta = {name: message[name] for name in ("content", "tool_calls") if message.get(name) is not None}
    chunk = {
        "id": text(completion, "id"),
        "object": "chat.completion.chunk",
        "model": text(completion, "model"),
        "choices": [{"index": 0, "delta": delta, "finish_reason": dig(first, "finish_reason")}],
    }
    return f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode()


def _error_of(error: object) -> str:
    """Return the words of an error that the container reports under status 200, with the status that it means."""
    status, body = dig(error, "status_code"), dig(error, "body")
    words = reason_of({"error": body or error})
    return f"the container answered 200 with an error{f' {status}' if isinstance(status, int) else ''}: {words}"


def _text_in(document: object) -> str | None:
    """Return the text of an answer: `output`, or the first of a list, as MLflow models answer (`[{"0": TEXT}]`)."""
    if isinstance(document, str):
        return document
    if is_array(document):
        return _text_in(document[0]) if document else None
    if not is_object(document):
        return None
    if "output" in document:
        output = document["output"]
        return output if isinstance(output, str) else _text_in(output) if is_array(output) else None
    return document["0"] if isinstance(document.get("0"), str) else None
