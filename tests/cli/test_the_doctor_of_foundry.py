"""`maas doctor` with an account of Azure AI Foundry: each check, and what to do about each problem."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.identity import CredentialUnavailableError
from support import Ada

from maas_client import MaasClient
from maas_client.cli.commands.doctor_foundry import check_deployments
from maas_client.core.secret_text import SecretText
from maas_client.foundry.settings import FoundrySettings
from mock_server.server import Server
from tests.cli.shell import Shell

CHECKS = ["version", "settings", "network", "credential", "jobs", "files", "deployments", "api versions"]


def results(output: str) -> dict[str, Any]:
    return {entry["what"]: entry for entry in map(json.loads, output.splitlines())}


def test_the_doctor_finds_no_problem_with_an_account(foundry: Shell) -> None:
    found = results(foundry.done("doctor", "--output", "jsonl"))
    assert list(found) == CHECKS
    assert {entry["state"] for entry in found.values()} == {"ok"}
    assert found["settings"]["detail"].startswith("project 'demo' of http://127.0.0.1")
    assert found["credential"]["detail"] == "none needed on this machine"
    assert found["deployments"]["detail"] == "no deployments in local"


def test_a_key_is_said_to_be_accepted_and_never_shown(
    foundry: Shell, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/local"
    url = f"{server.endpoint}{account}/listKeys?api-version=2025-09-01"
    key = httpx.post(url, headers={"Authorization": "Bearer a-token"}).json()["key1"]
    monkeypatch.setenv("FOUNDRY_API_KEY", key)
    shown = foundry.done("doctor", "--output", "jsonl")
    assert results(shown)["credential"]["detail"] == "the account's key accepted"
    assert key not in shown
    server.fault(operation="foundry.jobs.list", status=401, count=None)
    refused = results(foundry("doctor", "--output", "jsonl").stdout)["credential"]
    assert (refused["state"], refused["code"]) == ("problem", 4)
    assert refused["run"].startswith("unset FOUNDRY_API_KEY")


@pytest.mark.parametrize(
    ("fault", "code", "what", "run"),
    [
        ({"operation": "foundry.jobs.list", "status": 401}, 4, "credential", "az login"),
        ({"operation": "foundry.jobs.list", "status": 403}, 4, "roles", "Foundry User"),
        ({"operation": "foundry.jobs.list", "status": 404}, 3, "account", "az cognitiveservices account list"),
        ({"operation": "foundry.jobs.list", "status": 400}, 1, "account", "maas doctor --debug"),
        ({"operation": "foundry.files.list", "status": 403}, 4, "files", "Foundry User"),
        ({"operation": "foundry.deployments.list", "status": 403}, 4, "deployments", "Cognitive Services Contributor"),
    ],
)
def test_each_problem_of_an_account_has_its_fix(
    foundry: Shell, server: Server, fault: dict[str, Any], code: int, what: str, run: str
) -> None:
    server.fault(**fault, count=None)
    result = foundry("doctor", "--output", "jsonl")
    assert result.exit_code == code
    found = results(result.stdout)
    assert (found[what]["state"], found[what]["code"]) == ("problem", code)
    assert run in found[what]["run"]
    assert f"1 problem in {len(found)} checks: {what}" in result.stderr


def test_an_api_version_that_azure_no_longer_lists_is_a_problem(foundry: Shell, server: Server) -> None:
    types = [{"resourceType": "accounts/deployments", "apiVersions": ["2030-01-01", "2030-02-01-preview"]}]
    server.fault(operation="access.provider", status=200, body={"resourceTypes": types}, count=None)
    found = results(foundry("doctor", "--output", "jsonl").stdout)["api versions"]
    assert (found["state"], found["code"]) == ("problem", 1)
    assert "no longer lists 2025-09-01 for accounts/deployments; 2030-01-01 comes nearest" in found["detail"]


def test_an_account_that_cannot_be_reached_is_a_network_problem(foundry: Shell) -> None:
    result = foundry("doctor", "--foundry-endpoint", "http://127.0.0.1:1", "--output", "jsonl")
    found = results(result.stdout)
    assert (found["network"]["state"], found["network"]["run"]) == ("problem", "maas mock")


def test_names_that_deployments_need_are_asked_for() -> None:
    settings = FoundrySettings("https://example.openai.azure.com", account="example")
    with MaasClient(foundry_endpoint=settings.account_url, credential=Ada()) as maas:
        found = check_deployments(maas, settings)
    assert (found.state, found.code) == ("problem", 2)
    assert found.run == "export AZURE_SUBSCRIPTION_ID=… AZURE_RESOURCE_GROUP=…"


def test_a_key_alone_does_not_deploy() -> None:
    url, key = "https://example.openai.azure.com", SecretText("a-key-of-the-account")
    settings = FoundrySettings(url, api_key=key, subscription_id="s", resource_group="g", account="example")
    with MaasClient(
        foundry_endpoint=url, api_key=key, subscription_id="s", resource_group="g", credential=Nobody()
    ) as maas:
        found = check_deployments(maas, settings)
    assert found.detail.startswith("deployments take a token, not the key: ")
    assert found.run == "az login"


class Nobody:
    """A credential without a token."""

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        raise CredentialUnavailableError(f"nobody is signed in for {scopes[0]}")

    def close(self) -> None:
        """Close nothing."""
