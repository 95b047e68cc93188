"""Tools, calls and answers in the rows that Foundry trains on (azure-ai-docs, `fine-tuning-functions.md`)."""

from mock_server.core.json_values import Json, child, is_array, is_object, parse, text
from mock_server.training.foundry_row_error import RowError


def check_tools(tools: object) -> frozenset[str]:
    """Return the names of a row's functions; none for null."""
    if tools is None:
        return frozenset()
    names = [_function(tool) for tool in tools] if is_array(tools) else [""]
    if not all(names):
        raise RowError("tools must be a list of functions with a name.")
    return frozenset(names)


def check_call(message: Json) -> None:
    """Check a message that calls tools."""
    calls: object = message.get("tool_calls")
    if message["role"] != "assistant" or not is_array(calls) or not calls:
        raise RowError("tool_calls is a list of calls, on messages of the role assistant only.")
    if message.get("content") is not None:
        raise RowError("a message with tool_calls must not have content.")
    ids: set[str] = set()
    for call in calls:
        if not _function(call) or not text(call, "id"):
            raise RowError("each of tool_calls must have an id, the type function and a function with a name.")
        if not _is_json_object(child(call, "function").get("arguments")):
            raise RowError("the arguments of a call must be a JSON object in a string.")
        ids.add(text(call, "id"))
    if len(ids) < len(calls):
        raise RowError("the calls of a message must have different ids.")


def check_calls(messages: list[Json], known: frozenset[str]) -> None:
    """Check that each call is answered right after it, unless it ends the messages, and that its function is known."""
    waiting: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if text(message, "tool_call_id") not in waiting:
                raise RowError("a message of the role tool must answer a call of the assistant turn before it.")
            waiting.discard(text(message, "tool_call_id"))
            continue
        if waiting:
            raise RowError("each of tool_calls must be answered right after its message.")
        calls: object = message.get("tool_calls")
        for call in calls if is_array(calls) else []:
            name = _function(call)
            if name not in known:
                raise RowError(f"the function {name[:80]!r} is called and not among the tools.")
            waiting.add(text(call, "id"))
    if waiting and messages[-1]["role"] == "tool":
        raise RowError("each of tool_calls must be answered right after its message.")


def _function(value: object) -> str:
    """Return the name of the function that a tool defines or a call calls; empty for what is neither."""
    is_function = is_object(value) and value.get("type") == "function"
    return text(child(value, "function"), "name") if is_object(value) and is_function else ""


def _is_json_object(value: object) -> bool:
    try:
        return isinstance(value, str) and is_object(parse(value))
    except ValueError:
        return False
