"""A stream of events: some of them have a part of the answer, and one says why the answer ends."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.http_messages import parse_json
from ..core.json_fields import first, part, text
from ..openai_api.server_sent_events import Decoder, EventTooLarge
from .seen import Seen
from .step_context import Violation

NO_END, NO_TEXT = "stream without an end", "stream without an answer"
"""Kinds of these differences."""

_DONE = "[DONE]"


def stream_end(one: Seen) -> Iterator[Violation]:
    """Yield that no event of a whole stream has a part of the answer, or why it ends; of a part nothing is known."""
    if not one.headers.get("content-type", "").startswith("text/event-stream"):
        return
    try:
        events = list(Decoder().feed(one.content))
    except EventTooLarge:
        return
    if _DONE not in events:
        return
    choices = [first(_parsed(event), "choices") for event in events if event != _DONE]
    if not any(part(choice, "delta") for choice in choices):
        yield Violation(one.step, "/choices/*/delta", "a part of the answer", "none", NO_TEXT, one.operation.name)
    if not any(text(choice, "finish_reason") for choice in choices):
        where, expected = "/choices/*/finish_reason", "a reason in the last event"
        yield Violation(one.step, where, expected, "none", NO_END, one.operation.name)


def _parsed(event: str) -> object:
    try:
        return parse_json(event)
    except ValueError:
        return None
