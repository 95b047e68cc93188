"""Webhook endpoints of Foundry's account, and what is delivered to them on loopback."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from mock_server.server import serve
from tests.mock_server.foundry_driver import Foundry, Json
from tests.mock_server.webhook_receiver import Receiver

TYPES = ["fine_tuning.job.succeeded", "fine_tuning.job.cancelled"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver for the test."""
    receiver = Receiver()
    yield receiver
    receiver.close()


def register(foundry: Foundry, url: str, path: str = "/dashboard/webhook_endpoints") -> Json:
    """Register an endpoint."""
    made = foundry.post(path, {"name": "hook", "url": url, "event_types": TYPES})
    assert made.status_code == 200, made.text
    return dict(made.json())


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Verify a delivery by the rules of Standard Webhooks."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


def test_the_end_of_a_job_is_delivered_and_signed(foundry: Foundry, receiver: Receiver) -> None:
    secret = register(foundry, receiver.url)["signing_secret"]
    job = foundry.job()
    foundry.server.advance(86_400)
    headers, body = receiver.next()
    event = json.loads(body)
    assert (event["object"], event["type"], event["data"]) == ("event", "fine_tuning.job.succeeded", {"id": job})
    assert headers["webhook-id"] == event["id"]
    assert is_signed(secret, headers, body)
    assert foundry.status(job) == "succeeded"


def test_a_delivery_that_fails_is_repeated_with_the_same_id(foundry: Foundry, receiver: Receiver) -> None:
    receiver.statuses = [500]
    register(foundry, receiver.url)
    job = foundry.job()
    foundry.post(f"/fine_tuning/jobs/{job}/cancel")
    first, second = receiver.next(), receiver.next()
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    assert json.loads(first[1])["type"] == "fine_tuning.job.cancelled"


def test_nothing_is_sent_to_another_machine(foundry: Foundry, receiver: Receiver) -> None:
    register(foundry, "https://example.com/hook")
    register(foundry, "http://127.0.0.1:1/nobody")
    register(foundry, receiver.url)
    job = foundry.job()
    foundry.post(f"/fine_tuning/jobs/{job}/cancel")
    assert json.loads(receiver.next()[1])["data"]["id"] == job
    assert receiver.received.empty()


def test_a_server_for_others_delivers_to_allowed_origins_only(receiver: Receiver) -> None:
    with (
        closing(Receiver()) as other,
        serve(clock="virtual", admin_token="t", copy_sources=[receiver.url.removesuffix("/hook")]) as server,
        closing(Foundry(server).http) as http,
    ):
        foundry = Foundry(server, http=http)
        register(foundry, other.url)
        register(foundry, receiver.url)
        for _ in range(2):
            job = foundry.job()
            foundry.post(f"/fine_tuning/jobs/{job}/cancel")
            assert json.loads(receiver.next()[1])["data"]["id"] == job
        assert other.received.empty()


def test_an_endpoint_gets_events_of_later_jobs_only(foundry: Foundry, receiver: Receiver) -> None:
    earlier = foundry.job()
    foundry.post(f"/fine_tuning/jobs/{earlier}/cancel")
    foundry.server.advance(60)
    register(foundry, receiver.url)
    later = foundry.job()
    foundry.post(f"/fine_tuning/jobs/{later}/cancel")
    assert json.loads(receiver.next()[1])["data"]["id"] == later


def test_damaged_endpoints_of_an_import_disturb_no_other(foundry: Foundry, receiver: Receiver) -> None:
    damaged: list[Json] = [{}, {"id": 7, "event_types": 5}, {"secret": "%", "url": receiver.url, "event_types": TYPES}]
    documents = [
        {"kind": "foundry-webhook", "scope": "", "name": f"wh_{number}", "body": body}
        for number, body in enumerate(damaged)
    ]
    assert foundry.http.post("/_mock/state", json={"documents": documents}).status_code == 200
    secret = register(foundry, receiver.url)["signing_secret"]
    assert len(foundry.get("/webhook_endpoints").json()["data"]) == 4
    job = foundry.job()
    foundry.post(f"/fine_tuning/jobs/{job}/cancel")
    deliveries = [receiver.next() for _ in range(2)]  # the third of the damaged ones has the same address
    assert [is_signed(secret, headers, body) for headers, body in deliveries].count(True) == 1


@pytest.mark.parametrize("path", ["/dashboard/webhook_endpoints", "/webhook_endpoints"])
def test_endpoints_are_listed_changed_and_deleted(foundry: Foundry, path: str) -> None:
    kind = "webhook.endpoint" if "dashboard" in path else "webhook_endpoint"
    made = register(foundry, "https://example.com/hook", path)
    assert (made["object"], made["signing_secret"][-4:]) == (kind, made["signing_secret_hint"][-4:])
    one = f"{path}/{made['id']}"
    assert foundry.post(one, {"name": "other"}).json()["name"] == "other"
    (listed,) = foundry.get(path).json()["data"]
    assert (listed["name"], "signing_secret" in listed) == ("other", False)
    assert foundry.get(one).json() == listed
    assert foundry.post(f"{one}/rotate_secret").json()["signing_secret"] != made["signing_secret"]
    assert foundry.delete(one).json() == {"id": made["id"], "object": f"{kind}.deleted", "deleted": True}
    assert foundry.get(one).status_code == 404


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"url": "example.com"}, "url"),
        ({"url": "ftp://example.com"}, "url"),
        ({"event_types": []}, "event_types"),
        ({"event_types": ["batch.completed"]}, "event_types"),
        ({"event_types": "x"}, "event_types"),
    ],
)
def test_an_invalid_endpoint_is_refused(foundry: Foundry, changes: Json, param: str) -> None:
    body = {"name": "hook", "url": "https://example.com", "event_types": TYPES, **changes}
    refused = foundry.post("/webhook_endpoints", body)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
