"""OpenTelemetry spans, one for each request with its retries, where the application uses OpenTelemetry.

Nothing is imported: an application that has not imported `opentelemetry` has no tracer provider, and a span would go
nowhere. Attributes are those of OpenTelemetry's HTTP conventions and of Azure's SDKs (`az.…`); no query, no secret.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from .._version import __version__
from ..core.http_messages import Reply, Request
from .events import CLIENT_REQUEST_ID
from .request_report import request_id_of

_API = "opentelemetry.trace"
_KEPT_AFTER = frozenset({"providers", "resourceproviders"})


class RequestSpan:
    """What is recorded of a request; nothing without a tracer."""

    __slots__ = ("_span",)

    def __init__(self, span: Any = None) -> None:  # Any: the library is optional
        self._span = span

    def retries(self, attempt: int, reason: str, pause: float) -> None:
        """Record that attempt number `attempt` failed, and why."""
        if self._span is not None:
            self._span.set_attribute("http.request.resend_count", attempt)
            self._span.add_event("retry", {"maas.retry.reason": reason, "maas.retry.pause": round(pause, 3)})

    def answered(self, reply: Reply) -> None:
        """Record the last response."""
        if self._span is None:
            return
        self._span.set_attribute("http.response.status_code", reply.status)
        if request_id := request_id_of(reply):
            self._span.set_attribute("az.service_request_id", request_id)


@contextmanager
def request_span(request: Request) -> Generator[RequestSpan]:
    """Record a request as a span of kind CLIENT, which is the current one within the block."""
    api: Any = sys.modules.get(_API)  # Any: the library is optional
    if api is None:
        yield RequestSpan()
        return
    route = route_of(request.url)
    attributes = {
        "http.request.method": request.method,
        "http.route": route,
        "server.address": urlsplit(request.url).hostname or "",
        "az.client_request_id": request.headers.get(CLIENT_REQUEST_ID, ""),
    }
    span = api.get_tracer("maas_client", __version__).start_span(
        f"{request.method} {route}", kind=api.SpanKind.CLIENT, attributes=attributes
    )
    try:
        # Exceptions are recorded by type only: their text has names and queries.
        with api.use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
            yield RequestSpan(span)
    except BaseException as error:
        span.set_attribute("error.type", type(error).__qualname__)
        span.set_status(api.Status(api.StatusCode.ERROR))
        raise
    finally:
        span.end()


def route_of(url: str) -> str:
    """Return a URL's path with placeholders in place of names, so that requests of one kind have one route."""
    segments = urlsplit(url).path.strip("/").split("/")
    lower = [each.lower() for each in segments]
    if "subscriptions" in lower:
        start = lower.index("subscriptions")
        return "/" + "/".join([*segments[:start], *_without_names(segments[start:])])
    if lower[-2:] == ["chat", "completions"]:
        return "/v1/chat/completions"
    if "registries" in lower:
        return "/" + "/".join(_without_names(segments[lower.index("registries") :]))
    return "/{container}" if len(segments) < 2 else "/{container}/{blob}"


def _without_names(segments: list[str]) -> list[str]:
    """Replace each name: they alternate with their kinds, and the name of a provider is one for all."""
    shown: list[str] = []
    for place, each in enumerate(segments):
        is_kind = place % 2 == 0
        shown.append(each if is_kind or segments[place - 1].lower() in _KEPT_AFTER else "{name}")
    return shown
