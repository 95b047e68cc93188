"""Answers in OpenAI's format of the models that endpoints of Azure ML serve, whole and as events."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.core.json_values import Json, child, dump, is_array, is_object, text
from mock_server.core.scope import Scope
from mock_server.resources import chat_requests, references, trained_answers
from mock_server.state.world import World
from mock_server.training import base_models
from mock_server.training.dataset_rows import content_text
from mock_server.training.structured_answer import shaped
from mock_server.training.tuned_model import Answer, split_words, truncate_answer

UNKNOWN_CONTEXT = 131_072  # tokens, of a model that is not in the registry


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that answers: its name, the key of a tuned model's examples, and its context length in tokens."""

    name: str
    examples: str | None
    context: int

    def head(self, wall: float) -> Json:
        """Return the members that the document of an answer and its events begin with."""
        return {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(wall), "model": self.name}


def served_model(world: World, model_id: str) -> ServedModel:
    """Return the model behind a reference; the context length of a tuned one is its base's."""
    reference = references.parse_model(Scope("", "", ""), model_id)
    if reference is None:
        return ServedModel(model_id, None, UNKNOWN_CONTEXT)
    base = references.find_base_model(world, reference)
    context = UNKNOWN_CONTEXT if base is None else base.context
    if reference.guid is None:
        found = base_models.find(reference.name)
        return ServedModel(found.name if found else reference.name, None, context)
    name = f"{reference.name}:{reference.version}"
    document = world.store.get("model", reference.guid, name) or {}
    return ServedModel(name, text(document, "examples") or None, context)


def complete(world: World, model: ServedModel, body: Json) -> Answer:
    """Answer a conversation; raises ServiceError if it does not fit into the context.

    Args:
        world: the server's state.
        model: the model that answers.
        body: the parameters that reach it, as `chat_requests.accepted` returns them.
    """
    messages: list[Json] = body["messages"]
    max_tokens = body.get("max_tokens") or body.get("max_completion_tokens")
    chat_requests.check_length(messages, max_tokens, context=model.context)
    prompt = next(
        (content_text(message.get("content")) for message in reversed(messages) if message["role"] == "user"), ""
    )
    message = trained_answers.answer(world, model.name, model.examples, prompt)
    message = shaped(message, body, messages, prompt)
    all_text = "\n".join(content_text(message.get("content")) for message in messages)
    return truncate_answer(message, max_tokens, all_text)


def document(head: Json, answer: Answer) -> Json:
    """Return a whole answer."""
    choice = {"index": 0, "message": answer.message, "finish_reason": answer.finish_reason, "logprobs": None}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": usage(answer)}


def events(head: Json, answer: Answer, *, with_usage: bool) -> Iterator[bytes]:
    """Yield an answer as server-sent events."""
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
        yield _event({**chunk, "choices": [], "usage": usage(answer)})
    yield b"data: [DONE]\n\n"


def wants_usage(body: Json) -> bool:
    """Return whether a streamed answer is to end with its usage."""
    return child(body, "stream_options").get("include_usage") is True


def models(model: ServedModel) -> Json:
    """Return the only model, in OpenAI's list format."""
    shown = {"id": model.name, "object": "model", "created": 0, "owned_by": "mock_server"}
    return {"object": "list", "data": [shown]}


def usage(answer: Answer) -> Json:
    """Return the tokens of an answer."""
    prompt, completion = answer.prompt_tokens, answer.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _event(value: Json) -> bytes:
    return f"data: {dump(value)}\n\n".encode()
