"""`client.plan`: the plan of `maas_client.plan`, with the sizes and prices of the workspace's region."""

from __future__ import annotations

import pytest

import maas_client
from maas_client.client import Resources
from maas_client.foundry.settings import resolve_foundry
from maas_client.wire import Wire
from mock_server.server import Server

SIZE = "Standard_NC24ads_A100_v4"


async def test_a_plan_has_the_prices_of_the_region(maas: Resources) -> None:
    (size,) = [size for size in await maas.computes.sizes() if size.name.lower() == SIZE.lower()]
    assert size.hourly_price is not None
    plan = await maas.plan(model="Phi-4", sku=SIZE, platform="trl", method="lora")
    (way,) = plan.ways
    assert way.hours is not None
    assert way.cost is not None
    assert way.cost.currency == size.currency
    assert way.cost.high == pytest.approx(way.hours.high * size.hourly_price)


async def test_a_plan_stays_within_a_budget_by_these_prices(maas: Resources) -> None:
    plan = await maas.plan(model="Phi-4", sku=SIZE, platform="trl", budget=0.01)
    assert plan.recommended is None
    assert any("budget" in remark for remark in plan.remarks)


async def test_ways_are_on_sizes_that_the_region_offers(maas: Resources) -> None:
    offered = {size.name.lower() for size in await maas.computes.sizes()}
    plan = await maas.plan(model="Phi-3-medium-4k-instruct")
    sizes = {way.size.lower() for way in plan.ways if way.size}
    assert sizes
    assert sizes <= offered


async def test_it_costs_two_requests(maas: Resources, maas_server: Server) -> None:
    await maas.workspace.get()
    before = len(maas_server.requests())
    await maas.plan(model="Phi-4")
    assert len(maas_server.requests()) - before <= 2


async def test_on_foundry_it_sends_nothing(server_wire: Wire, maas_server: Server) -> None:
    account = resolve_foundry(foundry_endpoint=f"{maas_server.endpoint}/api/projects/demo", environ={})
    foundry = Resources(server_wire, account, None)
    before = len(maas_server.requests())
    plan = await foundry.plan(model="gpt-oss-20b")
    assert plan.recommended is not None
    assert plan.recommended.platform == "foundry"
    assert len(maas_server.requests()) == before


def test_without_a_client_it_knows_no_price() -> None:
    plan = maas_client.plan(model="Phi-4", sku=SIZE, platform="trl", method="lora")
    assert plan.ways[0].cost is None
