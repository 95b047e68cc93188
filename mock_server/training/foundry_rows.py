"""Which rows Foundry trains on: it reads them inside the job, and the first bad one fails the job.

The rules are those of MicrosoftDocs/azure-ai-docs `fine-tuning-rest.md`, `fine-tuning-functions.md`,
`fine-tuning-vision.md`, `fine-tuning-direct-preference-optimization.md` and `reinforcement-fine-tuning.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mock_server.core.json_values import Json, child, is_array, is_object, parse, text
from mock_server.training.dataset_rows import (
    KEPT_CHARACTERS,
    KEPT_EXAMPLES,
    Example,
    content_text,
    estimate_tokens,
    lines,
)
from mock_server.training.foundry_models import DPO, REINFORCEMENT

MINIMUM = 10
UNSAFE_DATA, UNSAFE_MODEL = "MOCK_UNSAFE_DATA", "MOCK_UNSAFE_MODEL"
"""Texts in the data that make it fail the safety check before training, and its model the one after training."""
ROUTING = "routing"
"""How rows of the model router are read, which is tuned to choose models: messages, labels and usage."""
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
REFERENCES = ("reference_answer", "reference", "answer", "ref")
"""Keys of a row for reinforcement fine-tuning that may hold the answer that its grader expects."""


class RowError(ValueError):
    """Why the service refuses a row."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The content of a file: number of rows and tokens, why it cannot be used, and what makes it unsafe."""

    rows: int
    tokens: int
    problem: str | None = None
    unsafe: str = ""  # "data" or "model"
    examples: tuple[Example, ...] = ()


def read(pieces: Iterable[bytes], *, method: str, vision: bool, minimum: int = MINIMUM) -> Rows:
    """Read a file in one pass; `vision` says whether the model takes images."""
    rows = tokens = characters = 0
    unsafe = ""
    examples: list[Example] = []
    try:
        for number, line in enumerate(lines(pieces), 1):
            if not line.strip():
                continue
            try:
                found = _examples(_decode(line), method, vision=vision)
            except RowError as error:
                return Rows(rows, tokens, f"Validation of jsonl file failed: line {number}: {error}")
            rows += 1
            tokens += estimate_tokens(line)
            unsafe = unsafe or ("data" if UNSAFE_DATA in line else "")
            unsafe = unsafe or ("model" if UNSAFE_MODEL in line else "")
            if len(examples) < KEPT_EXAMPLES and characters < KEPT_CHARACTERS:
                examples += found
                characters += len(line)
    except UnicodeDecodeError as error:
        return Rows(0, 0, f"Validation of jsonl file failed: it is not UTF-8: {error.reason}.")
    if rows < minimum:
        return Rows(
            rows,
            tokens,
            f"Validation of jsonl file failed: it has {rows} examples; at least {minimum} are needed.",
        )
    return Rows(rows, tokens, None, unsafe, tuple(examples))


def _decode(line: str) -> Json:
    try:
        row = parse(line)
    except ValueError as error:
        raise RowError("it is not JSON.") from error
    if not is_object(row):
        raise RowError("it is not a JSON object.")
    return row


def _examples(row: Json, method: str, *, vision: bool) -> list[Example]:
    if method == DPO:
        return _preference(row, vision=vision)
    messages = _messages(row.get("messages"), "messages", vision=vision)
    if method == ROUTING:
        if not row.get("labels"):
            raise RowError("labels is required, which say how well each model answers.")
        return []
    if method == REINFORCEMENT:
        if messages[-1]["role"] not in ("user", "developer"):
            raise RowError("the last message must have the role user or developer.")
        answer = next((row[key] for key in REFERENCES if isinstance(row.get(key), str)), None)
        return [] if answer is None else [Example(_prompt(messages), {"role": "assistant", "content": answer})]
    if messages[-1]["role"] != "assistant":
        raise RowError("the last message must have the role assistant.")
    _check_tools(messages, row)
    return [
        Example(_prompt(messages[:place]), _answer(message))
        for place, message in enumerate(messages)
        if message["role"] == "assistant" and message.get("weight") != 0
    ]


def _preference(row: Json, *, vision: bool) -> list[Example]:
    prompt = _messages(child(row, "input").get("messages"), "input.messages", vision=vision)
    outputs = {
        name: _messages(row.get(name), name, vision=False) for name in ("preferred_output", "non_preferred_output")
    }
    for name, messages in outputs.items():
        roles = {message["role"] for message in messages}
        if not roles <= {"assistant", "tool"} or "assistant" not in roles:
            raise RowError(f"{name} must have messages of the roles assistant and tool, at least one of the former.")
    preferred = next(one for one in outputs["preferred_output"] if one["role"] == "assistant")
    return [Example(_prompt(prompt), _answer(preferred))]


def _messages(value: object, name: str, *, vision: bool) -> list[Json]:
    if not is_array(value) or not value:
        raise RowError(f"{name} must be a list of messages.")
    messages: list[Json] = []
    for message in value:
        if not is_object(message) or text(message, "role") not in ROLES:
            raise RowError(f"each of {name} must have a role of {', '.join(sorted(ROLES))}.")
        _check_message(message, vision=vision)
        messages.append(message)
    return messages


def _check_message(message: Json, *, vision: bool) -> None:
    role, content, calls = message["role"], message.get("content"), message.get("tool_calls")
    if "weight" in message and (role != "assistant" or message["weight"] not in (0, 1)):
        raise RowError("weight is 0 or 1, on messages of the role assistant only.")
    if calls is not None:
        if role != "assistant" or not is_array(calls) or not calls:
            raise RowError("tool_calls is a list of calls, on messages of the role assistant only.")
        if content is not None:
            raise RowError("a message with tool_calls must not have content.")
        return
    if role == "assistant" and is_object(message.get("function_call")):
        return
    if is_array(content):
        if any(is_object(part) and part.get("type") == "image_url" for part in content):
            if role != "user":
                raise RowError("images are allowed in messages of the role user only.")
            if not vision:
                raise RowError("images are not supported for provided model.")
    elif not isinstance(content, str):
        raise RowError(f"a message of the role {role} must have content.")


def _check_tools(messages: list[Json], row: Json) -> None:
    """Check that each call is answered right after it, and that each function called is among the row's tools."""
    tools: object = row.get("tools")
    known = {text(child(tool, "function"), "name") for tool in (tools if is_array(tools) else []) if is_object(tool)}
    waiting: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if text(message, "tool_call_id") not in waiting:
                raise RowError("a message of the role tool must answer a call of the assistant turn before it.")
            waiting.discard(text(message, "tool_call_id"))
            continue
        waiting = set()
        calls: object = message.get("tool_calls")
        for call in calls if is_array(calls) else []:
            function = child(call, "function") if is_object(call) else {}
            if not is_object(call) or not text(call, "id") or not text(function, "name"):
                raise RowError("each of tool_calls must have an id and a function with a name.")
            if not isinstance(function.get("arguments"), str) or not _is_json(function["arguments"]):
                raise RowError("the arguments of a call must be JSON in a string.")
            if text(function, "name") not in known:
                raise RowError(f"the function {text(function, 'name')[:80]!r} is called and not among the tools.")
            waiting.add(text(call, "id"))


def _is_json(value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


def _prompt(messages: list[Json]) -> str:
    return next((content_text(one.get("content")) for one in reversed(messages) if one["role"] == "user"), "")


def _answer(message: Json) -> Json:
    kept = {name: message[name] for name in ("content", "tool_calls") if message.get(name) is not None}
    return {"role": "assistant", "content": None, **kept}
