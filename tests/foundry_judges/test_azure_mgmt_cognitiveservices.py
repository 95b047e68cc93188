"""azure-mgmt-cognitiveservices creates, lists, changes and deletes deployments, and reads the account."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient
from azure.mgmt.cognitiveservices.aio import CognitiveServicesManagementClient as AsyncManagementClient

from tests.foundry_judges.account import GROUP, NAME, SUBSCRIPTION, Account, AsyncToken, Token

WHERE = (GROUP, NAME)
MODEL = {"format": "OpenAI", "name": "gpt-4.1-mini", "version": "2025-04-14"}


def body(
    capacity: int = 100, model: Mapping[str, str] = MODEL
) -> Any:  # Any: a mapping, where the client also takes its own type
    """Return a deployment's body."""
    return {
        "sku": {"name": "GlobalStandard", "capacity": capacity},
        "properties": {"model": {**MODEL, **model}},
    }


def options(account: Account) -> dict[str, Any]:  # Any: the keyword arguments of a client
    """Return the options with which a client reaches the account."""
    return {
        "base_url": account.server.endpoint,
        "credential_scopes": ["https://management.azure.com/.default"],
        "connection_verify": str(account.server.ca),
        "polling_interval": 0,
    }


@pytest.fixture
def client(account: Account) -> Iterator[CognitiveServicesManagementClient]:
    """Give the management client of the account's subscription."""
    with CognitiveServicesManagementClient(Token(), SUBSCRIPTION, **options(account)) as client:
        yield client


def test_a_deployment_is_created_changed_and_deleted(client: Any, account: Account) -> None:
    made = client.deployments.begin_create_or_update(*WHERE, "dep", body()).result()
    assert (made.name, made.properties.provisioning_state, made.sku.capacity) == ("dep", "Succeeded", 100)
    assert (made.properties.model.format, made.properties.model.name) == ("OpenAI", "gpt-4.1-mini")
    assert account.asked().count("foundry.operations.status") > 0
    again = client.deployments.begin_create_or_update(*WHERE, "dep", body(200)).result()
    assert again.sku.capacity == 200
    changes = {"sku": {"name": "GlobalStandard", "capacity": 50}, "tags": {"a": "b"}}
    changed = client.deployments.begin_update(*WHERE, "dep", changes).result()
    assert (changed.sku.capacity, changed.tags) == (50, {"a": "b"})
    assert [one.name for one in client.deployments.list(*WHERE)] == ["dep"]
    assert "DeveloperTier" in [one.sku.name for one in client.deployments.list_skus(*WHERE, "dep")]
    client.deployments.begin_delete(*WHERE, "dep").result()
    with pytest.raises(ResourceNotFoundError) as missing:
        client.deployments.get(*WHERE, "dep")
    assert missing.value.error is not None
    assert missing.value.error.code == "ResourceNotFound"
    client.deployments.begin_delete(*WHERE, "dep").result()


@pytest.mark.parametrize("fault", ["instant", "headerless"])
def test_a_creation_without_an_operation_is_followed(client: Any, account: Account, fault: str) -> None:
    account.server.fault(deployment=fault)
    made = client.deployments.begin_create_or_update(*WHERE, "dep", body()).result()
    assert made.properties.provisioning_state == "Succeeded"
    assert "foundry.operations.status" not in account.asked()


def test_a_failed_creation_raises_its_reason(client: Any, account: Account) -> None:
    account.server.fault(deployment="fail", reason="No capacity in this region.")
    poller = client.deployments.begin_create_or_update(*WHERE, "dep", body())
    with pytest.raises(HttpResponseError, match=r"No capacity in this region\."):
        poller.result()


def test_refusals_have_resource_manager_s_codes(client: Any) -> None:
    for model, status, code in (({"name": "x"}, 400, "DeploymentModelNotSupported"), ({"format": "x"}, 500, None)):
        with pytest.raises(HttpResponseError) as refused:
            client.deployments.begin_create_or_update(*WHERE, "dep", body(model=model), retry_total=0)
        assert refused.value.status_code == status
        assert code is None or (refused.value.error is not None and refused.value.error.code == code)


def test_the_account_is_read(client: Any, account: Account) -> None:
    assert client.accounts.get(*WHERE).properties.endpoint == f"{account.server.endpoint}/"
    assert [one.name for one in client.accounts.list()] == [NAME]
    assert [one.name for one in client.accounts.list_by_resource_group(GROUP)] == [NAME]
    keys = client.accounts.list_keys(*WHERE)
    assert keys.key1 != keys.key2
    models = {one.name: one for one in client.accounts.list_models(*WHERE)}
    assert models["Ministral-3B"].format == "Mistral AI"
    assert models["Ministral-3B"].skus[0].capacity.default == 100
    usages = client.accounts.list_usages(*WHERE)
    rows = usages.value if hasattr(usages, "value") else list(usages)
    assert all(row.limit > 0 for row in rows)


def test_models_and_quota_of_a_region_are_read(client: Any) -> None:
    client.deployments.begin_create_or_update(*WHERE, "dep", body()).result()
    names = {one.model.name for one in client.models.list("swedencentral")}
    assert {"gpt-4.1-mini", "Ministral-3B"} <= names
    used = {one.name.value: one.current_value for one in client.usages.list("swedencentral")}
    assert used["OpenAI.GlobalStandard.gpt-4.1-mini"] == 100


def test_the_async_client_does_the_same(account: Account) -> None:
    async def manage() -> None:
        made: Any = AsyncManagementClient(AsyncToken(), SUBSCRIPTION, **options(account))
        async with made as client:
            poller = await client.deployments.begin_create_or_update(*WHERE, "dep", body())
            assert (await poller.result()).properties.provisioning_state == "Succeeded"
            assert [one.name async for one in client.deployments.list(*WHERE)] == ["dep"]
            assert (await client.deployments.get(*WHERE, "dep")).sku.capacity == 100
            assert [one.sku.name async for one in client.deployments.list_skus(*WHERE, "dep")]
            assert (await client.accounts.list_keys(*WHERE)).key1 == account.key()
            await (await client.deployments.begin_delete(*WHERE, "dep")).result()
            assert [one.name async for one in client.deployments.list(*WHERE)] == []

    asyncio.run(manage())
