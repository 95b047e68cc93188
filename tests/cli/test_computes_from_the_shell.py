"""`maas computes`: sizes and quota of the region, and clusters of one's own."""

from __future__ import annotations

import json

import pytest

from mock_server.server import Server
from tests.cli.shell import Shell

A100 = "Standard_NC24ads_A100_v4"


@pytest.fixture
def maas(maas: Shell, server: Server) -> Shell:
    """A shell with quota for two machines with an A100."""
    server.set_quota({"gpu": 48})
    return maas


def test_sizes_are_listed_with_gpus_and_prices(maas: Shell) -> None:
    lines = maas.done("computes", "sizes").splitlines()
    (a100,) = [line for line in lines if A100 in line]
    assert "1 x A100 PCIe" in a100
    assert "80 GiB" in a100
    assert "USD" in a100
    assert "Standard_DS3_v2" not in "".join(lines)
    assert "Standard_DS3_v2" in maas.done("computes", "sizes", "--all")
    shown = json.loads(maas.done("computes", "sizes", "--output", "json"))
    assert next(size for size in shown if size["name"] == A100)["can_serve"] is True


def test_sizes_say_what_a_model_fits(maas: Shell) -> None:
    listed = json.loads(maas.done("computes", "sizes", "--model", "Phi-4", "--output", "json"))
    fits = {size["name"]: size["fits"] for size in listed}
    assert fits[A100] == ["LoRA", "serving"]
    assert fits["Standard_NC96ads_A100_v4"] == ["LoRA", "full", "serving"]
    assert fits["Standard_NC4as_T4_v3"] == []
    assert "LoRA, serving" in maas.done("computes", "sizes", "--model", "Phi-4")
    assert maas("computes", "sizes", "--model", "nothing").exit_code == 2


def test_quota_is_listed_by_family(maas: Shell) -> None:
    result = maas("computes", "quota")
    (line,) = [line for line in result.stdout.splitlines() if "NCADSA100v4" in line]
    assert line.split()[3:] == ["48", "0", "48", "dedicated"]
    assert result.stderr == ""
    assert "DSv2" in maas.done("computes", "quota", "--all")


def test_without_quota_it_says_where_to_ask(maas: Shell, server: Server) -> None:
    server.set_quota({"gpu": 0})
    assert "ask for more in the Azure portal" in maas("computes", "quota").stderr


def test_a_cluster_is_made_with_what_it_costs(maas: Shell) -> None:
    result = maas("computes", "create", "gpu", "--size", A100)
    assert result.exit_code == 0, result.output
    assert "3.70 USD per node and hour" in result.stdout
    assert "costs nothing without a job" in result.stderr
    assert "0 now, 0 to 1" in maas.done("computes", "show", "gpu")


def test_the_cost_of_nodes_that_are_kept_is_shown_by_the_day(maas: Shell, server: Server) -> None:
    result = maas("computes", "create", "gpu", "--size", A100, "--min-nodes", "1", "--low-priority")
    assert "1 node kept around the clock, with or without a job: 17.76 USD a day" in result.stderr
    server.advance(600)
    assert "idle" in maas.done("computes", "show", "gpu")
    assert "costs nothing without a job" in maas("computes", "scale", "gpu", "--min-nodes", "0").stderr


def test_a_cluster_is_scaled_listed_and_deleted(maas: Shell) -> None:
    maas.done("computes", "create", "gpu", "--size", A100, "--tag", "team=a")
    assert "0 to 4" in maas.done("computes", "scale", "gpu", "--max-nodes", "4", "--idle-after", "5m")
    assert json.loads(maas.done("computes", "list", "--output", "json"))[0]["idle_seconds"] == 300
    assert maas.done("computes", "list", "--quiet") == "gpu\n"
    assert "cluster gpu deleted" in maas("computes", "delete", "gpu", "--yes").stderr
    assert maas.done("computes", "list", "--quiet") == ""
    assert maas("computes", "delete", "gpu", "--yes").exit_code == 3
    assert maas("computes", "delete", "gpu", "--yes", "--missing-ok").exit_code == 0


def test_nothing_to_scale_is_a_usage_error(maas: Shell) -> None:
    assert "nothing to change" in maas("computes", "scale", "gpu").stderr


def test_nothing_is_deleted_without_a_confirmation(maas: Shell) -> None:
    maas.done("computes", "create", "gpu", "--size", A100)
    result = maas("computes", "delete", "gpu")
    assert result.exit_code == 2
    assert "pass --yes" in result.stderr
    assert maas.done("computes", "list", "--quiet") == "gpu\n"


def test_a_refused_cluster_is_reported_and_can_be_replaced(maas: Shell, server: Server) -> None:
    server.set_quota({"gpu": 0})
    words = ("computes", "create", "gpu", "--size", A100)
    refused = maas(*words)
    assert refused.exit_code == 1
    assert "vCPU quota of 0" in refused.stderr
    assert "maas computes delete gpu" in refused.stderr
    server.set_quota({"gpu": 48})
    assert maas(*words).exit_code == 1
    assert maas(*words, "--replace-failed").exit_code == 0


def test_a_missing_cluster_names_the_ones_there_are(maas: Shell) -> None:
    maas.done("computes", "create", "gpu-1", "--size", A100)
    result = maas("computes", "show", "gpu-2")
    assert result.exit_code == 3
    assert "gpu-1" in result.stderr


def test_foundry_has_no_computes_and_says_who_has(foundry: Shell) -> None:
    result = foundry("computes", "sizes")
    assert result.exit_code == 2
    assert "client.computes is not offered by Azure AI Foundry; Azure Machine Learning offers it" in result.stderr
