"""Whether a cluster is idle: nothing runs on its nodes, and they do not go by themselves before long."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from maas_client.computes.cluster import Cluster
from maas_client.computes.compute_size import ComputeSize
from maas_client.running_costs.clusters import cluster_cost, nodes_of
from maas_client.running_costs.machine_prices import MachinePrices
from maas_client.running_costs.spans import span


def cluster(*, least: int = 0, idle_after: str = "PT2M", state: str = "Succeeded", **nodes: int) -> Cluster:
    """A cluster of this many nodes by state."""
    properties: dict[str, Any] = {
        "vmSize": "STANDARD_NC24ADS_A100_V4",
        "vmPriority": "LowPriority" if nodes.pop("cheap", 0) else "Dedicated",
        "allocationState": "Steady",
        "scaleSettings": {"minNodeCount": least, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": idle_after},
        "currentNodeCount": sum(nodes.values()),
        "targetNodeCount": sum(nodes.values()),
        "nodeStateCounts": {f"{name}NodeCount": count for name, count in nodes.items()},
    }
    return Cluster.read({"name": "gpu", "properties": {"provisioningState": state, "properties": properties}})


@pytest.mark.parametrize(
    ("given", "idle", "reason"),
    [
        (cluster(running=1, idle=1), False, "jobs run on 1 of 2 nodes"),
        (cluster(running=1, least=2, idle=1), False, "jobs run on 1 of 2 nodes"),
        (cluster(preparing=2), False, "nodes are being started for a job"),
        (cluster(idle=2), False, "no job runs, and its nodes go by themselves soon"),
        (cluster(idle=2, idle_after="PT5H"), True, "no job runs, and it keeps its nodes for 5 hours without one"),
        (
            cluster(idle=1, least=1),
            True,
            "it keeps 1, and no job runs on them; `maas computes scale gpu --min-nodes 0` ends that",
        ),
        (cluster(idle=1, least=1, state="Deleting"), None, "it is being deleted"),
    ],
)
def test_a_cluster_is_idle_if_its_nodes_stay_without_a_job(given: Cluster, idle: bool | None, reason: str) -> None:
    cost = cluster_cost(given, MachinePrices(), idle_after=3600)
    assert (cost.idle, cost.reason) == (idle, reason)
    assert cost.delete_command == ("" if idle is None else "maas computes delete gpu")


def test_the_price_is_that_of_all_nodes_at_their_priority() -> None:
    values = [
        {"retailPrice": 3.7, "osType": "Linux", "vmTier": "Standard"},
        {"retailPrice": 0.74, "osType": "Linux", "vmTier": "LowPriority"},
    ]
    prices = {"billingCurrency": "USD", "unitOfMeasure": "OneHour", "values": values}
    size = {"name": "Standard_NC24ads_A100_v4", "estimatedVMPrices": prices}
    known = MachinePrices([ComputeSize.of(size, date(2026, 11, 29))])
    dedicated = cluster_cost(cluster(idle=2), known, idle_after=3600)
    cheap = cluster_cost(cluster(idle=2, cheap=1), known, idle_after=3600)
    assert (dedicated.hourly_price, cheap.hourly_price) == (7.4, 1.48)
    assert dedicated.currency == cheap.currency == "USD"
    assert known.of("Standard_ND96isr_H200_v5", 1) == (None, None)


def test_a_cluster_without_nodes_costs_nothing() -> None:
    assert nodes_of(cluster()) == 0
    assert nodes_of(cluster(preparing=1)) == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (59, "59 seconds"), (60, "1 minute"), (5400, "1 hour"), (7200, "2 hours"), (200_000, "2 days")],
)
def test_a_span_is_shown_in_its_largest_unit(seconds: float, words: str) -> None:
    assert span(seconds) == words
