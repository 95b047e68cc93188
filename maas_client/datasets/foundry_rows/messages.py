"""The messages of a row, one by one and in their order: roles, content, weights and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..rows.aliases import message_key_aliases, role_alias
from ..rows.content import has_text
from ..rows.excerpt import Json, describe, escape
from ..rows.marks import is_mark, shown_mark
from ..rows.schemas import Problem, Row
from .schemas import role_of

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_DEPRECATED_ROLE = "function"
_KEYS = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "weight", "function_call", "refusal"})
_INSTRUCTING = frozenset({"system", "developer"})
_TALKING = frozenset({"user", "assistant"})


def judge_message(message: Json, where: str) -> Iterator[Problem]:
    """Yield the problems of one message but for its tool calls and its images."""
    if not isinstance(message, dict):
        found = describe(message)
        yield Problem("chat-message-not-object", where, found, f"the message is {found}")
        return
    yield from _role(message, where)
    yield from _content(message, where)
    yield from _weight(message, where)
    for key, value in message.items():
        if key in _KEYS or value is None:
            continue
        named = escape(key)
        if is_mark(key, value):
            mark = shown_mark(key, value)
            yield Problem("mark-ignored", f"{where}/{named}", mark, f"the turn is trained on although it has {mark}")
        else:
            yield Problem("chat-key-ignored", f"{where}/{named}", named, f"the message key {named} is not documented")


def judge_order(messages: Sequence[Mapping[str, Json]], where: str) -> Iterator[Problem]:
    """Yield warnings for turns that do not alternate, and for system messages that are not first."""
    previous = ""
    for index, message in enumerate(messages):
        role, place = role_of(message), f"{where}/{index}/role"
        if role in _INSTRUCTING:
            if index and role == "system":
                yield Problem("chat-system-not-first", place, "system", f"message {index + 1} is a system message")
            continue
        shown = escape(role)
        if not previous and role != "user":
            yield Problem("chat-not-alternating", place, shown, f"the first turn is {shown}, not user")
        elif role == previous and role in _TALKING:
            yield Problem("chat-not-alternating", place, shown, f"two consecutive {shown} turns")
        previous = role


def _role(message: Row, where: str) -> Iterator[Problem]:
    role = message.get("role")
    if not isinstance(role, str):
        yield from _misspelt(message, where)
        found = describe(role)
        yield Problem("chat-role-invalid", f"{where}/role", found, f"the role is {found}, not a string")
    elif role == _DEPRECATED_ROLE:
        yield Problem("chat-function-call", f"{where}/role", role, "the role function is the form of 2023")
    elif role not in ROLES:
        shown, right = escape(role), role_alias(role, any_role=True)
        if right is not None:
            yield Problem("chat-role-misnamed", f"{where}/role", shown, f"{shown} is another name for {right}")
        yield Problem("chat-role-invalid", f"{where}/role", shown, f"there is no role {shown}")


def _misspelt(message: Row, where: str) -> Iterator[Problem]:
    for key, right in message_key_aliases(message).items():
        shown = escape(key)
        yield Problem("chat-message-misspelt", f"{where}/{shown}", shown, f"the message key {right} is spelled {shown}")


def _content(message: Row, where: str) -> Iterator[Problem]:
    """Yield the problems of the content of a message; of one that calls tools see `tool_calls`."""
    content, place = message.get("content"), f"{where}/content"
    if isinstance(message.get("function_call"), dict):
        at = f"{where}/function_call"
        yield Problem("chat-function-call", at, "function_call", "the call is in function_call, the form of 2023")
        return
    if message.get("tool_calls") is not None or isinstance(message.get("refusal"), str):
        return
    if not isinstance(content, str | list):
        yield from _misspelt(message, where)
        found = describe(content)
        yield Problem("chat-content-invalid", place, found, f"the content is {found}, and there are no tool calls")
    elif isinstance(content, list) and not content:
        yield Problem("chat-content-invalid", place, describe(content), "the content is an empty list")
    elif isinstance(content, str) and not has_text(content):
        yield Problem("chat-content-empty", place, describe(content), "the turn has no text")


def _weight(message: Row, where: str) -> Iterator[Problem]:
    if "weight" not in message:
        return
    weight, place = message["weight"], f"{where}/weight"
    found = describe(weight)
    if weight is None:
        yield Problem("chat-weight-misplaced", place, found, "the weight is null")
    elif role_of(message) != "assistant":
        role = escape(role_of(message))
        yield Problem("chat-weight-misplaced", place, found, f"a message of the role {role} has a weight")
    elif isinstance(weight, bool) or weight not in (0, 1):
        yield Problem("chat-weight-invalid", place, found, f"the weight is {found}, not 0 or 1")
