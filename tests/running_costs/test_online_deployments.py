"""Whether an online deployment is idle: it cannot answer, or has had no request for long enough."""

from __future__ import annotations

import pytest

from maas_client.endpoints.online_endpoint import OnlineDeployment, OnlineEndpoint
from maas_client.running_costs.machine_prices import MachinePrices
from maas_client.running_costs.online_deployments import deployment_costs, use_of_deployment
from maas_client.running_costs.request_counts import counted, timespan_until

NOW = 1_800_000_000.0


def deployment(state: str, *, traffic: int = 100, created: str = "2026-01-01T00:00:00Z") -> OnlineDeployment:
    document = {
        "name": "main",
        "sku": {"capacity": 2},
        "properties": {"provisioningState": state, "instanceType": "Standard_NC24ads_A100_v4"},
        "systemData": {"createdAt": created},
    }
    return OnlineDeployment.read(document, endpoint="shop", traffic=traffic)


@pytest.mark.parametrize(
    ("given", "requests", "idle", "reason"),
    [
        (deployment("Succeeded"), 0.0, True, "it had no request in the last 1 hour"),
        (deployment("Succeeded", traffic=0), 0.0, True, "it had no request in the last 1 hour, and gets no traffic"),
        (deployment("Succeeded"), 0.2, False, "it had requests in the last 1 hour"),
        (deployment("Succeeded"), None, None, "Azure Monitor has no count of its requests"),
        (deployment("Succeeded", created="2027-01-15T07:30:00Z"), 0.0, False, "it was created less than 1 hour ago"),
        (deployment("Failed"), None, True, "it has failed, and costs as much as one that answers"),
        (deployment("Creating"), 0.0, False, "it is being created or changed"),
        (deployment("Deleting"), 0.0, None, "it is being deleted"),
    ],
)
def test_a_deployment_is_idle_without_requests_or_failed(
    given: OnlineDeployment, requests: float | None, idle: bool | None, reason: str
) -> None:
    use = use_of_deployment(given, requests, idle_after=3600, now=NOW)
    assert (use.idle, use.reason) == (idle, reason)


@pytest.mark.parametrize(
    ("names", "commands"),
    [
        (["main"], ["maas endpoints delete shop"]),
        (["a", "b"], [f"maas endpoints delete shop --deployment {name}" for name in "ab"]),
    ],
)
def test_one_of_several_deployments_is_deleted_alone(names: list[str], commands: list[str]) -> None:
    each = {"sku": {"capacity": 1}, "properties": {"provisioningState": "Succeeded"}}
    endpoint = OnlineEndpoint.read({"name": "shop"}, deployments=[{"name": name, **each} for name in names])
    costs = [*deployment_costs(endpoint, MachinePrices(), {}, idle_after=3600, now=NOW)]
    assert [cost.delete_command for cost in costs] == commands
    assert [cost.label for cost in costs] == [f"shop/{name}" for name in names]


def test_requests_are_counted_by_deployment() -> None:
    series = [
        {
            "metadatavalues": [{"name": {"value": "deployment"}, "value": name}],
            "data": [{"timeStamp": "2026-11-29T08:00:00Z", "average": average} for average in averages],
        }
        for name, averages in {"Main": [0.0, 2.0, None, "x", True], "other": []}.items()
    ]
    assert counted({"value": [{"timeseries": series}]}, 60) == {"main": 120.0, "other": 0}
    assert counted({"value": [{"timeseries": []}]}, 1) == {}
    assert counted({}, 1) is None


def test_a_request_of_this_second_is_within_the_timespan() -> None:
    assert timespan_until(NOW, 3600) == "2027-01-15T07:00:00Z/2027-01-15T08:00:01Z"
    assert timespan_until(NOW + 0.9, 3600) == "2027-01-15T07:00:00Z/2027-01-15T08:00:01Z"


def test_the_longest_timespan_begins_in_1970() -> None:
    assert timespan_until(100.0, 1e300) == "1970-01-01T00:00:00Z/1970-01-01T00:01:41Z"


def test_counts_beyond_all_measure_cost_nothing() -> None:
    document = {
        "name": "blue",
        "sku": {"capacity": 10**400},
        "properties": {"instanceType": "Standard_NC24ads_A100_v4"},
    }
    assert OnlineDeployment.read(document).instance_count == 0
    point = {"metadatavalues": [{"value": "blue"}], "data": [{"average": 10**400}]}
    assert counted({"value": [{"timeseries": [point]}]}, 1) == {"blue": 1e12}
