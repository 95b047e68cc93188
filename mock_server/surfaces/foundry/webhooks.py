"""Webhook endpoints of the Foundry account: create, list, get, change, delete, and a new secret.

Azure's path has `/dashboard`, openai 3.57's has not; the name of the object differs, too.
"""

import uuid

from starlette.responses import Response

from mock_server.core.json_values import Json, is_array, split_url, text
from mock_server.http.routing import Call, json_response
from mock_server.resources import foundry_webhooks
from mock_server.resources.foundry_errors import invalid_payload, not_found, quota_exceeded
from mock_server.resources.foundry_webhooks import EVENT_TYPES, KIND
from mock_server.surfaces.foundry.bases import Offer, json_body, offers
from mock_server.surfaces.foundry.cursors import page, with_ends

PAGE = 20
LONGEST_URL = 2_000


async def create(call: Call) -> Response:
    """Register an endpoint; its secret is shown once."""
    members = _checked(await json_body(call), required=("name", "url", "event_types"))
    if len(list(call.world.store.all(KIND, ""))) >= foundry_webhooks.MOST_ENDPOINTS:
        raise quota_exceeded(f"The resource has {foundry_webhooks.MOST_ENDPOINTS} webhook endpoints already.")
    name, secret, now = f"wh_{uuid.uuid4().hex}", foundry_webhooks.new_secret(), int(call.now)
    document = {"id": name, "created_at": now, "updated_at": now, **members, "secret": secret}
    call.world.store.put(KIND, "", name, document)
    return json_response({**_to_json(call, document), "signing_secret": secret})


async def list_endpoints(call: Call) -> Response:
    """Return the endpoints, newest first."""
    found: list[Json] = [{**document, "id": name} for name, document in call.world.store.all(KIND, "")]
    shown = page(call, found, name=lambda one: text(one, "id"), show=lambda one: _to_json(call, one), limit=PAGE)
    return json_response(with_ends(shown))


async def get(call: Call) -> Response:
    """Return one endpoint."""
    return json_response(_to_json(call, _find(call)))


async def change(call: Call) -> Response:
    """Change the name, the address or the event types of an endpoint."""
    members = _checked(await json_body(call), required=())
    document: Json = {**_find(call), **members, "updated_at": int(call.now)}
    call.world.store.put(KIND, "", document["id"], document)
    return json_response(_to_json(call, document))


async def rotate_secret(call: Call) -> Response:
    """Replace the secret of an endpoint; the new one is shown once."""
    document: Json = {**_find(call), "secret": foundry_webhooks.new_secret(), "updated_at": int(call.now)}
    call.world.store.put(KIND, "", document["id"], document)
    return json_response({**_to_json(call, document), "signing_secret": document["secret"]})


async def delete(call: Call) -> Response:
    """Delete an endpoint."""
    found = _find(call)
    call.world.store.delete(KIND, "", found["id"])
    return json_response({"id": found["id"], "object": f"{_kind(call)}.deleted", "deleted": True})


def _find(call: Call) -> Json:
    name = call.params["webhook"]
    found = call.world.store.get(KIND, "", name)
    if found is None:
        raise not_found("WebhookEndpoint", name)
    return {**found, "id": name}


def _checked(body: Json, *, required: tuple[str, ...]) -> Json:
    """Return the members that a request may set; raises the service's error for an invalid one."""
    if missing := next((name for name in required if body.get(name) is None), None):
        raise invalid_payload(f"Missing required parameter: '{missing}'.", missing)
    members = {name: body[name] for name in ("name", "url", "event_types") if body.get(name) is not None}
    if not isinstance(members.get("name", ""), str):
        raise invalid_payload("name must be a string.", "name")
    if "url" in members and not _is_url(members["url"]):
        raise invalid_payload("url must be an absolute http or https address.", "url")
    types: object = members.get("event_types", list(EVENT_TYPES))
    if not is_array(types) or not types or any(one not in EVENT_TYPES for one in types):
        raise invalid_payload(f"event_types must be some of {', '.join(EVENT_TYPES)}.", "event_types")
    return members


def _is_url(value: object) -> bool:
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        return False
    parts = split_url(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _to_json(call: Call, document: Json) -> Json:
    shown = {name: value for name, value in document.items() if name != "secret"}
    return {**shown, "object": _kind(call), "signing_secret_hint": foundry_webhooks.hint(text(document, "secret"))}


def _kind(call: Call) -> str:
    return "webhook.endpoint" if "/dashboard/" in call.path.lower() else "webhook_endpoint"


def _table(root: str) -> tuple[Offer, ...]:
    one = root + "/{webhook}"
    return (
        *offers("foundry.webhooks.create", "POST", root, create, on="A"),
        *offers("foundry.webhooks.list", "GET", root, list_endpoints, on="A"),
        *offers("foundry.webhooks.get", "GET", one, get, on="A"),
        *offers("foundry.webhooks.change", "POST", one, change, on="A"),
        *offers("foundry.webhooks.delete", "DELETE", one, delete, on="A"),
        *offers("foundry.webhooks.rotate_secret", "POST", one + "/rotate_secret", rotate_secret, on="A"),
    )


OFFERS = (*_table("/dashboard/webhook_endpoints"), *_table("/webhook_endpoints"))
