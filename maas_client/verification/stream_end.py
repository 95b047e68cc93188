"""The end of a stream of events: one of them says why the answer ends."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.http_messages import parse_json
from ..core.json_fields import first, text
from ..openai_api.server_sent_events import Decoder, EventTooLarge
from .seen import Seen
from .step_context import Violation

NO_END = "stream without an end"
"""The kind of this difference."""

_DONE = "[DONE]"


def stream_end(one: Seen) -> Iterator[Violation]:
    """Yield that no event of a whole stream has a reason for its end; of a part nothing is known."""
    if not one.headers.get("content-type", "").startswith("text/event-stream"):
        return
    try:
        events = list(Decoder().feed(one.content))
    except EventTooLarge:
        return
    if _DONE in events and not any(_has_reason(event) for event in events):
        where, expected = "/choices/*/finish_reason", "a reason in the last event"
        yield Violation(one.step, where, expected, "none", NO_END, one.operation.name)


def _has_reason(event: str) -> bool:
    try:
        return bool(text(first(parse_json(event), "choices"), "finish_reason"))
    except ValueError:
        return False
