"""Answers in a form that the request asks for: a call of one of its tools, or JSON."""

import json
from collections.abc import Mapping, Sequence

from mock_server.core.json_values import Json, child, is_array, is_object
from mock_server.training.dataset_rows import content_text

DEPTH = 8
"""Levels of a schema that are filled in; a schema may refer to itself."""


def shaped(message: Json, body: Json, messages: Sequence[Json], prompt: str) -> Json:
    """Return the answer as the request's `tools`, `tool_choice` and `response_format` want it.

    A tool is called if the request demands it, or if it may be called and the prompt has its name; after a tool's
    answer, unless another call is demanded, the answer repeats that.
    """
    tools = [tool["function"] for tool in body.get("tools") or ()]
    choice: object = body.get("tool_choice") or "auto"
    is_demanded = choice == "required" or is_object(choice)
    if choice == "none":
        message = {"role": "assistant", "content": message.get("content") or ""}
    elif tools and messages[-1]["role"] == "tool" and not is_demanded:
        message = {"role": "assistant", "content": f"The tool answered: {content_text(messages[-1].get('content'))}"}
    elif tools and (is_demanded or not message.get("tool_calls")):  # a tuned model calls what it has learned to call
        function = _called(tools, choice, prompt)
        message = message if function is None else _call(function, prompt)
    return _formatted(message, body.get("response_format"))


def _called(tools: Sequence[Json], choice: object, prompt: str) -> Json | None:
    """Return the function to call: the one that is demanded, else the first that the prompt names."""
    if is_object(choice):
        name = child(choice, "function").get("name")
        return next(tool for tool in tools if tool["name"] == name)
    named = (tool for tool in tools if tool["name"].lower().replace("_", " ") in prompt.lower().replace("_", " "))
    return next(named, tools[0] if choice == "required" else None)


def _call(function: Json, prompt: str) -> Json:
    arguments = _example(function.get("parameters") or {"type": "object"}, prompt)
    called = {"name": function["name"], "arguments": json.dumps(arguments, ensure_ascii=False)}
    call = {"id": f"call_{function['name']}", "type": "function", "function": called}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _formatted(message: Json, wanted: object) -> Json:
    kind = wanted.get("type") if is_object(wanted) else "text"
    content = message.get("content")
    if kind == "text" or not is_object(wanted) or not isinstance(content, str) or message.get("tool_calls"):
        return message
    answer: object = {"answer": content}
    if kind == "json_schema":
        answer = _example(child(wanted, "json_schema").get("schema") or {}, content)
    elif _is_json_object(content):
        return message
    return {**message, "content": json.dumps(answer, ensure_ascii=False)}


def _is_json_object(content: str) -> bool:
    try:
        return is_object(json.loads(content))
    except (ValueError, RecursionError):
        return False


def _example(schema: object, text: str, depth: int = 0) -> object:
    """Return a value of a JSON schema; its strings are the text."""
    if not is_object(schema) or depth > DEPTH:
        return None
    if is_array(schema.get("enum")) and schema["enum"]:
        return schema["enum"][0]
    kind: object = schema.get("type", "object" if "properties" in schema else "string")
    if is_array(kind):
        kind = next(iter(kind), "null")
    if kind == "object":
        properties: Mapping[str, object] = child(schema, "properties")
        wanted = schema.get("required") if is_array(schema.get("required")) else list(properties)
        names = dict.fromkeys(str(name) for name in wanted or ())
        return {name: _example(properties.get(name, {}), text, depth + 1) for name in names}
    if kind == "array":
        return [_example(schema.get("items", {}), text, depth + 1)]
    return {"integer": 1, "number": 1.5, "boolean": True, "null": None}.get(str(kind), text)
