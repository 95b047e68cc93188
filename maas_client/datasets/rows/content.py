"""What the content of a message is: a string, a list of parts or nothing, and the text in it.

Parts of other tools are Anthropic's blocks (`tool_use`, `tool_result`, `thinking`), Bedrock's (`toolUse`,
`toolResult`), Gemini's (`functionCall`, `functionResponse`) and those of Foundry's agents (`tool_call`, and `text` as
an object with `value`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeGuard

from ...catalog.model_facts import ContentKind
from .excerpt import Json


def content_kind(content: Json) -> ContentKind:
    """Return what kind of content a message has."""
    return "string" if isinstance(content, str) else "parts" if isinstance(content, list) else "none"


def text_of(content: Json | None) -> str:
    """Return the part of a message's content that templates render: a string, or the text parts of a list."""
    if not isinstance(content, list):
        return content if isinstance(content, str) else ""
    texts = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str))


def text_of_parts(content: Json | None) -> str | None:
    """Return the text of a list of parts that are nothing but text, joined; None if any part is something else."""
    if not isinstance(content, list):
        return None
    texts: list[str] = []
    for part in content:
        text = text_of_part(part)
        if text is None:
            return None
        texts.append(text)
    return "".join(texts)


def text_of_part(part: Json) -> str | None:
    """Return the text of a part, which may be a string, lack a type or spell its key otherwise; None without."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict) or part.get("type", "text") not in _TEXT_TYPES:
        return None
    keys = [key for key in part if key != "type" and part[key] is not None]
    text = part[keys[0]] if len(keys) == 1 and keys[0] in {"text", "value", "content"} else None
    return text if isinstance(text, str) else None


BlockKind = Literal["text", "call", "result", "reasoning"]

_TEXT_TYPES = ("text", "input_text", "output_text")
TEXT_KEYS = ("text", "value", "content")
"""Keys of a part under which its text may be."""

_KINDS: Mapping[str, BlockKind] = {
    "tool_use": "call",
    "tool_call": "call",
    "function_call": "call",
    "tool_result": "result",
    "function_call_output": "result",
    "thinking": "reasoning",
    "redacted_thinking": "reasoning",
    "reasoning": "reasoning",
}
WRAPPERS: Mapping[str, BlockKind] = {
    "toolUse": "call",
    "functionCall": "call",
    "function_call": "call",
    "toolResult": "result",
    "functionResponse": "result",
    "function_response": "result",
    "reasoningContent": "reasoning",
}
"""Keys of a part that hold a block of this kind."""


def block_kind(part: object) -> BlockKind | None:
    """Return what a part of the content is, in any tool's spelling; None for a picture and whatever else."""
    if isinstance(part, str):
        return "text"
    if not is_mapping(part):
        return None
    kind = part.get("type")
    if isinstance(kind, str) and kind in _KINDS:
        return _KINDS[kind]
    wrapped = next((key for key in WRAPPERS if is_mapping(part.get(key))), None)
    if kind is None and wrapped is not None:
        return WRAPPERS[wrapped]
    if (kind is not None and kind not in _TEXT_TYPES) or text_in(part) is None:
        return None
    return "reasoning" if part.get("thought") is True else "text"


def has_text(content: Json | None) -> bool:
    """Return whether there is anything to read in a message's content, in any tool's spelling."""
    if not isinstance(content, list):
        return bool(text_of(content).strip())
    kinds = [block_kind(part) for part in content]
    if any(kind in {"call", "result"} for kind in kinds):
        return True
    texts = [part if isinstance(part, str) else text_in(part) if is_mapping(part) else None for part in content]
    return any(text and text.strip() for text in texts)


def text_in(part: Mapping[object, object]) -> str | None:
    """Return the text of a part of text; None if there is none, or several."""
    found = [part[key] for key in TEXT_KEYS if part.get(key) is not None]
    if len(found) != 1:
        return None
    text = found[0].get("value") if is_mapping(found[0]) else found[0]
    return text if isinstance(text, str) else None


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Return whether a value is a mapping, with any keys."""
    return isinstance(value, Mapping)
