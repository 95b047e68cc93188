"""The chat protocol of a serverless endpoint: requests to send, answers to read. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from .arm import document_of
from .datasets.merging import merge_system
from .documents import Document, dig, first, part, text
from .failures import unexpected
from .messages import Reply, Request, json_body
from .redaction import redact_document
from .values import Text, Value

Messages = str | Sequence[Mapping[str, Any]]
"""One user turn as text, or the conversation as a list of messages (`role`, `content`)."""


class Usage(Value):
    """Tokens that an answer cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Completion(Value):
    """A chat answer. `finish_reason` is stop, length, content_filter or tool_calls."""

    text: Text = ""
    finish_reason: Text = ""
    model: Text = ""
    usage: Usage = Field(default_factory=Usage)

    def _repr_html_(self) -> str:
        from .notebook.chat_views import completion_html

        return completion_html(self)


class Chunk(Value):
    """A piece of a streamed chat answer; the last one has a `finish_reason`."""

    text: Text = ""
    finish_reason: Text = ""


def chat_request(
    scoring_url: str,
    messages: Messages,
    *,
    system: str | None = None,
    merge: bool = False,
    stream: bool = False,
    options: Mapping[str, Any],
    timeout: float,
) -> Request:
    """Build the request; options that are None are left to the service.

    `merge` puts a single system message that comes first into the user turn behind it, if there is such a pair.
    """
    turns = [{"role": "user", "content": messages}] if isinstance(messages, str) else [dict(turn) for turn in messages]
    if system is not None:
        turns.insert(0, {"role": "system", "content": system})
    if merge:
        turns = merge_system(turns) or turns
    body: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    body |= {"messages": turns} | ({"stream": True} if stream else {})
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream" if stream else "application/json"}
    url = f"{scoring_url.rstrip('/')}/v1/chat/completions"
    # An answer costs money: it is asked for again only when the request was refused unseen.
    return Request("POST", url, headers, json_body(body), repeatable=False, timeout=timeout)


def read_completion(request: Request, reply: Reply) -> Completion:
    """Read an answer; raise UnexpectedReply when it has no choice."""
    document = document_of(request, reply)
    choice = first(document, "choices")
    if not choice:
        del document  # it may repeat the key, and a traceback may show the locals of its frames
        raise unexpected(request, reply, "the answer has no choices")
    return Completion.model_construct(
        raw=dict(redact_document(document)[1]),
        text=text(choice, "message", "content"),
        finish_reason=text(choice, "finish_reason"),
        model=text(document, "model"),
        usage=_usage(part(document, "usage")),
    )


def read_chunk(document: Document) -> Chunk:
    """Read an event of a streamed answer."""
    choice = first(document, "choices")
    # Made as it is, like every value that is read: pydantic would refuse half a surrogate pair among the keys of `raw`.
    return Chunk.model_construct(
        raw=dict(redact_document(document)[1]),
        text=text(choice, "delta", "content"),
        finish_reason=text(choice, "finish_reason"),
    )


def _usage(document: Document) -> Usage:
    prompt, completion, total = (
        value if isinstance(value := dig(document, name), int) and not isinstance(value, bool) else 0
        for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    return Usage.model_construct(
        raw=dict(redact_document(document)[1]), prompt_tokens=prompt, completion_tokens=completion, total_tokens=total
    )
