"""The running costs of a Foundry account: deployments with a hosting fee, and no others."""

from __future__ import annotations

import pytest

from maas_client.endpoints.resource import AsyncEndpoints
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.deployments_backend import FoundryDeployments
from maas_client.foundry.running_costs import FoundryCosts
from maas_client.running_costs.resource import AsyncCosts
from mock_server.server import Server
from tests.foundry.test_deployments_on_the_wire import BASE, trained


@pytest.fixture
def costs(connection: FoundryConnection) -> AsyncCosts:
    return AsyncCosts(FoundryCosts(FoundryDeployments(connection)))


@pytest.fixture
def endpoints(connection: FoundryConnection) -> AsyncEndpoints:
    return AsyncEndpoints(FoundryDeployments(connection))


async def test_a_deployment_of_a_tuned_model_costs(
    costs: AsyncCosts, endpoints: AsyncEndpoints, maas_server: Server
) -> None:
    job = trained(maas_server)
    await endpoints.wait(await endpoints.create(model=job["fine_tuned_model"], name="shop"))
    [cost] = await costs.running()
    assert (cost.kind, cost.name, cost.size, cost.idle) == ("foundry deployment", "shop", "GlobalStandard", None)
    assert cost.instances is cost.hourly_price is None
    assert cost.reason.endswith("the service deletes it after 15 days without a call")
    await endpoints.delete("shop")
    assert await costs.running() == []


async def test_base_models_and_the_developer_tier_have_no_fee(
    costs: AsyncCosts, endpoints: AsyncEndpoints, maas_server: Server
) -> None:
    job = trained(maas_server)
    await endpoints.create(model=BASE, name="base")
    await endpoints.create(model=job["fine_tuned_model"], name="free", sku="developer")
    assert await costs.running() == []


async def test_reserved_throughput_is_counted_in_units(costs: AsyncCosts, endpoints: AsyncEndpoints) -> None:
    await endpoints.create(model=BASE, name="reserved", sku="ProvisionedManaged", capacity=50, allow_unlisted=True)
    [cost] = await costs.running()
    assert (cost.size, cost.instances) == ("ProvisionedManaged", 50)
    assert cost.reason.startswith("reserved throughput is paid for")
