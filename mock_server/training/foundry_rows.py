"""Which rows Foundry trains on: it reads them inside the job, and the first bad one fails the job.

The rules are those of MicrosoftDocs/azure-ai-docs `fine-tuning-rest.md`, `fine-tuning-functions.md`,
`fine-tuning-vision.md`, `fine-tuning-direct-preference-optimization.md` and `reinforcement-fine-tuning.md`; those of
tool calls are in `foundry_tools.py`, those of parts and images in `foundry_parts.py`.
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
from mock_server.training.foundry_parts import check_parts, has_image
from mock_server.training.foundry_row_error import RowError
from mock_server.training.foundry_tools import check_call, check_calls, check_tools

MINIMUM = 10
UNSAFE_DATA, UNSAFE_MODEL = "MOCK_UNSAFE_DATA", "MOCK_UNSAFE_MODEL"
"""Texts in the data that make it fail the safety check before training, and its model the one after training."""
ROUTING = "routing"
"""How rows of the model router are read, which is tuned to choose models: messages, labels and usage."""
ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
"""The roles of messages; `function` is the deprecated one of answers to a `function_call`."""
MOST_PICTURED = 50_000
"""Rows with images that a file may have (fine-tuning-vision.md)."""
REFERENCES = ("reference_answer", "reference", "answer", "ref")
"""Keys of a row for reinforcement fine-tuning that may hold the answer that its grader expects."""


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
    rows = tokens = characters = pictured = 0
    unsafe = ""
    examples: list[Example] = []
    try:
        for number, line in enumerate(lines(pieces), 1):
            if not line.strip():
                continue
            try:
                row = _decode(line)
                found = _examples(row, method, vision=vision)
                pictured += vision and "image_url" in line and has_image(row)
                if pictured > MOST_PICTURED:
                    raise RowError(f"more than {MOST_PICTURED} rows have images.")
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
    messages = _messages(row.get("messages"), "messages", row.get("tools"), vision=vision)
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
    return [
        Example(_prompt(messages[:place]), _answer(message))
        for place, message in enumerate(messages)
        if message["role"] == "assistant" and message.get("weight") != 0
    ]


def _preference(row: Json, *, vision: bool) -> list[Example]:
    given = child(row, "input")
    tools: object = given.get("tools")
    prompt = _messages(given.get("messages"), "input.messages", tools, vision=vision)
    outputs = {
        name: _messages(row.get(name), name, tools, vision=False)
        for name in ("preferred_output", "non_preferred_output")
    }
    for name, messages in outputs.items():
        roles = {message["role"] for message in messages}
        if not roles <= {"assistant", "tool"} or "assistant" not in roles:
            raise RowError(f"{name} must have messages of the roles assistant and tool, at least one of the former.")
    preferred = next(one for one in outputs["preferred_output"] if one["role"] == "assistant")
    return [Example(_prompt(prompt), _answer(preferred))]


def _messages(value: object, name: str, tools: object, *, vision: bool) -> list[Json]:
    if not is_array(value) or not value:
        raise RowError(f"{name} must be a list of messages.")
    messages: list[Json] = []
    for message in value:
        if not is_object(message) or text(message, "role") not in ROLES:
            raise RowError(f"each of {name} must have a role of {', '.join(sorted(ROLES))}.")
        _check_message(message, vision=vision)
        messages.append(message)
    check_parts(messages)
    check_calls(messages, check_tools(tools))
    return messages


def _check_message(message: Json, *, vision: bool) -> None:
    role, content, weight = message["role"], message.get("content"), message.get("weight")
    if "weight" in message and (role != "assistant" or isinstance(weight, bool) or weight not in (0, 1)):
        raise RowError("weight is 0 or 1, on messages of the role assistant only.")
    if message.get("tool_calls") is not None:
        check_call(message)
        return
    if is_object(message.get("function_call")) or isinstance(message.get("refusal"), str):
        return
    if is_array(content) and content:
        if has_image({"messages": [message]}) and not vision:
            raise RowError("images are not supported for provided model.")
    elif not isinstance(content, str):
        raise RowError(f"a message of the role {role} must have content.")


def _prompt(messages: list[Json]) -> str:
    return next((content_text(one.get("content")) for one in reversed(messages) if one["role"] == "user"), "")


def _answer(message: Json) -> Json:
    kept = {name: message[name] for name in ("content", "tool_calls") if message.get(name) is not None}
    return {"role": "assistant", "content": None, **kept}
