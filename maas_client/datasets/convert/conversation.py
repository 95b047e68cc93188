"""A conversation in either spelling, role and content or from and value, as a chat row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..excerpt import Json, escape
from ..rows import Row
from ..spellings import meant_role
from .calls import Calls
from .values import Unconvertible, is_list, is_mapping, parsed, plain, shown, text

_ROLES: Mapping[str, str] = {
    "bard": "assistant",
    "bing": "assistant",
    "chatgpt": "assistant",
    "function": "tool",
    "function_response": "tool",
    "observation": "tool",
    "tool_response": "tool",
    "function_call": "tool_call",
}
"""Names that only conversations of other formats have, and what they mean; `tool_call` is a turn that is but a call."""

_ALSO_USED: Mapping[str, tuple[str, ...]] = {
    "assistant": ("tool_calls", "function_call"),
    "tool": ("tool_call_id",),
}
"""By role, the keys of a turn that are used beside role and content."""

_KNOWN = frozenset({"system", "developer", "user", "assistant", "tool", "tool_call"})


def read_conversation(
    value: object, column: str, *, system: object, tools: list[Json], any_role: bool, dropped: list[str]
) -> Row:
    """Return the chat row of a conversation.

    Args:
        value: the turns, as a list, as JSON text, or as Arrow may keep them: one object of equally long lists.
        column: where they come from, for messages.
        system: the text of a system message that stands in a column of its own; None or blank for none.
        tools: the definitions of tools.
        any_role: keep a role that is not known as it is.
        dropped: takes the keys that have no place in a chat row.

    Raises:
        Unconvertible: a turn is none, or has a role that is not known.
    """
    calls = Calls(dropped)
    messages: list[Json] = []
    for number, turn in enumerate(_turns(value, column), start=1):
        messages.append(_message(turn, f"turn {number}", calls, any_role=any_role, dropped=dropped))
    row: Row = {"messages": _with_system(messages, system)}
    return {**row, "tools": tools} if tools else row


def _turns(value: object, column: str) -> Sequence[object]:
    given = parsed(value, column)
    if is_mapping(given):
        lists = [inner for inner in given.values() if is_list(inner)]
        if lists and len(lists) == len(given) and len({len(each) for each in lists}) == 1:
            return [dict(zip(given, each, strict=True)) for each in zip(*lists, strict=True)]
    if not is_list(given):
        raise Unconvertible(f"{column} is {shown(given)}, not a list of turns")
    return given


def _message(turn: object, where: str, calls: Calls, *, any_role: bool, dropped: list[str]) -> Json:
    if not is_mapping(turn):
        raise Unconvertible(f"{where} is {shown(turn)}, not an object")
    role_key = "role" if turn.get("role") is not None else "from"
    content_key = "content" if turn.get("content") is not None else "value"
    role, content = _role(turn.get(role_key), where, any_role=any_role), turn.get(content_key)
    used = (role_key, content_key, *_ALSO_USED.get(role, ()))
    dropped += [f"messages.{escape(str(key))}" for key, inner in turn.items() if key not in used and inner is not None]
    if role == "tool_call":
        return {"role": "assistant", "tool_calls": calls.read(content, f"the call of {where}")}
    message: dict[str, Json] = {"role": role}
    if content is not None:
        message["content"] = _content(content, f"the content of {where}")
    if role == "assistant":
        given = [turn[key] for key in _ALSO_USED[role] if turn.get(key)]
        made = [call for each in given for call in calls.read(each, f"a call of {where}")]
        message |= {"tool_calls": made} if made else {}
    elif role == "tool":
        answered = calls.answer(turn.get("tool_call_id"), turn.get("name"), where)
        message |= {"tool_call_id": answered} if answered is not None else {}
    if len(message) == 1 or message.keys() == {"role", "tool_call_id"}:
        raise Unconvertible(f"{where} has no content")
    return message


def _role(given: object, where: str, *, any_role: bool) -> str:
    role = text(given, f"the role of {where}")
    name = meant_role(role, any_role=True) or role
    small = name.strip().lower()
    name = _ROLES.get(small, small if small in _KNOWN else name)
    if name in _KNOWN or (any_role and name):
        return name
    raise Unconvertible(f"the role of {where} is {shown(role)}, and it is not known whose words these are")


def _content(content: object, what: str) -> Json:
    return plain(content, what) if is_list(content) else text(content, what)


def _with_system(messages: list[Json], system: object) -> list[Json]:
    """Return the messages, behind the system message that stands in a column of its own."""
    words = text(system, "system") if system is not None else ""
    first = messages[0] if messages else None
    own = first.get("content") if isinstance(first, dict) and first.get("role") == "system" else None
    if not words.strip() or own == words:
        return messages
    if own is not None:
        raise Unconvertible("there is a system message in a column of its own, and another one in the conversation")
    return [{"role": "system", "content": words}, *messages]
