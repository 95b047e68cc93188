"""Tools, their calls and the answers: what each has to look like, and in which order they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from ..rows.excerpt import Json, describe, escape
from ..rows.schemas import Problem
from .schemas import role_of

Turn = Mapping[str, Json]


def judge_tools(tools: Json, where: str) -> Iterator[Problem]:
    """Yield the problem of tool definitions; null counts as none."""
    if tools is None:
        return
    if not isinstance(tools, list):
        yield Problem("chat-tools-invalid", where, describe(tools), f"tools is {describe(tools)}, not a list")
        return
    for index, tool in enumerate(tools):
        if _function_name(tool) is None:
            message = "the tool is no function with a name"
            yield Problem("chat-tools-invalid", f"{where}/{index}", describe(tool), message)
            return


def judge_calls(turns: Sequence[Turn], tools: Json, where: str) -> Iterator[Problem]:
    """Yield the problems of the calls in a conversation, turn by turn, then of their answers."""
    defined = {_function_name(tool) for tool in tools} if isinstance(tools, list) else set[str | None]()
    for index, turn in enumerate(turns):
        if turn.get("tool_calls") is not None:
            yield from _calling_turn(turn, defined, f"{where}/{index}")
    yield from _answers(turns, where)


def calls_of(turn: Turn) -> list[Json]:
    """Return the calls that an assistant's turn makes."""
    calls = turn.get("tool_calls")
    return calls if isinstance(calls, list) and turn.get("role") == "assistant" else []


def ids_of(calls: Sequence[Json]) -> list[str]:
    """Return the ids of calls."""
    found = (call.get("id") for call in calls if isinstance(call, dict))
    return [each for each in found if isinstance(each, str)]


def make_one_turn(before: Turn, turn: Turn) -> bool:
    """Return whether two successive turns only call tools, and so can be one turn."""
    calls = [*calls_of(before), *calls_of(turn)]
    ids = ids_of(calls)
    apart = [{key: value for key, value in each.items() if key != "tool_calls"} for each in (before, turn)]
    return bool(calls_of(before) and calls_of(turn)) and apart[0] == apart[1] and len(set(ids)) == len(ids)


def _calling_turn(turn: Turn, defined: set[str | None], where: str) -> Iterator[Problem]:
    calls, place = turn["tool_calls"], f"{where}/tool_calls"
    if turn.get("role") != "assistant":
        role = escape(role_of(turn))
        yield Problem("chat-tool-calls-invalid", place, describe(calls), f"a message of the role {role} calls tools")
        return
    if not isinstance(calls, list) or not calls:
        found = describe(calls)
        yield Problem("chat-tool-calls-invalid", place, found, f"tool_calls is {found}, not a list of calls")
        return
    if "content" in turn:
        content, at = turn["content"], f"{where}/content"
        if content is None:
            yield Problem("chat-content-null-beside-calls", at, "null", "the turn calls tools, and its content is null")
        else:
            found = describe(content)
            yield Problem("chat-content-beside-calls", at, found, "the turn calls tools and has content, too")
    for index, call in enumerate(calls):
        yield from _call(call, defined, f"{place}/{index}")
    ids = ids_of(calls)
    if len(set(ids)) < len(ids):
        yield Problem("chat-tool-calls-invalid", place, describe(calls), "two calls of the turn have the same id")


def _call(call: Json, defined: set[str | None], where: str) -> Iterator[Problem]:
    name, has_id = _function_name(call), isinstance(call, dict) and isinstance(call.get("id"), str)
    if name is None or not has_id or not isinstance(call, dict):
        lacks = "an id" if name is not None else "a function with a name"
        yield Problem("chat-tool-calls-invalid", where, describe(call), f"the call has not {lacks}")
        return
    function = call["function"]
    arguments = function.get("arguments") if isinstance(function, dict) else None
    at, found = f"{where}/function/arguments", describe(arguments)
    if isinstance(arguments, dict):
        yield Problem("chat-tool-arguments-not-text", at, found, f"the arguments are {found}, not a string of JSON")
    elif not isinstance(arguments, str):
        yield Problem("chat-tool-calls-invalid", at, found, f"the arguments are {found}, not a string of JSON")
    elif not _is_object(arguments):
        yield Problem("chat-tool-arguments-invalid", at, found, "the arguments are no JSON object")
    if name not in defined:
        shown = escape(name)
        yield Problem("chat-tool-undefined", f"{where}/function/name", shown, f"the row's tools have no {shown}")


def _answers(turns: Sequence[Turn], where: str) -> Iterator[Problem]:
    """Yield the problems of answers: a call needs one right after it, unless the conversation ends with the call."""
    open_calls: dict[str, str] = {}
    caller: Turn | None = None
    for index, turn in enumerate(turns):
        place = f"{where}/{index}"
        if turn.get("role") == "tool":
            asked = turn.get("tool_call_id")
            if isinstance(asked, str) and asked in open_calls:
                del open_calls[asked]
            else:
                message = f"no call of the message before has the id {describe(asked)}"
                yield Problem("chat-tool-answer-unasked", f"{place}/tool_call_id", describe(asked), message)
        else:
            if open_calls:
                yield _unanswered(turns[index - 1], turn, open_calls, place)
            caller = turn if calls_of(turn) else None
            open_calls = dict.fromkeys(ids_of(calls_of(turn)), f"{place}/tool_calls")
    if open_calls and caller is not turns[-1]:
        yield _unanswered({}, {}, open_calls, where)


def _unanswered(before: Turn, turn: Turn, open_calls: Mapping[str, str], where: str) -> Problem:
    """Return the problem of calls that a turn leaves unanswered."""
    if make_one_turn(before, turn):
        message = "the turn calls tools right after another one that does"
        return Problem("chat-calls-in-several-turns", f"{where}/tool_calls", describe(turn["tool_calls"]), message)
    first, place = next(iter(open_calls.items()))
    shown = escape(first)
    return Problem("chat-tool-answer-missing", place, shown, f"no tool message right after the turn answers {shown}")


def _function_name(value: Json) -> str | None:
    """Return the name of the function that a tool defines or a call calls; None if it is malformed."""
    function = value.get("function") if isinstance(value, dict) and value.get("type") == "function" else None
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) and name else None


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
