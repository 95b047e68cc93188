"""Chat rows: what the service and a model's template make of each message."""

from __future__ import annotations

from collections.abc import Iterator

from ..model_facts import ModelFacts
from .excerpt import Json, describe, escape, pointer
from .rows import CHAT, Problem, Row, ignored_columns

_COMMON_ROLES = ("system", "user", "assistant")
_INSTRUCTING = frozenset({"system", "developer"})
_MESSAGE_KEYS = frozenset({"role", "content", "tool_calls", "tool_call_id"})


def clean_chat(row: Json, *, system: bool) -> bool:
    """Decide quickly that a chat row has no problem; False means only that it needs a closer look.

    A clean row has nothing but messages of role and text: a system message if the model has that role (`system`),
    then user and assistant in turn, ending with the assistant.
    """
    if not isinstance(row, dict) or len(row) != 1:
        return False
    messages = row.get("messages")
    if not isinstance(messages, list) or len(messages) < 2:
        return False
    expected = "user"
    for message in messages:
        if not isinstance(message, dict) or len(message) != 2:
            return False
        role = message.get("role")
        if role != expected:
            if role != "system" or not system or message is not messages[0]:
                return False
        elif expected == "user":
            expected = "assistant"
        else:
            expected = "user"
        content = message.get("content")
        if not isinstance(content, str) or not content or content.isspace():
            return False
    return expected == "user"


def judge_chat(row: Row, model: ModelFacts | None) -> list[Problem]:
    """Return what the service would act on in a chat row; a dropped row has exactly one problem."""
    messages = row["messages"]
    if not isinstance(messages, list):
        found = describe(messages)
        return [Problem("chat-messages-not-list", "/messages", found, f"messages is {found}")]
    turns: list[Row] = []
    for index, message in enumerate(messages):
        problem = _malformed(message, index)
        if problem is not None:
            return [problem]
        if isinstance(message, dict):
            turns.append(message)
    if len(turns) < 2:
        found = describe(messages)
        return [Problem("chat-too-short", "/messages", found, f"a conversation of {len(turns)} is no training example")]
    roles = [str(turn["role"]) for turn in turns]
    if "assistant" not in roles:
        found = ", ".join(escape(role) for role in dict.fromkeys(roles))
        return [
            Problem("chat-no-assistant", "/messages", escape(found), f"no message is the assistant's: {escape(found)}")
        ]
    problems: dict[str, Problem] = {}
    for problem in (*_order(roles), *_roles(roles, model), *_contents(turns), *_tools(row, model)):
        problems.setdefault(problem.rule, problem)
    return [*problems.values(), *ignored_columns(row, CHAT), *_ignored_keys(turns)]


def _malformed(message: Json, index: int) -> Problem | None:
    """Explain a message that makes the service drop its row. Nulls count as absent."""
    if not isinstance(message, dict):
        found = describe(message)
        return Problem("chat-message-not-object", pointer("messages", index), found, f"the message is {found}")
    role = message.get("role")
    if not isinstance(role, str):
        found = describe(role)
        return Problem(
            "chat-role-invalid", pointer("messages", index, "role"), found, f"the role is {found}, no string"
        )
    content = message.get("content")
    if not isinstance(content, str | list) and not isinstance(message.get("tool_calls"), list):
        found = describe(content)
        where = pointer("messages", index, "content")
        return Problem("chat-content-invalid", where, found, f"the content is {found}, and there are no tool calls")
    return None


def _order(roles: list[str]) -> Iterator[Problem]:
    """Warn of turns that do not take turns, and of a system message anywhere but first."""
    previous = None
    for index, role in enumerate(roles):
        where = pointer("messages", index, "role")
        if role in _INSTRUCTING:
            if index and role == "system":
                yield Problem("chat-system-not-first", where, role, f"message {index + 1} is a system message")
            continue
        if previous is None and role != "user":
            yield Problem("chat-not-alternating", where, escape(role), f"the first turn is {escape(role)}, not user")
        elif role == previous and role in _COMMON_ROLES:
            yield Problem("chat-not-alternating", where, role, f"two {role} turns follow each other")
        previous = role
    if roles[-1] != "assistant":
        where = pointer("messages", len(roles) - 1, "role")
        last = escape(roles[-1])
        yield Problem("chat-last-not-assistant", where, last, f"the last message is {last}, not assistant")


def _roles(roles: list[str], model: ModelFacts | None) -> Iterator[Problem]:
    """Name the turns that a template leaves out; without a model, the ones that most templates leave out."""
    rendered = _COMMON_ROLES if model is None else model.template.roles
    if rendered is None:
        return
    foldable = roles.count("system") == 1 and roles[:2] == ["system", "user"]
    for index, role in enumerate(roles):
        if role in rendered:
            continue
        where, shown = pointer("messages", index), escape(role)
        if model is None:
            yield Problem("chat-role-uncommon", where, shown, f"not every template knows the role {shown}")
        elif role != "system":
            yield Problem("chat-role-omitted", where, shown, f"{model.name} leaves out {shown} turns")
        elif foldable:
            yield Problem("chat-system-omitted", where, shown, f"{model.name} has no system role")
        else:
            yield Problem(
                "chat-system-lost", where, shown, f"{model.name} has no system role, and this one cannot move"
            )


def _contents(turns: list[Row]) -> Iterator[Problem]:
    """Warn of turns without text, of parts that are not text, and of tool calls."""
    for index, turn in enumerate(turns):
        content, calls = turn.get("content"), turn.get("tool_calls")
        where = pointer("messages", index, "content")
        if isinstance(content, list):
            for number, part in enumerate(content):
                kind = part.get("type") if isinstance(part, dict) else None
                if not (isinstance(part, dict) and kind == "text" and isinstance(part.get("text"), str)):
                    found = describe(kind if isinstance(kind, str) else part)
                    yield Problem(
                        "chat-content-not-text", f"{where}/{number}", found, f"a part of the content is {found}"
                    )
                    break
        if calls:
            where_calls = pointer("messages", index, "tool_calls")
            yield Problem("chat-tool-calls", where_calls, describe(calls), "the turn calls tools")
        elif not _text(content).strip():
            yield Problem("chat-content-empty", where, describe(content), "the turn has no text")


def _text(content: Json | None) -> str:
    """Return what a template can render of a message's content."""
    if not isinstance(content, list):
        return content if isinstance(content, str) else ""
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _tools(row: Row, model: ModelFacts | None) -> Iterator[Problem]:
    """Name tool definitions that the model's template has no place for."""
    if row.get("tools") and model is not None and not model.template.tools:
        found = describe(row["tools"])
        yield Problem("chat-tools-omitted", "/tools", found, f"{model.name} has no place for tool definitions")


def _ignored_keys(turns: list[Row]) -> Iterator[Problem]:
    """Name keys of messages that nothing reads, each once."""
    seen: set[str] = set()
    for index, turn in enumerate(turns):
        if turn.keys() <= _MESSAGE_KEYS:
            continue
        for key, value in turn.items():
            if key not in _MESSAGE_KEYS and key not in seen and value is not None:
                seen.add(key)
                named = escape(key)
                yield Problem(
                    "chat-key-ignored", pointer("messages", index, key), named, f"the message's key {named} is not used"
                )
