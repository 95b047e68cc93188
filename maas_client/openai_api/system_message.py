"""The system message of a conversation, merged into its first user turn for models whose template has no such role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from ..core.json_fields import is_array

BLANK_LINE = "\n\n"
"""Separator between the two texts, the same as the training back end uses when it merges them."""

Content: TypeAlias = "str | list[Any]"


def merge_system(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """Merge a leading single system message into the user turn after it; return None if that is not possible.

    The texts are joined by a blank line. If the content is a list of parts, the system text becomes its first part.
    Other keys of the user turn are kept; those of the system message are dropped, as no template renders them.
    """
    roles = [turn.get("role") for turn in messages]
    if roles[:2] != ["system", "user"] or roles.count("system") > 1:
        return None
    system, user, *others = messages
    content = _joined(_content(system), _content(user))
    return [{**user, "content": content}, *map(dict, others)]


def _joined(system: Content, user: Content) -> Content:
    before = system if isinstance(system, str) else _text_of(system)
    if before is None:
        return [*system, *_parts(BLANK_LINE if user else ""), *_parts(user)]
    if isinstance(user, str):
        return BLANK_LINE.join(text for text in (before, user) if text)
    return [*_parts(before + BLANK_LINE if before and user else before), *user]


def _content(turn: Mapping[str, Any]) -> Content:
    """Return a turn's content, or an empty string if there is none."""
    content: object = turn.get("content")
    if is_array(content):
        return list(content)
    return content if isinstance(content, str) else ""


def _text_of(parts: list[Any]) -> str | None:
    """Return the text if all parts are text, else None."""
    texts: list[str] = []
    for part in parts:
        match part:
            case {"type": "text", "text": str(text)}:
                texts.append(text)
            case _:
                return None
    return "".join(texts)


def _parts(content: Content) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content
