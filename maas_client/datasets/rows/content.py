"""What the content of a message is: a string, a list of parts or nothing, and the text in it."""

from __future__ import annotations

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
    if not isinstance(part, dict) or part.get("type", "text") not in ("text", "input_text", "output_text"):
        return None
    keys = [key for key in part if key != "type" and part[key] is not None]
    text = part[keys[0]] if len(keys) == 1 and keys[0] in {"text", "value", "content"} else None
    return text if isinstance(text, str) else None
