"""The address `/score` of a language model's container: what it accepts, and the forms in which versions answer.

The request is `{"input_data": {"input_string": messages, "parameters": {…}}}` for a chat, `{"input_data": [texts],
"params": {…}}` for texts to continue with (Azure/azureml-assets, `foundation-model-serve`; the scoring script of MLflow
models before it answered with a list).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, is_array, is_object, parse
from mock_server.resources import chat_completions, chat_requests
from mock_server.training.tuned_model import Answer


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """What is to be answered: one conversation, or several texts as one conversation each."""

    conversations: Sequence[Json]
    is_chat: bool


Form = Callable[[ScoreRequest, Sequence[Answer], str], object]


def document(body: bytes) -> Json:
    """Return the JSON object of a request's body; an empty one for anything else, which no address accepts."""
    try:
        decoded = parse(body.strip() or b"{}")
    except ValueError:
        return {}
    return decoded if is_object(decoded) else {}


def accepted(body: Json) -> ScoreRequest:
    """Read a request; raises ServiceError for one that the container cannot use."""
    data: object = body.get("input_data")
    if is_object(data) and is_array(data.get("data")):
        data = {**data, "input_string": data["data"][0] if data["data"] else None}  # the columns of MLflow
    if is_object(data):
        messages: object = data.get("input_string")
        parameters = child(data, "parameters") or child(body, "params")
        if is_array(messages) and messages and all(isinstance(one, str) for one in messages):
            return _texts(messages, parameters)
        return ScoreRequest((_conversation(messages, parameters),), is_chat=True)
    if is_array(data) and data and all(isinstance(one, str) for one in data):
        return _texts(data, child(body, "params"))
    raise ServiceError(400, "BadInput", "input_data must be an object with input_string, or a list of texts.")


def _texts(texts: Sequence[str], parameters: Json) -> ScoreRequest:
    conversations = [_conversation([{"role": "user", "content": one}], parameters) for one in texts]
    return ScoreRequest(conversations, is_chat=False)


def _conversation(messages: object, parameters: Json) -> Json:
    chat_requests.check_messages(messages)
    most: object = parameters.get("max_new_tokens", parameters.get("max_tokens"))
    limit = {"max_tokens": most} if isinstance(most, int) and not isinstance(most, bool) and most > 0 else {}
    return {"messages": messages, **limit}


def _current(asked: ScoreRequest, answers: Sequence[Answer], model: str) -> object:
    if not asked.is_chat:
        return [_text(answer) for answer in answers]
    answer = answers[0]
    shown: Json = {
        "output": _text(answer),
        "message": answer.message,
        "finish_reason": answer.finish_reason,
        "usage": chat_completions.usage(answer),
        "model": model,
    }
    return shown | ({"tool_calls": answer.message["tool_calls"]} if answer.message.get("tool_calls") else {})


def _earlier(asked: ScoreRequest, answers: Sequence[Answer], model: str) -> object:
    del model
    return {"output": _text(answers[0])} if asked.is_chat else [_text(answer) for answer in answers]


def _listed(asked: ScoreRequest, answers: Sequence[Answer], model: str) -> object:
    del asked, model
    return [{"0": _text(answer)} for answer in answers]


def _empty(asked: ScoreRequest, answers: Sequence[Answer], model: str) -> object:
    del asked, answers, model
    return {}


def _error(asked: ScoreRequest, answers: Sequence[Answer], model: str) -> object:
    del asked, answers
    body = f"The request to {model} failed inside the container."
    return {"output": None, "error": {"status_code": 400, "body": body}}


def _text(answer: Answer) -> str:
    content: object = answer.message.get("content")
    return content if isinstance(content, str) else ""


CURRENT: Form = _current
"""How the container answers today."""
FORMS: Mapping[str, Form] = {
    "earlier": _earlier,
    "list": _listed,
    "empty": _empty,
    "error": _error,
}
"""How it may answer otherwise with status 200: earlier versions, and any of them after a failure inside."""
