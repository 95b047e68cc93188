"""Webhook endpoints of Foundry: registered once, with a secret that is shown once."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from support import collect

from maas_client.errors import InvalidInput, MaasError, NotFound, ReplyLost, ServiceUnavailable
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.webhook_endpoints import FoundryWebhooks
from maas_client.webhook_endpoints.resource import JOB_EVENTS, AsyncWebhooks
from mock_server.server import Server

URL = "https://example.com/hooks"


@pytest.fixture
def webhooks(connection: FoundryConnection) -> AsyncWebhooks:
    return AsyncWebhooks(FoundryWebhooks(connection))


def sent(server: Server, operation: str) -> list[dict[str, Any]]:
    """The journal's entries for one operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


async def test_a_url_is_registered_for_all_ends_of_a_job(webhooks: AsyncWebhooks, maas_server: Server) -> None:
    made = await webhooks.register(URL)
    assert (made.endpoint.url, made.endpoint.name) == (URL, "example.com")
    assert made.endpoint.event_types == JOB_EVENTS
    assert made.endpoint.created is not None
    assert made.signing_secret.reveal().startswith("whsec_")
    entry = sent(maas_server, "foundry.webhooks.create")[0]
    assert entry["url"] == f"{maas_server.endpoint}/openai/v1/dashboard/webhook_endpoints"


async def test_the_secret_is_shown_once_and_nowhere_else(webhooks: AsyncWebhooks) -> None:
    made = await webhooks.register(URL)
    secret = made.signing_secret.reveal()
    listed = await collect(webhooks.list())
    assert [each.id for each in listed] == [made.endpoint.id]
    shown = [repr(made), str(made.signing_secret), made.endpoint.to_json(), repr(made.endpoint.raw), repr(listed)]
    assert not any(secret in text for text in shown)
    with pytest.raises(TypeError, match="holds a secret"):
        pickle.dumps(made)


@pytest.mark.parametrize(
    ("events", "sent_types"),
    [
        (["failed"], ("fine_tuning.job.failed",)),
        (["Succeeded", "canceled"], ("fine_tuning.job.succeeded", "fine_tuning.job.cancelled")),
        (["failed", "fine_tuning.job.failed"], ("fine_tuning.job.failed",)),
    ],
)
async def test_events_are_named_by_their_last_word(
    webhooks: AsyncWebhooks, events: list[str], sent_types: tuple[str, ...]
) -> None:
    assert (await webhooks.register(URL, events, name="jobs")).endpoint.event_types == sent_types


@pytest.mark.parametrize(
    "url", ["", "example.com", "http://example.com/x", "ftp://example.com", "https://", "http://["]
)
async def test_a_url_that_is_not_https_is_refused_at_once(
    webhooks: AsyncWebhooks, maas_server: Server, url: str
) -> None:
    with pytest.raises(InvalidInput, match="needs a URL such as https"):
        await webhooks.register(url)
    assert maas_server.requests() == []


async def test_a_refused_url_says_why_and_hides_its_secret(webhooks: AsyncWebhooks) -> None:
    with pytest.raises(InvalidInput, match="is http and not on this machine") as caught:
        await webhooks.register("http://example.com/hooks?sig=pass-word")
    assert "pass-word" not in str(caught.value)


async def test_a_server_on_this_machine_may_be_http(webhooks: AsyncWebhooks) -> None:
    assert (await webhooks.register("http://127.0.0.1:9/hooks")).endpoint.name == "127.0.0.1:9"


async def test_an_unknown_event_is_refused_with_those_there_are(webhooks: AsyncWebhooks, maas_server: Server) -> None:
    with pytest.raises(InvalidInput, match=r"no event 'done'; the events of jobs are fine_tuning\.job\.succeeded"):
        await webhooks.register(URL, ["done"])
    with pytest.raises(InvalidInput, match="has no event"):
        await webhooks.register(URL, [])
    assert maas_server.requests() == []


async def test_a_registration_is_never_repeated(webhooks: AsyncWebhooks, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.webhooks.create", drop="after")
    with pytest.raises(ReplyLost, match=r"secret cannot be read again: delete it \(`maas webhooks delete wh_"):
        await webhooks.register(URL)
    assert len(sent(maas_server, "foundry.webhooks.create")) == 1
    assert len(await collect(webhooks.list())) == 1


async def test_a_lost_registration_that_never_was_is_just_lost(webhooks: AsyncWebhooks, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.webhooks.create", drop="before")
    with pytest.raises(MaasError) as caught:
        await webhooks.register(URL)
    assert "read again" not in str(caught.value)
    assert len(sent(maas_server, "foundry.webhooks.create")) == 1


async def test_an_endpoint_is_deleted_by_id_by_name_or_itself(webhooks: AsyncWebhooks) -> None:
    made = [(await webhooks.register(URL, name=name)).endpoint for name in ("a", "b", "c")]
    await webhooks.delete(made[0].id)
    await webhooks.delete("b")
    await webhooks.delete(made[2])
    assert await collect(webhooks.list()) == []
    await webhooks.delete("a", missing_ok=True)
    with pytest.raises(NotFound, match="the webhook endpoints are: none"):
        await webhooks.delete("a")


async def test_a_name_that_several_have_deletes_none(webhooks: AsyncWebhooks) -> None:
    for _ in range(2):
        await webhooks.register(URL, name="twin")
    with pytest.raises(InvalidInput, match="2 webhook endpoints are called 'twin'; delete one by its id: wh_"):
        await webhooks.delete("twin")
    assert len(await collect(webhooks.list())) == 2


async def test_a_lost_reply_to_a_deletion_is_no_error(webhooks: AsyncWebhooks, maas_server: Server) -> None:
    made = await webhooks.register(URL)
    maas_server.fault(operation="foundry.webhooks.delete", drop="after")
    await webhooks.delete(made.endpoint.id)
    assert await collect(webhooks.list()) == []


async def test_a_gateways_503_is_no_reason_to_register_twice(webhooks: AsyncWebhooks, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.webhooks.create", status=503)
    with pytest.raises(ServiceUnavailable):
        await webhooks.register(URL)
    assert len(sent(maas_server, "foundry.webhooks.create")) == 1
