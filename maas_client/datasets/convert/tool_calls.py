"""Converting tool calls and tool definitions from common variants to OpenAI's current format."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..rows.excerpt import Json, escape
from .values import Unconvertible, is_list, is_mapping, parsed, plain, shown, text


class ToolCalls:
    """The tool calls of one conversation: ids in use, and calls without an answer yet."""

    def __init__(self, dropped: list[str]) -> None:
        self._dropped = dropped
        self._taken: set[str] = set()
        self._open: dict[str, str] = {}

    def read(self, value: object, where: str) -> list[Json]:
        """Return the calls of a turn, given as a list or a single call, as values or as JSON text. Missing ids are
        generated.

        A call is OpenAI's, `{"id", "type", "function": {"name", "arguments"}}`, or its function alone. Arguments become
        JSON text, as in OpenAI's format. Raises Unconvertible for anything else.
        """
        given = parsed(value, where)
        return [self._call(each, where) for each in (given if is_list(given) else [given])]

    def answer(self, turn: Mapping[object, object], where: str) -> str | None:
        """Return the id of the call that a turn answers: the given one, or that of the first unanswered call,
        preferably with the same name; None if every call has an answer.
        """
        given = turn.get("tool_call_id")
        if given is None:
            named = (call for call, called in self._open.items() if called == turn.get("name"))
            answered = next(named, None) or next(iter(self._open), None)
        else:
            answered = text(given, f"the tool_call_id of {where}")
        if answered is not None:
            self._open.pop(answered, None)
        return answered

    def _call(self, value: object, where: str) -> Json:
        if not is_mapping(value):
            raise Unconvertible(f"{where} is {shown(value)}, not an object with name and arguments")
        nested, kind = value.get("function"), value.get("type")
        if kind is not None and kind != "function":
            raise Unconvertible(f"{where} has the type {shown(kind)}, not function")
        if is_mapping(nested):
            function = nested
            self._drop(value, ("id", "type", "function"))
            self._drop(nested, ("name", "arguments"))
        else:
            function = value
            self._drop(value, ("id", "type", "name", "arguments"))
        name = text(function.get("name"), f"the name of {where}")
        identity = self._identity(value.get("id"), where)
        self._open[identity] = name
        arguments = _written(function.get("arguments"), f"the arguments of {where}")
        return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}

    def _identity(self, given: object, where: str) -> str:
        if given is not None:
            identity = text(given, f"the id of {where}")
        else:
            number = len(self._taken) + 1
            while (identity := f"call_{number}") in self._taken:
                number += 1
        self._taken.add(identity)
        return identity

    def _drop(self, value: Mapping[object, object], used: tuple[str, ...]) -> None:
        for key, inner in value.items():
            if key not in used and inner is not None:
                self._dropped.append(f"tool_calls.{escape(str(key))}")


def read_tools(value: object, column: str) -> list[Json]:
    """Return tool definitions in OpenAI's format.

    They are given as a list or as JSON text: OpenAI's, bare functions, Anthropic's, Gemini's or Bedrock's.
    """
    given = parsed(value, column) if value != "" else None
    if given is None:
        return []
    if is_mapping(given) and is_list(given.get("tools")):
        given = given["tools"]  # Bedrock's toolConfig
    if not is_list(given):
        raise Unconvertible(f"{column} is {shown(given)}, not a list of tool definitions")
    return [_tool(tool, column) for each in given for tool in _declared(plain(each, column))]


def _declared(tool: Json) -> list[Json]:
    """Return the functions that Gemini declares in one object; any other definition alone."""
    if isinstance(tool, dict):
        for key in ("functionDeclarations", "function_declarations"):
            functions = tool.get(key)
            if isinstance(functions, list) and len(tool) == 1:
                return functions
    return [tool]


def _tool(tool: Json, column: str) -> Json:
    if not isinstance(tool, dict):
        raise Unconvertible(f"a tool definition in {column} is {shown(tool)}, not an object")
    spec = tool.get("toolSpec")
    if isinstance(spec, dict) and len(tool) == 1:
        tool = spec  # Bedrock's
    for key in ("inputSchema", "input_schema"):
        schema = tool.get(key)
        if isinstance(schema, dict) and "parameters" not in tool:  # Bedrock's, Anthropic's
            others = {name: inner for name, inner in tool.items() if name != key and inner != "custom"}
            tool = {**others, "parameters": schema.get("json", schema) if key == "inputSchema" else schema}
    kind = tool.get("type", "function")
    if "function" in tool or not isinstance(tool.get("name"), str) or kind != "function":
        return tool
    return {"type": "function", "function": {key: inner for key, inner in tool.items() if key != "type"}}


def _written(arguments: object, what: str) -> str:
    """Return arguments as JSON text."""
    if isinstance(arguments, str):
        return arguments
    if arguments is not None and not is_mapping(arguments):
        raise Unconvertible(f"{what} are {shown(arguments)}, not an object")
    try:
        return json.dumps(plain(arguments or {}, what), ensure_ascii=False)
    except ValueError as error:  # a number with more digits than Python converts
        raise Unconvertible(f"{what} cannot be written: {escape(str(error))}") from error
