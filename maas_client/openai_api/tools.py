"""Tools of a chat request: what may be asked for, checked before it is sent, and the calls in an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..core.errors import InvalidInput, UnexpectedReply
from ..core.http_messages import parse_json
from ..core.json_fields import dig, is_object, items, text
from ..core.plain_values import PlainValue

CHOICES = ("auto", "none", "required")
FORMATS = ("text", "json_object", "json_schema")


@dataclass(frozen=True, slots=True)
class ToolCall(PlainValue):
    """A call that a model asks for: run it, and send the result as a message `role: tool` with its `tool_call_id`.

    In a stream a call arrives in pieces: those of one `index` belong together, the first has `id` and `name`, and their
    `arguments` are joined.
    """

    id: str
    name: str
    arguments: str
    index: int = 0

    def parsed(self) -> dict[str, Any]:
        """Return the arguments; raise UnexpectedReply if the model has written no JSON object."""
        try:
            found: object = parse_json(self.arguments or "{}")
        except ValueError:
            found = None
        if not is_object(found):
            detail = "the arguments are not a JSON object; models sometimes write broken ones: ask again"
            raise UnexpectedReply(f"call of {self.name}", status=200, detail=detail)
        return dict(found)

    def to_message(self) -> dict[str, Any]:
        """Return the call as an entry of `tool_calls` in an assistant's message."""
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


def tool_calls_in(message: object) -> tuple[ToolCall, ...]:
    """Read the calls in a message, or in the delta of a stream; what is malformed counts as empty."""
    found: list[ToolCall] = []
    for place, call in enumerate(items(message, "tool_calls")):
        index, written = dig(call, "index"), dig(call, "function", "arguments")
        arguments = written if isinstance(written, str) else json.dumps(written) if is_object(written) else ""
        number = index if isinstance(index, int) and not isinstance(index, bool) else place
        found.append(ToolCall(text(call, "id"), text(call, "function", "name"), arguments, number))
    return tuple(found)


def tool_options(
    tools: Sequence[Mapping[str, Any]] | None,
    tool_choice: str | Mapping[str, Any] | None,
    response_format: str | Mapping[str, Any] | None,
) -> dict[str, object]:
    """Return these options as they are sent; raise InvalidInput for what the service would refuse."""
    names = _names_of(tools)
    if tool_choice is not None:
        _check_choice(tool_choice, names)
    shaped: object = {"type": response_format} if isinstance(response_format, str) else response_format
    if shaped is not None:
        _check_format(shaped)
    return {"tools": None if tools is None else list(tools), "tool_choice": tool_choice, "response_format": shaped}


def _names_of(tools: object) -> list[str]:
    if tools is None:
        return []
    if not isinstance(tools, list | tuple):
        raise InvalidInput(f"tools must be a list of functions, not {type(tools).__name__}; nothing was sent")
    names: list[str] = []
    for place, tool in enumerate(cast("Sequence[object]", tools)):
        function = dig(tool, "function")
        name, parameters = dig(function, "name"), dig(function, "parameters")
        if dig(tool, "type") != "function" or not isinstance(name, str) or not name:
            raise InvalidInput(
                f'tools[{place}] must be {{"type": "function", "function": {{"name": …, "parameters": …}}}}; nothing '
                "was sent"
            )
        if parameters is not None and not is_object(parameters):
            raise InvalidInput(f"tools[{place}]: parameters must be a JSON schema (a dict); nothing was sent")
        names.append(name)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidInput(f"tools has {', '.join(twice)} twice; nothing was sent")
    return names


def _check_choice(choice: object, names: Sequence[str]) -> None:
    if not names:
        raise InvalidInput("tool_choice needs tools; nothing was sent")
    name = dig(choice, "function", "name")
    if choice in CHOICES or (dig(choice, "type") == "function" and name in names):
        return
    raise InvalidInput(
        f'tool_choice must be {", ".join(CHOICES)} or {{"type": "function", "function": {{"name": …}}}} of one of the '
        f"tools ({', '.join(names)}), not {choice!r}; nothing was sent"
    )


def _check_format(shaped: object) -> None:
    kind = dig(shaped, "type")
    if kind not in FORMATS:
        raise InvalidInput(
            f"response_format must be one of {', '.join(FORMATS)}, or a dict with that as its type, not {shaped!r}; "
            "nothing was sent"
        )
    if kind == "json_schema" and not is_object(dig(shaped, "json_schema", "schema")):
        raise InvalidInput(
            'response_format must have its schema: {"type": "json_schema", "json_schema": {"name": …, "schema": …}}; '
            "nothing was sent"
        )
