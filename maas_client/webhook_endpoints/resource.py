"""Webhook endpoints: register, list and delete."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlsplit

from ..core.arguments import check_text
from ..core.blocking import Blocking, blocking
from ..core.errors import InvalidInput, NotFound
from ..core.origins import is_loopback
from ..core.redaction import redact
from .backend import WebhookBackend, WebhookSpec
from .webhook_endpoint import NewWebhookEndpoint, WebhookEndpoint

JOB_EVENTS = ("fine_tuning.job.succeeded", "fine_tuning.job.failed", "fine_tuning.job.cancelled")
"""The events of jobs (learn.microsoft.com/azure/foundry/openai/how-to/webhooks)."""

_SHORT = {name.rpartition(".")[2]: name for name in JOB_EVENTS} | {"canceled": "fine_tuning.job.cancelled"}


class AsyncWebhooks:
    """URLs that the service calls when a job ends, instead of being polled."""

    def __init__(self, backend: WebhookBackend) -> None:
        self._backend = backend

    async def register(
        self, url: str, events: Sequence[str] | None = None, name: str | None = None
    ) -> NewWebhookEndpoint:
        """Register a URL that the service calls.

        It is done at most once: after a lost reply nothing is sent again, as a second endpoint would get every event,
        too.

        Args:
            url: where deliveries are sent, with https; http is accepted for this machine only.
            events: what is sent: `succeeded`, `failed`, `cancelled` of jobs, or whole event types such as
                `fine_tuning.job.failed`; by default these three.
            name: its name; by default the URL's host.

        Returns:
            The endpoint and its signing secret, which the service does not show again.

        Raises:
            InvalidInput: the URL or an event is not valid; nothing was sent.
            NotOffered: the platform has no webhooks.
        """
        check_text("url", url)
        if name is not None:
            check_text("name", name)
        spec = WebhookSpec(
            url=_checked_url(url), event_types=_event_types(events), name=(name or "").strip() or urlsplit(url).netloc
        )
        return await self._backend.register(spec)

    async def list(self) -> AsyncIterator[WebhookEndpoint]:
        """Yield the webhook endpoints; none of them shows its signing secret."""
        async for endpoint in self._backend.list():
            yield endpoint

    async def delete(self, webhook: str | WebhookEndpoint, *, missing_ok: bool = False) -> None:
        """Delete a webhook endpoint.

        Args:
            webhook: its id, its name if only one has it, or the endpoint itself.
            missing_ok: do nothing if there is no such endpoint, as when the same call is repeated.

        Raises:
            NotFound: there is no such endpoint.
            InvalidInput: several endpoints have this name; nothing was deleted.
        """
        wanted = webhook.id if isinstance(webhook, WebhookEndpoint) else webhook
        check_text("webhook", wanted)
        listed = [endpoint async for endpoint in self._backend.list()]
        found = [each for each in listed if each.id == wanted] or [each for each in listed if each.name == wanted]
        if len(found) > 1:
            ids = " and ".join(each.id for each in found)
            raise InvalidInput(f"{len(found)} webhook endpoints are called {wanted!r}; delete one by its id: {ids}")
        if not found and not missing_ok:
            names = ", ".join(f"{each.name} ({each.id})" for each in listed) or "none"
            raise NotFound(f"webhook endpoint {wanted!r}", status=404, detail=f"the webhook endpoints are: {names}")
        for each in found:
            await self._backend.delete(each.id)


class Webhooks(Blocking[AsyncWebhooks]):
    """URLs that the service calls when a job ends, instead of being polled."""

    register = blocking(AsyncWebhooks.register)
    list = blocking(AsyncWebhooks.list)
    delete = blocking(AsyncWebhooks.delete)


def _checked_url(url: str) -> str:
    """Return a URL that the service can send to: https, or http for a server on this machine."""
    try:
        parts = urlsplit(url.strip())
        scheme, host = parts.scheme, parts.hostname or ""
    except ValueError:
        scheme = host = ""
    if host and (scheme == "https" or (scheme == "http" and is_loopback(host))):
        return url.strip()
    why = "is http and not on this machine: use https" if host and scheme == "http" else "is not its URL"
    raise InvalidInput(
        f"a webhook endpoint needs a URL such as https://example.com/hooks; {redact(url)!r} {why}; nothing was sent"
    )


def _event_types(events: Sequence[str] | None) -> tuple[str, ...]:
    """Return whole event types; of jobs the last word is enough."""
    if events is None:
        return JOB_EVENTS
    given = [events] if isinstance(events, str) else list(events)
    if not given:
        raise InvalidInput(f"events has no event; the events of jobs are {', '.join(JOB_EVENTS)}; nothing was sent")
    for event in given:
        check_text("an event", event)
    unknown = [event for event in given if event.lower() not in _SHORT and "." not in event]
    if unknown:
        raise InvalidInput(
            f"there is no event {unknown[0]!r}; the events of jobs are {', '.join(JOB_EVENTS)}, or their last words; "
            "nothing was sent"
        )
    return tuple(dict.fromkeys(_SHORT.get(event.lower(), event) for event in given))
