"""`maas webhooks`."""

from __future__ import annotations

import json

from tests.cli.shell import Shell

URL = "https://example.com/hooks"


def test_the_secret_is_printed_once_and_to_stdout_only(foundry: Shell) -> None:
    made = foundry("webhooks", "create", URL, "--name", "jobs", "--event", "failed", "--event", "succeeded")
    assert made.exit_code == 0
    assert "whsec_" in made.stdout
    assert "whsec_" not in made.stderr
    assert "not shown again" in made.stderr
    listed = foundry.done("webhooks", "list")
    assert listed.splitlines()[1].split()[1:5] == ["jobs", URL, "failed,", "succeeded"]
    shown = json.loads(foundry.done("webhooks", "list", "--output", "json"))
    assert "signing_secret" not in shown[0]


def test_a_webhook_is_deleted_by_its_name(foundry: Shell) -> None:
    foundry.done("webhooks", "create", URL)
    assert "webhook example.com deleted" in foundry("webhooks", "delete", "example.com", "--yes").stderr
    assert len(foundry.done("webhooks", "list").splitlines()) == 1
    assert foundry("webhooks", "delete", "example.com", "--yes").exit_code == 3
    assert foundry("webhooks", "delete", "example.com", "--yes", "--missing-ok").exit_code == 0


def test_a_wrong_url_or_event_is_a_usage_error(foundry: Shell) -> None:
    assert foundry("webhooks", "create", "example.com").exit_code == 2
    assert foundry("webhooks", "create", URL, "--event", "done").exit_code == 2


def test_azure_ml_has_no_webhooks_and_says_who_has(maas: Shell) -> None:
    result = maas("webhooks", "create", URL)
    assert result.exit_code == 2
    assert "webhooks is not offered by Azure Machine Learning; Azure AI Foundry offers it" in result.stderr
    assert "maas jobs watch JOB --notify URL" in result.stderr
