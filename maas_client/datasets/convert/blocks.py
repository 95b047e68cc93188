"""Content that is a list of parts, in the spelling of any tool, as texts, tool calls and results of tools."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..rows.content import TEXT_KEYS, WRAPPERS, BlockKind, block_kind, text_in
from ..rows.excerpt import escape
from .values import Unconvertible, is_list, is_mapping, parsed, plain, shown

_IDS = ("id", "tool_call_id", "tool_use_id", "toolUseId", "call_id")
_ARGUMENTS = ("arguments", "input", "args")
_RESULTS = ("content", "tool_result", "response", "output", "result")


class Block(NamedTuple):
    """A part: its kind, its text, and for a call or a result the object with its id and name."""

    kind: BlockKind
    text: str = ""
    value: Mapping[object, object] = {}


def read_blocks(content: Sequence[object], what: str, dropped: list[str]) -> list[Block] | None:
    """Return the parts of a message's content, reasoning left out; None if a part is something else than these.

    `dropped` receives the keys that chat rows do not have, and the reasoning.
    """
    found, left = list[Block](), list[str]()
    for part in content:
        kind = block_kind(part)
        if kind is None:
            return None
        if kind == "reasoning":
            left.append("content.reasoning")
        else:
            found.append(_block(part, kind, what, left))
    dropped += left
    return found


def text_of_value(value: object, what: str) -> str:
    """Return a system message or the result of a tool as text: a string, parts of text, or an object with these.

    Raises Unconvertible for anything else.
    """
    if isinstance(value, str):
        return value
    if is_mapping(value) and value.get("parts") is not None:
        value = value["parts"]
    given = value if is_list(value) else [value]
    blocks = read_blocks(given, what, []) if is_list(value) or is_mapping(value) else None
    if blocks is None or any(block.kind != "text" for block in blocks):
        raise Unconvertible(f"{what} is {shown(value)}, not a string")
    return "".join(block.text for block in blocks)


def _block(part: object, kind: BlockKind, what: str, dropped: list[str]) -> Block:
    if not is_mapping(part):
        return Block(kind, part if isinstance(part, str) else "")
    if kind == "text":
        _drop(part, ("type", "thought", *TEXT_KEYS), dropped)
        return Block(kind, text_in(part) or "")
    inner = next(filter(is_mapping, (part.get(key) for key in (*WRAPPERS, "tool_call"))), part)
    _drop(inner, ("type", "name", "function", "value", *_IDS, *(_ARGUMENTS if kind == "call" else _RESULTS)), dropped)
    named: dict[object, object] = {"name": inner.get("name")} if inner.get("name") is not None else {}
    identity = _first(inner, _IDS)
    if kind == "call":
        function = inner.get("function")
        written = inner.get("value")
        if isinstance(written, str) and not named and not is_mapping(function):
            function = parsed(written, f"a call in {what}")
        called: dict[object, object] = (
            {"function": function} if is_mapping(function) else {"arguments": _first(inner, _ARGUMENTS)}
        )
        return Block(kind, value={"id": identity, **named, **called})
    answered: dict[object, object] = {"tool_call_id": identity} if identity is not None else {}
    return Block(kind, _result(_first(inner, _RESULTS), f"a result in {what}"), {**named, **answered})


def _drop(value: Mapping[object, object], known: Sequence[str], dropped: list[str]) -> None:
    """Count the keys that are not known and not empty as dropped."""
    unknown = (key for key, inner in value.items() if key not in known and inner not in (None, [], {}))
    dropped += [f"content.{escape(str(key))}" for key in unknown]


def _result(value: object, what: str) -> str:
    """Return the result of a tool as text: its own, or JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    parts = read_blocks(value, what, []) if is_list(value) else None
    if parts and all(part.kind == "text" for part in parts):
        return "".join(part.text for part in parts)
    if is_list(value) and len(value) == 1 and is_mapping(value[0]) and list(value[0]) == ["json"]:
        value = value[0]["json"]
    try:
        return json.dumps(plain(value, what), ensure_ascii=False)
    except ValueError as error:  # a number with more digits than Python converts
        raise Unconvertible(f"{what} cannot be written: {escape(str(error))}") from error


def _first(value: Mapping[object, object], keys: Sequence[str]) -> object:
    return next((value[key] for key in keys if value.get(key) is not None), None)
