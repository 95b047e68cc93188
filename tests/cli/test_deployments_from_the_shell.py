"""`maas deploy`, `maas endpoints` and `maas chat` on Foundry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maas_client import MaasClient
from mock_server.server import Server
from tests.cli.shell import ANSWER, Shell

OPEN_MODEL = "Ministral-3B"


@pytest.fixture
def tuned(foundry: Shell, train: str) -> dict[str, Any]:
    """A job of an open model that has succeeded."""
    foundry.done("jobs", "create", "--model", OPEN_MODEL, "--training-data", train, "--name", "ft-1", "--wait")
    shown: dict[str, Any] = json.loads(foundry.done("jobs", "show", "ft-1", "--output", "json"))
    return shown


def test_a_deployment_is_made_and_its_costs_and_life_are_said(foundry: Shell, tuned: dict[str, Any]) -> None:
    result = foundry("deploy", tuned["name"], "--name", "shop")
    assert result.exit_code == 0, result.output
    assert "deployment shop is paid for by the hour, used or not" in result.stderr
    assert "a deployment that is not called for 15 days" in result.stderr
    assert "next: maas chat shop" in result.stderr
    listed = foundry.done("endpoints", "list").splitlines()
    assert listed[0].split() == [
        "NAME",
        "STATE",
        "PROVISIONING",
        "MODEL",
        "SKU",
        "CAPACITY",
        "LIFE",
        "HOSTING_FEE",
        "CREATED",
    ]
    assert "GlobalStandard  100       until unused for 15 days  per hour, used or not" in listed[1]


def test_what_is_served_is_asked_by_deployment_job_or_model(foundry: Shell, tuned: dict[str, Any]) -> None:
    foundry.done("deploy", tuned["name"], "--name", "shop")
    for name in ("shop", tuned["name"], tuned["output_model"]):
        assert foundry.done("chat", name, "When do you open?").strip() == ANSWER
    whole = json.loads(foundry.done("chat", "shop", "When do you open?", "--max-tokens", "9", "--output", "json"))
    assert whole["text"] == ANSWER


def test_a_model_that_nothing_serves_names_the_command(foundry: Shell, tuned: dict[str, Any]) -> None:
    result = foundry("chat", tuned["output_model"], "Hello")
    assert result.exit_code == 3
    assert f"try: maas endpoints create --model {tuned['output_model']}" in result.stderr


def test_a_tuned_model_is_deployed_by_its_own_name(foundry: Shell, tuned: dict[str, Any]) -> None:
    words = ("deploy", tuned["output_model"], "--name", "shop", "--sku", "global", "--capacity", "200", "--no-wait")
    made = json.loads(foundry.done(*words, "--output", "json"))
    assert (made["sku"], made["capacity"], made["model_format"]) == ("GlobalStandard", 200, "Mistral AI")


def test_a_checkpoint_is_deployed_by_its_id(foundry: Shell, train: str, server: Server) -> None:
    words = ("--model", "gpt-4.1-mini", "--training-data", train, "--name", "ft-2", "--epochs", "3", "--wait")
    foundry.done("jobs", "create", *words)
    with MaasClient(foundry_endpoint=f"{server.endpoint}/api/projects/demo") as client:
        checkpoint = next(iter(client.jobs.checkpoints("ft-2")))
    made = json.loads(foundry.done("deploy", checkpoint.id, "--name", "early", "--no-wait", "--output", "json"))
    assert (made["name"], made["model_format"]) == ("early", "OpenAI")
    assert foundry("deploy", "ftchkpt-" + "0" * 32).exit_code == 3


def test_a_sku_that_the_model_lacks_is_refused_at_once(foundry: Shell, tuned: dict[str, Any], server: Server) -> None:
    before = len(server.requests())
    result = foundry("deploy", tuned["output_model"], "--sku", "developer")
    assert result.exit_code == 2
    assert "Ministral-3B is not served with the SKU DeveloperTier but with GlobalStandard" in result.stderr
    assert not any(entry["operation"] == "foundry.deployments.put" for entry in server.requests()[before:])


def test_a_free_deployment_says_when_it_ends(foundry: Shell) -> None:
    result = foundry("endpoints", "create", "--model", "gpt-4.1-mini", "--name", "mini", "--sku", "Developer")
    assert result.exit_code == 0
    assert "has no hosting fee and no guaranteed availability" in result.stderr
    listed = json.loads(foundry.done("endpoints", "list", "--fields", "name,sku,expires", "--output", "json"))
    assert (listed[0]["name"], listed[0]["sku"]) == ("mini", "DeveloperTier")
    assert listed[0]["expires"].startswith("20")


def test_a_deployment_has_no_keys_and_says_what_to_use(foundry: Shell) -> None:
    foundry.done("endpoints", "create", "--model", "gpt-4.1-mini", "--name", "mini")
    result = foundry("endpoints", "keys", "mini")
    assert result.exit_code == 2
    assert "use the account's key, or a token" in result.stderr


def test_a_deletion_keeps_the_model(foundry: Shell) -> None:
    foundry.done("endpoints", "create", "--model", "gpt-4.1-mini", "--name", "mini")
    assert "model gpt-4.1-mini is kept" in foundry("endpoints", "delete", "mini", "--yes").stderr
    assert foundry("endpoints", "show", "mini").exit_code == 3


def test_the_options_of_deployments_are_foundrys(maas: Shell, completed: str) -> None:
    result = maas("deploy", completed, "--sku", "GlobalStandard")
    assert result.exit_code == 2
    assert "sku (of an endpoint) is not offered by Azure Machine Learning; Azure AI Foundry offers it" in result.stderr


def test_run_deploys_with_the_options_of_command_or_job_file(foundry: Shell, train: str, tmp_path: Path) -> None:
    job = {"model": "gpt-4.1-mini", "training_data": train, "sku": "developer", "capacity": 7, "name": "a-job"}
    (tmp_path / "job.yaml").write_text(json.dumps(job), "utf-8")
    result = foundry("run", "-f", "job.yaml", "--endpoint-name", "x" * 40, "--capacity", "8")
    assert result.exit_code == 0, result.output
    assert "the service deletes it after 24 hours" in result.stderr
    shown = json.loads(foundry.done("endpoints", "show", "x" * 40, "--output", "json"))
    assert (shown["sku"], shown["capacity"]) == ("DeveloperTier", 8)
