"""Deployments of Foundry: made in Resource Manager, ready when a chat call is answered, and asked by their names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support import Clock, collect

from maas_client import BadRequest, Conflict, EndpointFailed, InvalidInput, NotFound, StreamInterrupted, WaitTimeout
from maas_client.core.secret_text import SecretText
from maas_client.endpoints.resource import AsyncEndpoints
from maas_client.errors import NotOffered
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.deployment import Deployment
from maas_client.foundry.deployments_backend import FoundryDeployments
from maas_client.inference.chat import AsyncChat
from mock_server.server import Server
from tests.mock_server.foundry_driver import Foundry

BASE = "gpt-4.1-mini-2025-04-14"
KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
def endpoints(connection: FoundryConnection) -> AsyncEndpoints:
    return AsyncEndpoints(FoundryDeployments(connection))


def sent(server: Server, operation: str) -> list[dict[str, Any]]:
    """The journal's entries for one operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


def trained(server: Server, model: str = BASE, **changes: Any) -> dict[str, Any]:
    """Train a model to the end; the job."""
    foundry = Foundry(server)
    try:
        job = foundry.job(model=model, **changes)
        server.advance(600)
        shown = foundry.show(job)
    finally:
        foundry.http.close()
    assert shown["status"] == "succeeded", shown
    return shown


async def deployed(endpoints: AsyncEndpoints, model: str = BASE, **options: Any) -> Deployment:
    """Deploy a model and wait until it answers."""
    made = await endpoints.wait(await endpoints.create(model=model, **options))
    assert isinstance(made, Deployment)
    return made


async def test_a_tuned_open_model_is_deployed_with_room_for_it(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    job = trained(maas_server, "Ministral-3B", suffix="support")
    made = await endpoints.create(model=job["fine_tuned_model"])
    assert isinstance(made, Deployment)
    assert (made.sku, made.capacity, made.model_format) == ("GlobalStandard", 100, "Mistral AI")
    assert made.name.startswith("ministral-3b-support-")
    assert (made.model, made.model_version) == (job["fine_tuned_model"], "1")
    seen: list[str] = []
    ready = await endpoints.wait(made, on_update=lambda look: seen.append(look.state))
    assert seen == ["Creating", "Online"]
    assert ready.is_online
    assert ready.scoring_url == f"{maas_server.endpoint}/openai"


async def test_a_base_model_is_deployed_in_the_version_of_its_id(endpoints: AsyncEndpoints) -> None:
    made = await endpoints.create(model=BASE, name="mini")
    assert isinstance(made, Deployment)
    assert (made.name, made.model, made.model_version) == ("mini", "gpt-4.1-mini", "2025-04-14")
    assert made.capacity == 50
    assert not made.is_hosted_by_the_hour


async def test_a_chat_names_the_deployment_as_the_model(
    endpoints: AsyncEndpoints, connection: FoundryConnection, maas_server: Server
) -> None:
    job = trained(maas_server)
    made = await deployed(endpoints, job["fine_tuned_model"])
    chat = AsyncChat(FoundryDeployments(connection))
    whole = await chat.complete(made.name, "question 3", max_tokens=20, model_extras={"user": "u-1"})
    pieces = await collect(chat.stream(made.name, "question 3"))
    assert whole.text
    assert "".join(piece.text for piece in pieces) == whole.text
    chats = sent(maas_server, "foundry.chat")[-2:]
    assert all(entry["url"] == f"{maas_server.endpoint}/openai/v1/chat/completions" for entry in chats)
    assert [entry["request_body"]["model"] for entry in chats] == [made.name, made.name]
    assert not any("extra-parameters" in entry["request_headers"] for entry in chats)


async def test_succeeded_is_not_ready_until_a_chat_is_answered(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    made = await endpoints.create(model=BASE)
    await endpoints.wait(made)
    statuses = [entry["status"] for entry in sent(maas_server, "foundry.chat")]
    assert statuses[-1] == 200
    assert set(statuses[:-1]) == {404}


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (404, "DeploymentNotFound", "The API deployment for this resource does not exist."),
        (400, "DeploymentNotReady", "not yet"),
        (400, "DeploymentError", "not yet"),
        (500, "", "Failed to load LoRA"),
        (429, "rate_limit_exceeded", "too many"),
    ],
)
async def test_errors_of_a_loading_deployment_are_waited_out(
    endpoints: AsyncEndpoints, maas_server: Server, status: int, code: str, message: str
) -> None:
    made = await deployed(endpoints)
    body = {"error": {"code": code, "message": message}}
    maas_server.fault(operation="foundry.chat", status=status, body=body, count=2)
    await endpoints.wait(made.name)
    statuses = [entry["status"] for entry in sent(maas_server, "foundry.chat")]
    assert statuses[-3:] == [status, status, 200]


async def test_an_adapter_that_never_loads_is_explained(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    made = await deployed(endpoints)
    body = {"error": {"code": "", "message": "Failed to load LoRA"}}
    maas_server.fault(operation="foundry.chat", status=500, body=body, count=None)
    with pytest.raises(WaitTimeout, match="capacity of 100"):
        await endpoints.wait(made.name, timeout=60)


async def test_a_chat_that_is_refused_as_it_is_ends_the_wait(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    made = await deployed(endpoints)
    maas_server.fault(operation="foundry.chat", status=400, body={"error": {"code": "x", "message": "no"}})
    with pytest.raises(BadRequest):
        await endpoints.wait(made.name)


async def test_the_same_deployment_again_is_left_as_it_is(
    endpoints: AsyncEndpoints, maas_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    first = await deployed(endpoints, name="mini")
    again = await endpoints.create(model=BASE, name="mini", sku="Standard", capacity=7)
    assert isinstance(again, Deployment)
    assert (again.sku, again.capacity) == (first.sku, first.capacity)
    assert "exists with the SKU GlobalStandard and a capacity of 50, and is left as it is" in caplog.text
    caplog.clear()
    await endpoints.create(model=BASE, name="mini", sku="global", capacity=50)
    assert caplog.text == ""
    assert len(sent(maas_server, "foundry.deployments.put")) == 1


async def test_a_name_that_serves_another_model_is_a_conflict(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    await endpoints.create(model=BASE, name="mini")
    with pytest.raises(Conflict, match=r"serves gpt-4\.1-mini"):
        await endpoints.create(model="gpt-4.1-nano-2025-04-14", name="mini")
    assert len(sent(maas_server, "foundry.deployments.put")) == 1


async def test_a_lost_reply_makes_one_deployment(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.deployments.put", drop="after")
    made = await endpoints.create(model=BASE)
    assert [listed.name for listed in await collect(endpoints.list())] == [made.name]
    assert len(sent(maas_server, "foundry.deployments.put")) == 1
    assert (await endpoints.wait(made)).is_online


async def test_a_busy_account_is_asked_again(endpoints: AsyncEndpoints, maas_server: Server, clock: Clock) -> None:
    body = {"error": {"code": "RequestConflict", "message": "Another operation is being performed."}}
    maas_server.fault(operation="foundry.deployments.put", status=409, body=body, count=2)
    made = await endpoints.create(model=BASE)
    assert [entry["status"] for entry in sent(maas_server, "foundry.deployments.put")] == [409, 409, 201]
    assert [listed.name for listed in await collect(endpoints.list())] == [made.name]
    maas_server.fault(operation="foundry.deployments.put", status=409, body=body, count=None)
    start = clock.time
    with pytest.raises(Conflict, match="Another operation is being performed"):
        await endpoints.create(model=BASE)
    assert clock.time - start <= 120


async def test_a_name_is_used_again_once_its_deployment_is_gone(
    endpoints: AsyncEndpoints, connection: FoundryConnection, maas_server: Server
) -> None:
    await deployed(endpoints, name="mini")
    await connection.arm.request("DELETE", "/deployments/mini")
    made = await endpoints.create(model="gpt-4.1-nano-2025-04-14", name="mini")
    assert made.model == "gpt-4.1-nano"
    statuses = [entry["status"] for entry in sent(maas_server, "foundry.deployments.put")]
    assert statuses[-1] == 201
    assert 409 in statuses


async def test_a_failed_creation_has_its_reason(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.deployments.put", deployment="fail", reason="no GPU left")
    made = await endpoints.create(model=BASE, name="mini")
    with pytest.raises(EndpointFailed, match=r"^deployment 'mini' cannot become ready .*no GPU left"):
        await endpoints.wait(made)
    with pytest.raises(Conflict, match="delete it first"):
        await endpoints.create(model=BASE, name="mini")


async def test_a_failure_between_two_requests_has_its_reason(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    maas_server.advance_on_poll(60)
    maas_server.fault(deployment="fail", reason="no GPU left")
    made = await endpoints.create(model=BASE, name="mini")
    with pytest.raises(EndpointFailed, match="no GPU left"):
        await endpoints.wait(made)


@pytest.mark.parametrize("how", ["instant", "headerless"])
async def test_without_an_operation_the_provisioning_state_decides(
    endpoints: AsyncEndpoints, maas_server: Server, how: str
) -> None:
    maas_server.fault(operation="foundry.deployments.put", deployment=how)
    assert (await endpoints.wait(await endpoints.create(model=BASE))).is_online
    assert sent(maas_server, "foundry.operations.status") == []


async def test_a_quota_that_is_used_up_is_explained(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    maas_server.fault(operation="foundry.deployments.put", deployment="quota")
    with pytest.raises(BadRequest, match=r"new capacity in quota.*Choose a smaller capacity"):
        await endpoints.create(model=BASE)


async def test_an_empty_500_is_reported_as_a_wrong_format(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    job = trained(maas_server, "Ministral-3B")
    with pytest.raises(BadRequest, match=r"'Ministral AI' was sent .* has 'Mistral AI'"):
        await endpoints.create(model=job["fine_tuned_model"], model_format="Ministral AI")


async def test_the_format_is_that_of_the_jobs_deployment_options(
    endpoints: AsyncEndpoints, maas_server: Server
) -> None:
    job = trained(maas_server, "Ministral-3B")
    with_options = {**job, "metadata": {"deployment_options": [{"format": "Mistral AI"}]}}
    maas_server.fault(operation="foundry.jobs.get", status=200, body=with_options)
    made = await endpoints.create(model=job["fine_tuned_model"])
    assert isinstance(made, Deployment)
    assert made.model_format == "Mistral AI"
    assert sent(maas_server, "foundry.accounts.models") == []


async def test_a_checkpoint_is_deployed_by_its_id_or_name(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    job = trained(maas_server, method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}})
    foundry = Foundry(maas_server)
    checkpoint = foundry.get(f"/fine_tuning/jobs/{job['id']}/checkpoints").json()["data"][-1]
    foundry.http.close()
    by_id = await endpoints.create(model=checkpoint["id"])
    by_name = await endpoints.create(model=checkpoint["fine_tuned_model_checkpoint"], name="second")
    assert isinstance(by_id, Deployment)
    assert by_id.model == by_name.model
    assert by_id.is_hosted_by_the_hour
    with pytest.raises(NotFound, match="no job of the account has this checkpoint"):
        await endpoints.create(model="ftchkpt-" + "0" * 32)


@pytest.mark.parametrize("name", ["", "-a", "a_b", "a.b", "a" * 65, "has space", "ä"])
async def test_an_invalid_name_is_refused_at_once(endpoints: AsyncEndpoints, maas_server: Server, name: str) -> None:
    with pytest.raises(InvalidInput, match="valid name for a deployment"):
        await endpoints.create(model=BASE, name=name or "-")
    assert maas_server.requests() == []


async def test_a_model_that_the_account_lacks_is_not_found(endpoints: AsyncEndpoints) -> None:
    with pytest.raises(NotFound, match="model 'gpt-9': the account's list"):
        await endpoints.create(model="gpt-9")


async def test_the_deployment_of_a_tuned_model_is_found(endpoints: AsyncEndpoints, maas_server: Server) -> None:
    model = trained(maas_server)["fine_tuned_model"]
    assert await endpoints.serving(model) is None
    made = await endpoints.create(model=model)
    found = await endpoints.serving(model)
    assert found is not None
    assert found.name == made.name
    assert await endpoints.serving(BASE) is None


async def test_a_deleted_deployment_is_gone_when_the_call_returns(
    endpoints: AsyncEndpoints, maas_server: Server
) -> None:
    made = await deployed(endpoints)
    await endpoints.delete(made.name)
    assert sent(maas_server, "foundry.deployments.get")[-1]["status"] == 404
    await endpoints.delete(made.name, missing_ok=True)
    with pytest.raises(NotFound, match=f"no deployment '{made.name}'"):
        await endpoints.delete(made.name)


async def test_a_missing_deployment_is_reported_with_those_there_are(endpoints: AsyncEndpoints) -> None:
    await endpoints.create(model=BASE, name="shop")
    with pytest.raises(NotFound, match=r"no deployment 'shopp'.*did you mean 'shop'"):
        await endpoints.get("shopp")


async def test_what_deployments_lack_is_refused_before_any_request(
    endpoints: AsyncEndpoints, maas_server: Server
) -> None:
    with pytest.raises(NotOffered, match="no key of its own: use the account's key, or a token"):
        await endpoints.keys("shop")
    with pytest.raises(NotOffered, match="Azure Machine Learning offers it"):
        await endpoints.regenerate_key("shop")
    with pytest.raises(NotOffered, match="content filter"):
        await endpoints.create(model=BASE, content_safety=True)
    assert maas_server.requests() == []


async def test_the_key_opens_chats_and_never_reaches_resource_manager(
    connection: FoundryConnection, maas_server: Server
) -> None:
    keyed = replace(connection, settings=replace(connection.settings, api_key=SecretText(KEY)))
    endpoints = AsyncEndpoints(FoundryDeployments(keyed))
    model = trained(maas_server)["fine_tuned_model"]
    before = len(maas_server.requests())
    made = await deployed(endpoints, model)
    await AsyncChat(FoundryDeployments(keyed)).complete(made.name, "Hello")
    await endpoints.serving(model)
    await endpoints.get(made.name)
    await endpoints.delete(made.name)
    seen: dict[str, set[bool]] = {}
    for entry in maas_server.requests()[before:]:
        has_key = "api-key" in {name.lower() for name in entry["request_headers"]}
        seen.setdefault("arm" if "/subscriptions/" in entry["url"] else "data", set()).add(has_key)
    assert seen == {"arm": {False}, "data": {True}}


async def test_a_chat_takes_a_key_that_the_caller_has(
    endpoints: AsyncEndpoints, connection: FoundryConnection, maas_server: Server
) -> None:
    made = await deployed(endpoints)
    chat = AsyncChat(FoundryDeployments(connection))
    await chat.complete(made, "Hello", key=KEY)
    await chat.complete(made, "Hello")
    keyed, signed = (entry["request_headers"] for entry in sent(maas_server, "foundry.chat")[-2:])
    assert ("api-key" in keyed, "authorization" in keyed) == (True, False)
    assert ("api-key" in signed, "authorization" in signed) == (False, True)


async def test_a_stream_that_the_filter_ends_says_why(
    endpoints: AsyncEndpoints, connection: FoundryConnection, maas_server: Server
) -> None:
    made = await deployed(endpoints)
    chat = AsyncChat(FoundryDeployments(connection))
    maas_server.fault(operation="foundry.chat", chat="filtered")
    with pytest.raises(BadRequest, match="content filter has refused the prompt"):
        await collect(chat.stream(made, "Hello"))
    maas_server.fault(operation="foundry.chat", chat="broken")
    with pytest.raises(StreamInterrupted):
        await collect(chat.stream(made, "Tell me a long story about a dragon and a bicycle"))
