"""Serverless endpoints: up when a chat call is answered, and every way in which they are not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support import Clock, collect

from maas_client import (
    BadRequest,
    Conflict,
    Endpoint,
    EndpointFailed,
    EndpointState,
    InvalidInput,
    Job,
    NotFound,
    OperationFailed,
    PermissionDenied,
    UntrustedHost,
    WaitTimeout,
)
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from mock_server.server import Server

Tuned = Callable[[], Awaitable[Job]]


def sent(server: Server, operation: str) -> list[dict[str, Any]]:
    """The journal's entries for one operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


async def test_a_tuned_model_is_deployed_and_ready_once_it_answers(
    maas: Resources, maas_server: Server, tuned: Tuned
) -> None:
    job = await tuned()
    endpoint = await maas.endpoints.create(model=job.output_model)
    assert endpoint.state == EndpointState.CREATING
    seen: list[str] = []
    ready = await maas.endpoints.wait(endpoint.name, on_update=lambda look: seen.append(look.state))
    assert ready.is_online
    assert seen == ["Creating", "Online"]
    assert ready.model == f"{job.name}-model"
    assert "/workspaces/" in ready.model_id
    assert sent(maas_server, "chat.complete")[-1]["status"] == 200


async def test_a_base_model_is_deployed_by_its_name_without_a_version(maas: Resources) -> None:
    by_name = await maas.endpoints.create(model="phi-4")
    by_id = await maas.endpoints.create(model="azureml://registries/azureml/models/Phi-4/versions/8")
    by_label = await maas.endpoints.create(model="azureml://registries/azureml/models/Phi-4/labels/latest")
    ids = {by_name.model_id, by_id.model_id, by_label.model_id}
    assert ids == {"azureml://registries/azureml/models/Phi-4"}


async def test_a_tuned_model_is_deployed_by_its_resource_id(maas: Resources, tuned: Tuned, settings: Settings) -> None:
    job = await tuned()
    arm_id = f"{settings.workspace_path}/models/{job.name}-model/versions/1"
    assert (await maas.endpoints.create(model=arm_id)).model_id.endswith(f"/models/{job.name}-model/versions/1")


async def test_a_model_without_a_version_is_deployed_in_its_newest_one(maas: Resources, tuned: Tuned) -> None:
    job = await tuned()
    endpoint = await maas.endpoints.create(model=f"{job.name}-model")
    assert endpoint.model_id.endswith(f"/models/{job.name}-model/versions/1")
    with pytest.raises(NotFound):
        await maas.endpoints.create(model="nobody-trained-this")


async def test_an_online_endpoint_without_an_answer_is_not_ready(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="chat.complete", status=424, count=3)
    await maas.endpoints.wait(endpoint.name)
    assert [entry["status"] for entry in sent(maas_server, "chat.complete")] == [424, 424, 424, 200]


async def test_the_same_endpoint_again_is_the_same_endpoint(maas: Resources, maas_server: Server) -> None:
    first = await maas.endpoints.create(model="Phi-4", name="mine")
    second = await maas.endpoints.create(model="Phi-4", name="mine")
    assert first.name == second.name
    assert len(sent(maas_server, "endpoints.create")) == 1


async def test_a_name_that_serves_another_model_is_taken(maas: Resources) -> None:
    await maas.endpoints.create(model="Phi-4", name="mine")
    with pytest.raises(Conflict, match="serves azureml://registries/azureml/models/Phi-4"):
        await maas.endpoints.create(model="Phi-4-mini-instruct", name="mine")


async def test_a_name_taken_elsewhere_is_a_conflict_in_service_words(maas: Resources, maas_server: Server) -> None:
    text = "Serverless endpoint name 'mine' is not available. Please select a different name."
    maas_server.fault(operation="endpoints.create", status=400, body={"error": {"code": "UserError", "message": text}})
    with pytest.raises(Conflict, match="not available"):
        await maas.endpoints.create(model="Phi-4", name="mine")


async def test_a_lost_reply_on_create_makes_one_endpoint(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="endpoints.create", drop="after")
    endpoint = await maas.endpoints.create(model="Phi-4")
    assert [listed.name for listed in await collect(maas.endpoints.list())] == [endpoint.name]
    assert len(sent(maas_server, "endpoints.create")) == 1


async def test_a_failed_creation_has_its_reason_when_waited_for(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    failed = {"provisioningState": "Failed", "endpointState": "CreationFailed"}
    maas_server.fault(operation="endpoints.get", status=200, body=changed(endpoint, failed), count=None)
    reason = {"status": "Failed", "error": {"code": "QuotaExceeded", "message": "no room in eastus2"}}
    maas_server.fault(operation="operations.status", status=200, body=reason, count=None)
    with pytest.raises(EndpointFailed, match="QuotaExceeded: no room in eastus2"):
        await maas.endpoints.wait(endpoint.name)
    with pytest.raises(EndpointFailed, match=f"maas endpoints delete {endpoint.name}"):
        await maas.endpoints.wait(endpoint.name)
    with pytest.raises(EndpointFailed, match="QuotaExceeded: no room in eastus2"):
        await maas.endpoints.wait(endpoint)
    with pytest.raises(Conflict, match="delete it first"):
        await maas.endpoints.create(model="Phi-4", name=endpoint.name)


async def test_a_failed_creation_has_its_reason_without_the_endpoint(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="endpoints.get", status=404, count=None)
    reason = {"status": "Failed", "error": {"code": "QuotaExceeded", "message": "no room"}}
    maas_server.fault(operation="operations.status", status=200, body=reason)
    with pytest.raises(EndpointFailed, match="QuotaExceeded: no room"):
        await maas.endpoints.wait(endpoint.name)


async def test_an_endpoint_not_yet_visible_after_creation_is_awaited(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="endpoints.get", status=404, count=1)
    assert (await maas.endpoints.wait(endpoint.name)).is_online


async def test_errors_on_the_way_do_not_end_a_wait(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="endpoints.get", status=502, skip=1, count=12)
    assert (await maas.endpoints.wait(endpoint.name)).is_online


async def test_keys_that_may_not_be_listed_end_the_wait_at_once(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="endpoints.list_keys", status=403, count=None)
    with pytest.raises(PermissionDenied):
        await maas.endpoints.wait(endpoint.name)
    assert len(sent(maas_server, "endpoints.list_keys")) == 1


async def test_a_deletion_without_an_operation_is_followed_to_its_end(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="endpoints.delete", status=202, body={})
    maas_server.fault(operation="endpoints.get", status=200, body=endpoint.raw, count=2)
    maas_server.fault(operation="endpoints.get", status=404, count=1)
    await maas.endpoints.delete(endpoint.name, missing_ok=True)
    assert [entry["status"] for entry in sent(maas_server, "endpoints.get")] == [200, 200, 404]


async def test_an_operation_is_not_polled_before_its_retry_after(
    maas: Resources, maas_server: Server, clock: Clock
) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    url = f"{maas_server.endpoint}/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/e/x"
    headers = {"Location": url, "Retry-After": "30"}
    maas_server.fault(operation="endpoints.delete", status=202, headers=headers, body={})
    maas_server.fault(method="GET", path="/locations/e/x", status=204)
    await maas.endpoints.delete(endpoint.name)
    assert clock.naps == [30]


def changed(endpoint: Endpoint, properties: dict[str, Any]) -> dict[str, Any]:
    """The endpoint's own document with other properties."""
    return {**endpoint.raw, "properties": {**endpoint.raw["properties"], **properties}}


async def test_a_slow_endpoint_is_a_timeout_that_names_how_to_resume(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    maas_server.fault(operation="chat.complete", status=503, count=None)
    with pytest.raises(WaitTimeout, match=r"endpoints\.wait"):
        await maas.endpoints.wait(endpoint.name, timeout=60)


async def test_both_keys_open_the_endpoint_and_one_can_be_replaced(maas: Resources) -> None:
    endpoint = await maas.endpoints.wait((await maas.endpoints.create(model="Phi-4")).name)
    before = await maas.endpoints.keys(endpoint.name)
    after = await maas.endpoints.regenerate_key(endpoint.name, secondary=True)
    assert before.primary == after.primary
    assert before.secondary != after.secondary
    assert (await maas.chat.complete(endpoint.name, "Hello", key=after.secondary)).text
    assert before.primary not in repr(before)


async def test_a_missing_endpoint_is_deleted_only_if_it_may_be_missing(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4", name="shop")
    await maas.endpoints.delete(endpoint.name)
    await maas.endpoints.delete(endpoint.name, missing_ok=True)
    deletions = len(sent(maas_server, "endpoints.delete"))
    with pytest.raises(NotFound, match=r"^no endpoint 'shop' in workspace 'work-1'; there are none"):
        await maas.endpoints.delete(endpoint.name)
    assert len(sent(maas_server, "endpoints.delete")) == deletions


async def test_a_missing_endpoint_is_reported_with_those_there_are(maas: Resources, maas_server: Server) -> None:
    await maas.endpoints.create(model="Phi-4", name="shop")
    for call in (maas.endpoints.get, maas.endpoints.keys, maas.endpoints.regenerate_key):
        with pytest.raises(NotFound, match=r"^no endpoint 'shopp' in workspace 'work-1'; did you mean 'shop'\? \("):
            await call("shopp")
    maas_server.fault(operation="endpoints.list", status=403, count=None)
    with pytest.raises(NotFound, match=r"^no endpoint 'shopp' in workspace 'work-1' \("):
        await maas.endpoints.get("shopp")


async def test_the_endpoint_that_serves_a_tuned_model_is_found(maas: Resources, tuned: Tuned) -> None:
    job = await tuned()
    assert job.output_model is not None
    assert await maas.endpoints.serving(job.output_model) is None
    endpoint = await maas.endpoints.create(model=job.output_model)
    found = await maas.endpoints.serving(job.output_model)
    assert found is not None
    assert found.name == endpoint.name
    assert await maas.endpoints.serving("Phi-4") is None


async def test_a_deletion_that_fails_is_a_typed_error(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    url = f"{maas_server.endpoint}/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/e/x"
    headers = {"Azure-AsyncOperation": url}
    maas_server.fault(operation="endpoints.delete", status=202, headers=headers, body={})
    body = {"status": "Failed", "error": {"code": "InUse", "message": "it is in use"}}
    maas_server.fault(method="GET", path="/locations/e/x", status=200, body=body)
    with pytest.raises(OperationFailed, match="InUse: it is in use"):
        await maas.endpoints.delete(endpoint.name)


async def test_an_operation_on_a_foreign_host_is_not_followed(maas: Resources, maas_server: Server) -> None:
    endpoint = await maas.endpoints.create(model="Phi-4")
    headers = {"Location": "https://evil.example/operation"}
    maas_server.fault(operation="endpoints.delete", status=202, headers=headers, body={})
    with pytest.raises(UntrustedHost):
        await maas.endpoints.delete(endpoint.name)


@pytest.mark.parametrize("name", ["", "1abc", "has space", "x", "a" * 33, "-a", "ä-b"])
async def test_a_name_that_cannot_be_a_host_is_refused_at_once(maas: Resources, maas_server: Server, name: str) -> None:
    with pytest.raises(InvalidInput):
        await maas.endpoints.create(model="Phi-4", name=name or "-")
    assert maas_server.requests() == []


async def test_a_missing_model_to_deploy_is_reported(maas: Resources) -> None:
    with pytest.raises(InvalidInput, match="no model to deploy"):
        await maas.endpoints.create(model="")


async def test_an_endpoint_that_does_not_exist_is_not_found(maas: Resources) -> None:
    for call in (maas.endpoints.get, maas.endpoints.keys, maas.endpoints.wait):
        with pytest.raises(NotFound):
            await call("nope")


async def test_a_refused_model_is_a_typed_error(maas: Resources, maas_server: Server) -> None:
    body = {"error": {"code": "ServerlessModelNotAvailableInRegion", "message": "not in eastus2"}}
    maas_server.fault(operation="endpoints.create", status=400, body=body)
    with pytest.raises(BadRequest, match="ServerlessModelNotAvailableInRegion"):
        await maas.endpoints.create(model="Phi-4")
