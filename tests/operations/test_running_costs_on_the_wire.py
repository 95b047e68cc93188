"""Running costs: everything that costs money by the hour, what is idle, and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import clusters
import pytest
from support import Clock

from maas_client import EndpointFailed, InvalidInput, Job, JobStatus, PermissionDenied, RunningCost
from maas_client.client import Resources
from maas_client.running_costs.running_cost import dearest_first, hourly_totals
from mock_server.server import Server
from tests.operations.conftest import MODEL

Tuned = Callable[[], Awaitable[Job]]
SIZE = "Standard_NC24ads_A100_v4"


async def test_an_empty_workspace_costs_nothing(maas: Resources) -> None:
    assert await maas.costs.running() == []


async def test_a_serverless_endpoint_of_a_tuned_model_costs(maas: Resources, tuned: Tuned) -> None:
    job = await tuned()
    await maas.endpoints.wait(await maas.endpoints.create(model=job.output_model, name="shop"))
    [cost] = await maas.costs.running()
    assert (cost.kind, cost.label, cost.state, cost.idle) == ("serverless endpoint", "shop", "Online", None)
    assert (cost.hourly_price, cost.reason) == (None, "the service does not report when it was last called")
    assert cost.delete_command == "maas endpoints delete shop"
    await maas.endpoints.delete("shop")
    assert await maas.costs.running() == []


async def test_a_base_model_is_paid_for_by_the_token(maas: Resources) -> None:
    await maas.endpoints.create(model="Phi-4", name="base")
    assert await maas.costs.running() == []


async def test_an_endpoint_that_cannot_answer_is_idle(maas: Resources, maas_server: Server, tuned: Tuned) -> None:
    job = await tuned()
    maas_server.fault(operation="endpoints.create", endpoint="fail", reason="no capacity")
    await maas.endpoints.create(model=job.output_model, name="shop")
    maas_server.advance(600)
    [cost] = await maas.costs.running()
    assert cost.idle
    assert cost.reason.startswith("it cannot answer (Failed")


async def test_a_cluster_costs_while_it_has_nodes(maas: Resources, maas_server: Server, rows: Path) -> None:
    clusters.make(maas_server, "gpu", low_priority=True)
    assert await maas.costs.running() == []
    job = await maas.jobs.create(model=MODEL, training_data=rows, compute="gpu", hyperparameters={"apply_lora": True})
    while (await maas.jobs.get(job.name)).status != JobStatus.RUNNING:
        maas_server.advance(10)
    [cost] = await maas.costs.running()
    assert (cost.kind, cost.label, cost.instances, cost.idle) == ("cluster", "gpu", 1, False)
    assert (cost.hourly_price, cost.currency, cost.reason) == (0.74, "USD", "jobs run on 1 of 1 nodes")
    await maas.jobs.wait(job.name)
    [cost] = await maas.costs.running()
    assert (cost.idle, cost.reason) == (False, "no job runs, and its nodes go by themselves soon")
    maas_server.advance(600)
    assert await maas.costs.running() == []


async def test_nodes_that_a_cluster_keeps_are_idle(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 1000})
    await maas.computes.create("gpu", size=SIZE, min_nodes=1)
    maas_server.advance(600)
    [cost] = await maas.costs.running()
    assert (cost.idle, cost.hourly_price, cost.delete_command) == (True, 3.7, "maas computes delete gpu")
    assert "--min-nodes 0" in cost.reason
    await maas.computes.delete("gpu")
    assert await maas.costs.running() == []


async def test_without_prices_what_runs_is_listed_anyway(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 1000})
    await maas.computes.create("gpu", size=SIZE, min_nodes=1)
    maas_server.advance(600)
    maas_server.fault(operation="vm_sizes.list", status=403, count=None)
    [cost] = await maas.costs.running()
    assert (cost.label, cost.hourly_price, cost.currency) == ("gpu", None, None)


async def test_an_online_deployment_costs_and_is_idle_without_requests(
    maas: Resources, maas_server: Server, tuned: Tuned, clock: Clock
) -> None:
    maas_server.set_quota({"gpu": 1000})
    job = await tuned()
    await maas.endpoints.create(model=job.output_model, name="shop", instance_type=SIZE, instance_count=2)
    [cost] = await maas.costs.running()
    assert (cost.kind, cost.label, cost.instances, cost.idle) == ("online deployment", "shop/main", 2, False)
    assert (cost.hourly_price, cost.currency, cost.reason) == (7.4, "USD", "it had requests in the last 1 hour")
    clock.sleep(7200)
    [cost] = await maas.costs.running()
    assert (cost.idle, cost.reason) == (True, "it had no request in the last 1 hour")
    assert (await maas.costs.running(idle_after=86_400))[0].idle is False
    await maas.chat.complete("shop", "question 7")
    assert (await maas.costs.running())[0].idle is False
    await maas.endpoints.delete("shop")
    assert await maas.costs.running() == []


async def test_a_failed_deployment_is_idle(maas: Resources, maas_server: Server, tuned: Tuned) -> None:
    maas_server.set_quota({"gpu": 1000})
    job = await tuned()
    maas_server.fault(deployment="probe")
    with pytest.raises(EndpointFailed):
        await maas.endpoints.create(model=job.output_model, name="shop", instance_type=SIZE)
    [cost] = await maas.costs.running()
    assert (cost.label, cost.idle, cost.state, cost.hourly_price) == ("shop/main", True, "Failed", 3.7)
    assert not [entry for entry in maas_server.requests() if entry["operation"] == "monitor.online_endpoint"]


async def test_without_metrics_nothing_is_called_idle(
    maas: Resources, maas_server: Server, tuned: Tuned, clock: Clock
) -> None:
    maas_server.set_quota({"gpu": 1000})
    job = await tuned()
    await maas.endpoints.create(model=job.output_model, name="shop", instance_type=SIZE)
    clock.sleep(7200)
    maas_server.fault(operation="monitor.online_endpoint", status=403, count=None)
    [cost] = await maas.costs.running()
    assert (cost.idle, cost.reason) == (None, "Azure Monitor has no count of its requests")


async def test_what_may_not_be_listed_is_not_taken_for_nothing(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="endpoints.list", status=403)
    with pytest.raises(PermissionDenied):
        await maas.costs.running()


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "1h"])
async def test_a_time_that_is_none_is_refused(maas: Resources, seconds: float, maas_server: Server) -> None:
    with pytest.raises(InvalidInput, match="idle_after"):
        await maas.costs.running(idle_after=seconds)
    assert maas_server.requests() == []


def test_the_most_expensive_come_first_and_currencies_stay_apart() -> None:
    cheap, dear, euro, unknown = (
        RunningCost(kind="cluster", name=name, state="Steady", hourly_price=price, currency=currency)
        for name, price, currency in [("a", 1.0, "USD"), ("b", 8.5, "USD"), ("c", 2.0, "EUR"), ("d", None, None)]
    )
    assert dearest_first([unknown, cheap, dear, euro]) == [dear, euro, cheap, unknown]
    assert hourly_totals([unknown, cheap, dear, euro]) == {"USD": 9.5, "EUR": 2.0}
    assert [str(each) for each in (dear, unknown)] == [
        "cluster b: Steady, 8.50 USD/h",
        "cluster d: Steady, no price known",
    ]
