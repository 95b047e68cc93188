"""A received body as a recording writes it: JSON, events, XML, or data of which only the size is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.http_messages import parse_json
from ..core.json_fields import Document
from ..openai_api.server_sent_events import Decoder, EventTooLarge

_END = "[DONE]"


def recorded_body(headers: Mapping[str, str], body: bytes) -> Document | None:
    """Return a received body in the form of recordings; None for an empty one."""
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    data: Document = {"data": {"bytes": len(body), "media": media}}
    if not body:
        return None
    if media == "text/event-stream":
        return _events(body) or data
    if media.endswith("xml"):
        return {"xml": body.decode("utf-8", "replace")}
    if media.endswith("json"):
        return _json(body) or data
    return data


def _json(body: bytes) -> Document | None:
    try:
        return {"json": parse_json(body)}
    except ValueError:
        return None


def _events(body: bytes) -> Document | None:
    try:
        texts = list(Decoder().feed(body))
        events: list[Any] = [parse_json(text) for text in texts if text != _END]
    except (EventTooLarge, ValueError):
        return None
    return {"events": events, "done": _END in texts}


def texts_of(document: str) -> list[str]:
    """Return what follows each tag of an XML document, in one pass."""
    return [piece.partition(">")[2] for piece in document.split("<")[1:]]
