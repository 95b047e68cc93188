"""The chat protocol of a serverless endpoint: building requests and parsing responses. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from pydantic import Field

from ..core.errors import InvalidInput
from ..core.http_messages import Reply, Request, json_body
from ..core.json_fields import Document, dig, first, is_array, is_object, part, text
from ..core.redaction import redact, redact_document
from ..core.text import one_line, printable
from ..core.values import Lines, Text, Value
from ..http.error_responses import unexpected
from ..http.json_replies import document_of
from ..rendering.html import card, escaped, fields, state
from .system_message import merge_system
from .tools import ToolCall, tool_calls_in

Messages = str | Sequence[Mapping[str, Any]]
"""One user turn as text, or the conversation as a list of messages (`role`, `content`)."""


API_PARAMETERS = frozenset(
    {
        *("messages", "model", "frequency_penalty", "presence_penalty", "temperature", "top_p", "max_tokens", "seed"),
        *("stop", "stream", "response_format", "tools", "tool_choice"),
    }
)
"""The parameters that the service defines (azure-ai-inference 1.0.0b9, `ChatCompletionsClient.complete`). It refuses a
request with any other unless the header `extra-parameters` says to pass them to the model."""

TIMEOUT = 120.0
"""Seconds to wait for the bytes of an answer, unless the caller or the client chooses another time."""

_LONGEST_REASON, _MOST_REASONS = 500, 10


class TokenUsage(Value):
    """Token usage of a chat completion."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Completion(Value):
    """A chat completion. `finish_reason` is stop, length, content_filter or tool_calls."""

    text: Lines = ""
    finish_reason: Text = ""
    model: Text = ""
    usage: TokenUsage = Field(default_factory=TokenUsage)
    tool_calls: tuple[ToolCall, ...] = ()

    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message, to continue the conversation with."""
        calls = {"tool_calls": [call.to_message() for call in self.tool_calls]} if self.tool_calls else {}
        return {"role": "assistant", "content": self.text or (None if calls else ""), **calls}

    def _repr_html_(self) -> str:
        return completion_html(self)


class ChatChunk(Value):
    """A chunk of a streamed chat completion; the last one has a `finish_reason`. Tool calls arrive in pieces."""

    text: Lines = ""
    finish_reason: Text = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatDialect:
    """How a platform's chat requests differ from those of a serverless endpoint, which has one model and is its URL.

    `parameters` are added to every request, such as the name of the deployment; `renamed` are those with another name.
    `extras_header` says that parameters which the service does not define need the header `extra-parameters`.
    `probe_tokens` is the length of an answer that only shows that there is one. `ending` is what the scoring URL has
    after the base of the API, `headers` are sent with every request, and `timeout` is in seconds, where the caller and
    the client choose none.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    extras_header: bool = True
    # Assumption: A model answers a chat whose `max_tokens` is 1.
    # Shown wrong by: 400 or 422 for the chat with which the step finds out whether the endpoint answers.
    # Verified by: deploy, deploy on own compute
    # If wrong: `endpoints.wait` ends with the service's error although the endpoint is ready.
    probe_tokens: int = 1
    ending: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout: float = TIMEOUT


SERVERLESS = ChatDialect()


def chat_request(
    scoring_url: str,
    messages: Messages,
    *,
    system: str | None = None,
    merge: bool = False,
    stream: bool = False,
    options: Mapping[str, Any],
    timeout: float | None,
    dialect: ChatDialect = SERVERLESS,
) -> Request:
    """Build the request; for options that are None the service's defaults apply.

    `merge` merges a leading single system message into the user turn after it, if there is such a pair. Options that
    the service does not define are passed to the model.
    """
    turns = _turns(messages)
    if system is not None:
        turns.insert(0, {"role": "system", "content": system})
    if merge:
        turns = merge_system(turns) or turns
    body: dict[str, Any] = {
        dialect.renamed.get(name, name): value for name, value in options.items() if value is not None
    }
    body |= dialect.parameters
    body |= {"messages": turns} | ({"stream": True} if stream else {})
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream" if stream else "application/json"}
    if dialect.extras_header and body.keys() - API_PARAMETERS:
        headers["extra-parameters"] = "pass-through"
    # Assumption: A serverless endpoint answers chats below its `inferenceEndpoint.uri` at `/v1/chat/completions`, as in
    #   Microsoft's notebook, and not only at `/chat/completions`, as its SDK asks.
    # Shown wrong by: 404 for the chat.
    # Verified by: deploy, chat
    # If wrong: No chat works, and `endpoints.wait` waits until its timeout.
    url = f"{scoring_url.rstrip('/').removesuffix(dialect.ending)}/v1/chat/completions"
    # Completions cost money: a request is retried only if the service did not process it.
    headers |= dialect.headers
    request = Request("POST", url, headers, json_body(body), repeatable=False, timeout=dialect.timeout)
    return request if timeout is None else replace(request, timeout=timeout, fixed_timeout=True)


def _turns(messages: Messages) -> list[dict[str, Any]]:
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    if not _is_conversation(messages):
        raise InvalidInput(
            "messages must be a string or a list of objects with `role` and `content` "
            f"(got {type(messages).__name__}); nothing was sent"
        )
    if not messages:
        raise InvalidInput("messages has no message; nothing was sent")
    return [dict(turn) for turn in messages]


def _is_conversation(value: object) -> bool:
    """Return whether a value is a list of objects; callers without a type checker may pass anything."""
    if not isinstance(value, Sequence) or isinstance(value, bytes):
        return False
    turns = cast("Sequence[object]", value)  # the check below establishes the item type
    return all(isinstance(turn, Mapping) for turn in turns)


def reason_of(document: Document) -> str:
    """Return the service's error message if a document is neither a completion nor a chunk of one; empty otherwise.

    Services report an error in the middle of a stream as OpenAI does, `{"error": {"message": …}}`, or otherwise: TGI
    sends `{"error": MESSAGE, "error_type": …}`, vLLM `{"object": "error", "message": …}`. A chunk has `choices`, which
    may be empty; the last one may have only `usage`.
    """
    error = document.get("error")
    if error is None or error is False:
        is_failed = any(dig(document, name) == "error" for name in ("object", "type"))
        is_failed = is_failed or dig(first(document, "choices"), "finish_reason") == "error"
        is_piece = is_array(document.get("choices")) or is_object(document.get("usage"))
        if is_piece and not is_failed:
            return ""
        error = document
    return redact(one_line(_words_of(error)))[:_LONGEST_REASON] or "the service reported an error"


def _words_of(error: object) -> str:
    """Return the message of an error in any format."""
    if is_array(error):
        return "; ".join(words for each in error[:_MOST_REASONS] if (words := _words_of(each)))
    if not is_object(error):
        return error if isinstance(error, str) else "" if error is None or error is True else str(error)
    named = (error.get(name) for name in ("message", "detail", "error_type", "code"))
    return next((words for value in named if isinstance(value, str | int) and (words := str(value))), "")


def read_completion(request: Request, reply: Reply) -> Completion:
    """Read a completion; raise UnexpectedReply if it has no choices or reports an error."""
    document = document_of(request, reply)
    choice, reason = first(document, "choices"), reason_of(document)
    if reason or not choice:
        del document  # it may contain the key, and tracebacks may show local variables
        why = f"the response has no choices ({reason})" if reason and not choice else reason
        raise unexpected(request, reply, why or "the response has no choices")
    return Completion.model_construct(
        raw=dict(redact_document(document)[1]),
        text=text(choice, "message", "content"),
        finish_reason=text(choice, "finish_reason"),
        model=text(document, "model"),
        usage=_usage(part(document, "usage")),
        tool_calls=tool_calls_in(dig(choice, "message")),
    )


def read_chunk(document: Document, pieces: TextJoiner) -> ChatChunk:
    """Read an event of a streamed completion; its text continues the incomplete character of earlier events."""
    choice = first(document, "choices")
    said = dig(choice, "delta", "content")
    # Not validated, like every value that is read: pydantic would reject a lone surrogate among the keys of `raw`.
    return ChatChunk.model_construct(
        raw=dict(redact_document(document)[1]),
        text=pieces.join(said if isinstance(said, str) else ""),
        finish_reason=text(choice, "finish_reason"),
        tool_calls=tool_calls_in(dig(choice, "delta")),
    )


class TextJoiner:
    """Joins the texts of streamed chunks: a character may be split into the two halves of a surrogate pair."""

    def __init__(self) -> None:
        self._half = ""

    def join(self, text: str) -> str:
        """Return the text to output; keep the first half of a pair for the next call, replace a lone half by U+FFFD."""
        text = self._half + text
        self._half = text[-1] if text and "\ud800" <= text[-1] <= "\udbff" else ""
        whole = text[: len(text) - len(self._half)]
        return printable(whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))

    def end(self) -> str:
        """Return the remaining text at the end: U+FFFD for half a pair."""
        half, self._half = self._half, ""
        return "\ufffd" if half else ""


def _usage(document: Document) -> TokenUsage:
    prompt, completion, total = (
        value if isinstance(value := dig(document, name), int) and not isinstance(value, bool) else 0
        for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    return TokenUsage.model_construct(
        raw=dict(redact_document(document)[1]), prompt_tokens=prompt, completion_tokens=completion, total_tokens=total
    )


def completion_html(completion: Completion) -> str:
    """Show a completion as HTML: its text, its finish reason and its token usage."""
    return card("", *reply_parts(completion))


def reply_parts(completion: Completion) -> list[str]:
    """Return the sections of a completion."""
    usage = completion.usage
    tokens = f"{usage.prompt_tokens:,} + {usage.completion_tokens:,}" if usage.total_tokens else ""
    finish = state(completion.finish_reason) if completion.finish_reason else ""
    about = [("finish", finish), ("model", escaped(completion.model)), ("tokens", tokens)]
    calls = "".join(f"<pre>{escaped(f'{call.name}({call.arguments})')}</pre>" for call in completion.tool_calls)
    return [f"<pre>{escaped(completion.text)}</pre>{calls}", fields(about)]
