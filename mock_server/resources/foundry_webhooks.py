"""Webhook endpoints of the Foundry account, and the signed deliveries that a job's end makes.

Event types and headers: MicrosoftDocs/azure-ai-docs `articles/foundry/openai/includes/how-to-webhooks-content.md` of
13 May 2026. The signature is that of Standard Webhooks: HMAC-SHA256 of `id.timestamp.body`.
"""

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mock_server.core.json_values import Json, child, dump, is_array, number, text
from mock_server.resources import foundry_jobs
from mock_server.state.world import World

KIND = "foundry-webhook"
ANNOUNCED = "foundry-webhook-announced"
DELIVERY = "foundry-webhook-delivery"
EVENT_TYPES = ("fine_tuning.job.succeeded", "fine_tuning.job.failed", "fine_tuning.job.cancelled")
PREFIX = "whsec_"
MOST_ENDPOINTS = 50
RETRY_SECONDS = (0.2, 1.0)
"""Real seconds before the second and the third attempt of a delivery, which are the last ones."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to an endpoint."""

    name: str
    document: Json

    @property
    def url(self) -> str:
        """Return the endpoint's address, as registered."""
        return text(self.document, "url")

    @property
    def body(self) -> bytes:
        """Return the event as it is sent: the same bytes in every attempt."""
        return dump(child(self.document, "event")).encode()

    def headers(self, wall: float) -> Mapping[str, str]:
        """Return the headers of an attempt at a time."""
        identifier, timestamp = text(child(self.document, "event"), "id"), str(int(wall))
        return {
            "Content-Type": "application/json",
            "User-Agent": "OpenAI-Webhooks",
            "webhook-id": identifier,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(text(self.document, "secret"), identifier, timestamp, self.body),
        }


def new_secret() -> str:
    """Create a signing secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def hint(secret: str) -> str:
    """Return what may be shown of a secret later."""
    return f"{PREFIX}...{secret[-4:]}"


def sign(secret: str, identifier: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a delivery."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def has_endpoints(world: World) -> bool:
    """Return whether anything is registered, or still to be delivered."""
    return any(next(iter(world.store.all(kind, "")), None) is not None for kind in (KIND, DELIVERY))


def announce_ended_jobs(world: World) -> None:
    """Create the deliveries for jobs that have ended since, once for each job."""
    endpoints = [document for _, document in world.store.all(KIND, "")]
    if not endpoints:
        return
    for job in foundry_jobs.all_jobs(world, world.now("")):
        if job.finished is None or not world.store.add(ANNOUNCED, "", job.id, {}):
            continue
        kind = f"fine_tuning.job.{job.status}"
        event = {
            "object": "event",
            "id": f"evt_{uuid.uuid4().hex}",
            "type": kind,
            "created_at": int(job.finished),
            "data": {"id": job.id},
        }
        for endpoint in endpoints:
            types: object = endpoint.get("event_types")
            if is_array(types) and kind in types and job.finished >= (number(endpoint.get("created_at")) or 0.0):
                body = {**{name: text(endpoint, name) for name in ("url", "secret")}, "event": event, "attempts": 0}
                world.store.put(DELIVERY, "", uuid.uuid4().hex, body, due=world.wall())


def due(world: World) -> Iterator[Delivery]:
    """Return the deliveries to attempt now, earliest first."""
    return (Delivery(name, document) for name, document in world.store.due(DELIVERY, "", world.wall()))


def record_attempt(world: World, delivery: Delivery, *, arrived: bool) -> None:
    """Store the outcome of an attempt: a delivery that did not arrive is repeated twice."""
    attempts = int(number(delivery.document.get("attempts")) or 0) + 1
    if arrived or attempts > len(RETRY_SECONDS):
        world.store.delete(DELIVERY, "", delivery.name)
        return
    due_at = world.wall() + RETRY_SECONDS[attempts - 1]
    world.store.put(DELIVERY, "", delivery.name, {**delivery.document, "attempts": attempts}, due=due_at)
