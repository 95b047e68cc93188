"""Conversations with role and content, or from and value, as chat rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..rows.aliases import role_alias
from ..rows.excerpt import Json, escape
from ..rows.marks import marks
from ..rows.schemas import Row
from .blocks import Block, read_blocks, text_of_value
from .tool_calls import ToolCalls
from .values import LeftOut, Unconvertible, is_list, is_mapping, parsed, plain, shown, text

_ROLES: Mapping[str, str] = {
    "bard": "assistant",
    "bing": "assistant",
    "chatgpt": "assistant",
    "function_response": "tool",
    "observation": "tool",
    "tool_response": "tool",
    "function_call": "tool_call",
}
"""Role names of other formats and their meaning; `tool_call` is a turn that consists only of a call."""

_ALSO_USED: Mapping[str, tuple[str, ...]] = {
    "assistant": ("tool_calls", "function_call"),
    "tool": ("tool_call_id",),
}
"""By role, the keys of a turn that are used besides role and content."""

_LEARNED = frozenset({"assistant", "tool_call"})

_CONTENT_KEYS = ("content", "value", "parts")

_KNOWN = frozenset({"system", "developer", "user", "assistant", "tool", "tool_call"})


def read_conversation(
    value: object, column: str, *, system: object, tools: list[Json], any_role: bool, dropped: list[str]
) -> Row:
    """Return the chat row of a conversation.

    Args:
        value: the turns, as a list, as JSON text, or as Arrow may store them: one object of equally long lists.
        column: the column they come from, for error messages.
        system: the system message from its own column, as text or as parts; None or blank if there is none.
        tools: the tool definitions.
        any_role: keep unknown roles unchanged.
        dropped: receives the keys that chat rows do not have.

    Raises:
        Unconvertible: a turn is invalid, or has an unknown role.
        LeftOut: a turn of the assistant is marked as not to be learned.
    """
    conversation = _Conversation(any_role=any_role, dropped=dropped)
    for number, turn in enumerate(_turns(value, column), start=1):
        conversation.add(turn, f"turn {number}")
    row: Row = {"messages": _with_system(conversation.messages, system)}
    return {**row, "tools": tools} if tools else row


def turns_of(value: object, role: str, column: str) -> list[object]:
    """Return turns as they are given, or the turn of a role for a text; raise Unconvertible for anything else."""
    if isinstance(value, str) and not _is_written_out(value):
        return [{"role": role, "content": value}]
    return list(_turns(value, column))


def _is_written_out(text: str) -> bool:
    """Return whether a text is a list of turns as JSON, as a table has it."""
    if not text.startswith("[{"):
        return False
    try:
        turns = parsed(text, "")
    except Unconvertible:
        return False
    return is_list(turns) and all(is_mapping(turn) and bool({"role", "from"} & turn.keys()) for turn in turns)


class _Conversation:
    """The messages of a conversation, built turn by turn."""

    def __init__(self, *, any_role: bool, dropped: list[str]) -> None:
        self.messages: list[Json] = []
        self._any_role, self._dropped, self._calls = any_role, dropped, ToolCalls(dropped)
        self._at_once: list[Json] | None = None

    def add(self, turn: object, where: str) -> None:
        """Add a turn; raise Unconvertible if it is invalid, LeftOut if it must not be learned."""
        if not is_mapping(turn):
            raise Unconvertible(f"{where} is {shown(turn)}, not an object")
        role_key = "role" if turn.get("role") is not None else "from"
        content_key = next((key for key in _CONTENT_KEYS if turn.get(key) is not None), "content")
        role, content = self._role(turn.get(role_key), where), turn.get(content_key)
        _refuse_marked(turn, role)
        self._drop(turn, (role_key, content_key, *_ALSO_USED.get(role, ())))
        if role == "tool_call":
            self._add_calls(self._calls.read(content, f"the call of {where}"), where)
            return
        content = [content] if is_mapping(content) else content
        blocks = read_blocks(content, f"the content of {where}", self._dropped) if is_list(content) else None
        if blocks is not None and any(block.kind != "text" for block in blocks):
            self._add_blocks(blocks, turn, role, where)
            return
        message: dict[str, Json] = {"role": role}
        if blocks is not None:
            message["content"] = "".join(block.text for block in blocks)
        elif content is not None:
            message["content"] = _content(content, f"the content of {where}")
        made = self._made(turn, where) if role == "assistant" else []
        if made:
            message["tool_calls"] = made
        if len(message) == 1:
            raise Unconvertible(f"{where} has no content")
        answered = self._calls.answer(turn, where) if role == "tool" else None
        if answered is not None:
            message["tool_call_id"] = answered
        self.messages.append(message)
        self._at_once = None

    def _add_blocks(self, blocks: list[Block], turn: Mapping[object, object], role: str, where: str) -> None:
        """Add a turn whose parts are also calls or results of tools, in their order: a result is a message."""
        self._at_once = None
        texts, calls = list[str](), self._made(turn, where) if role == "assistant" else []
        for block in blocks:
            if block.kind == "call":
                if role != "assistant":
                    raise Unconvertible(f"{where} calls a tool, and its role is {role}")
                calls += self._calls.read(block.value, f"a call of {where}")
            elif block.kind == "text":
                if calls:
                    self._add_message(role, texts, calls)
                    texts, calls = [], []
                texts.append(block.text)
            else:
                self._add_message(role, texts, calls)
                texts, calls = [], []
                answered = self._calls.answer({**turn, **block.value}, where)
                result: dict[str, Json] = {"role": "tool", "content": block.text}
                self.messages.append(result if answered is None else {**result, "tool_call_id": answered})
        self._add_message(role, texts, calls)

    def _add_message(self, role: str, texts: list[str], calls: list[Json]) -> None:
        if texts or calls:
            message: dict[str, Json] = {"role": role, "content": "".join(texts)}
            self.messages.append({**message, "tool_calls": calls} if calls else message)

    def _made(self, turn: Mapping[object, object], where: str) -> list[Json]:
        """Return the tool calls of an assistant turn."""
        given = [turn[key] for key in _ALSO_USED["assistant"] if turn.get(key)]
        return [call for each in given for call in self._calls.read(each, f"a call of {where}")]

    def _add_calls(self, made: list[Json], where: str) -> None:
        """Add a turn that consists only of calls; consecutive turns of this kind become one message."""
        if not made:
            raise Unconvertible(f"{where} has no call")
        if self._at_once is None:
            self._at_once = []
            self.messages.append({"role": "assistant", "tool_calls": self._at_once})
        self._at_once += made

    def _role(self, given: object, where: str) -> str:
        role = text(given, f"the role of {where}")
        name = role_alias(role, any_role=True) or role
        small = name.strip().lower()
        name = _ROLES.get(small, small if small in _KNOWN else name)
        if self._any_role and small == "function":
            return "tool"  # in ShareGPT it may be a call as well as the answer to one
        if name in _KNOWN or (self._any_role and name):
            return name
        raise Unconvertible(f"the role of {where} is {shown(role)}, which is unknown")

    def _drop(self, turn: Mapping[object, object], used: tuple[str, ...]) -> None:
        for key, inner in turn.items():
            if key not in used and inner is not None:
                self._dropped.append(f"messages.{escape(str(key))}")


def _refuse_marked(turn: Mapping[object, object], role: str) -> None:
    """Raise LeftOut for a turn that would be learned though it must not be: the service learns all of the assistant."""
    if role in _LEARNED:
        for key in marks(turn):
            raise LeftOut(f"messages.{key}")


def _turns(value: object, column: str) -> Sequence[object]:
    given = parsed(value, column)
    if is_mapping(given):
        lists = [inner for inner in given.values() if is_list(inner)]
        if lists and len(lists) == len(given) and len({len(each) for each in lists}) == 1:
            return [dict(zip(given, each, strict=True)) for each in zip(*lists, strict=True)]
    if not is_list(given):
        raise Unconvertible(f"{column} is {shown(given)}, not a list of turns")
    return given


def _content(content: object, what: str) -> Json:
    return plain(content, what) if is_list(content) else text(content, what)


def _with_system(messages: list[Json], system: object) -> list[Json]:
    """Return the messages, after the system message from its own column."""
    words = text_of_value(system, "system") if system is not None else ""
    first = messages[0] if messages else None
    own = first.get("content") if isinstance(first, dict) and first.get("role") == "system" else None
    if not words.strip() or own == words:
        return messages
    if own is not None:
        raise Unconvertible("the row has a system message both in its own column and in the conversation")
    return [{"role": "system", "content": words}, *messages]
