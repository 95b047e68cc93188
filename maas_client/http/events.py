"""What is reported of a request: events without secrets, for the hooks of a client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any, TypedDict, cast
from urllib.parse import urlsplit

from ..core.errors import SettingsError
from ..core.http_messages import Request
from ..core.plain_values import PlainValue
from ..core.redaction import redact

CLIENT_REQUEST_ID = "x-ms-client-request-id"


@dataclass(frozen=True, slots=True)
class RequestEvent(PlainValue):
    """An attempt at a request is about to be sent. `url` has no query; `attempt` counts from 1."""

    method: str
    url: str
    attempt: int
    client_request_id: str


@dataclass(frozen=True, slots=True)
class ResponseEvent(PlainValue):
    """An attempt has ended: `status` is 0 without a complete response, of which `error` says why.

    `request_id` is the service's, `seconds` the time since the attempt was begun. The body of a streamed response has
    not been read yet.
    """

    method: str
    url: str
    attempt: int
    client_request_id: str
    status: int
    request_id: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class RetryEvent(PlainValue):
    """A request will be sent again after `pause` seconds, because of `reason`; `attempt` is the one that failed."""

    method: str
    url: str
    attempt: int
    client_request_id: str
    status: int
    reason: str
    pause: float


class EventHooks(TypedDict, total=False):
    """Functions that a client calls: before each attempt, after it, and before each pause.

    They are called in the thread, or on the event loop, that sends the request, and are expected to return at once. An
    exception of a hook ends the call.
    """

    request: Sequence[Callable[[RequestEvent], object]]
    response: Sequence[Callable[[ResponseEvent], object]]
    retry: Sequence[Callable[[RetryEvent], object]]


Hooks = Mapping[str, tuple[Callable[[Any], object], ...]]
NAMES = ("request", "response", "retry")


def hooks_of(given: EventHooks | None) -> Hooks:
    """Return the hooks by event; raise SettingsError for another event, and for what cannot be called as a function."""
    read: dict[str, tuple[Callable[[Any], object], ...]] = {}
    for name, hooks in cast("Mapping[str, Any]", given or {}).items():
        if name not in NAMES:
            raise SettingsError(f"event_hooks: there is no event {name!r}; the events are {', '.join(NAMES)}")
        if not isinstance(hooks, list | tuple):
            raise SettingsError(f"event_hooks[{name!r}] must be a list of functions")
        each = tuple(cast("list[Any]", hooks))
        if not all(callable(hook) and not iscoroutinefunction(hook) for hook in each):
            raise SettingsError(f"event_hooks[{name!r}] must be a list of plain functions, not coroutine functions")
        read[name] = each
    return read


def shown_url(request: Request) -> str:
    """Return a request's URL for logs, hooks and spans: without its query, and without secrets."""
    parts = urlsplit(request.url)
    return redact(f"{parts.scheme}://{parts.netloc}{parts.path}")
