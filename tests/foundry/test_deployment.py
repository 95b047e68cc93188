"""A deployment as a value: its state, its life, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from maas_client import EndpointState
from maas_client.foundry.deployment import Deployment

TUNED = "gpt-4.1-mini-2025-04-14.ft-0123456789abcdef0123456789abcdef-support"


def read(state: str = "Succeeded", sku: str = "GlobalStandard", model: str = TUNED, **more: Any) -> Deployment:
    return Deployment.read(
        {
            "name": "support",
            "sku": {"name": sku, "capacity": 100},
            "properties": {
                "model": {"format": "OpenAI", "name": model, "version": "1"},
                "provisioningState": state,
            },
            "systemData": {"createdAt": "2026-11-01T10:00:00.1234567Z"},
            **more,
        }
    )


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Accepted", EndpointState.CREATING),
        ("Creating", EndpointState.CREATING),
        ("Moving", EndpointState.CREATING),
        ("Succeeded", EndpointState.ONLINE),
        ("Failed", EndpointState.CREATION_FAILED),
        ("Canceled", EndpointState.CREATION_FAILED),
        ("Deleting", EndpointState.DELETING),
        ("Disabled", EndpointState.SUSPENDED),
        ("Pondering", EndpointState.UNKNOWN),
    ],
)
def test_the_provisioning_state_is_the_state(word: str, state: EndpointState) -> None:
    found = read(word)
    assert found.state == state
    assert found.provisioning_state.value == word
    assert found.is_online == (word == "Succeeded")


def test_only_what_exists_has_a_url() -> None:
    assert read().reached_at("https://r/openai").scoring_url == "https://r/openai"
    assert read("Creating").reached_at("https://r/openai").scoring_url == ""
    assert read("Failed").reached_at("https://r/openai").scoring_url == ""


@pytest.mark.parametrize("sku", ["DeveloperTier", "Developer"])
def test_a_deployment_of_the_developer_tier_lives_a_day_for_free(sku: str) -> None:
    found = read(sku=sku)
    assert found.expires is not None
    assert found.expires.replace(microsecond=0) == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert found.facts["life"] == "until 2026-11-02 10:00 UTC"
    assert not found.is_hosted_by_the_hour
    assert "no hosting fee" in found.notes[0]
    assert "after 24 hours" in found.notes[1]


def test_a_tuned_model_is_paid_for_by_the_hour() -> None:
    found = read()
    assert found.expires is None
    assert "paid for by the hour, used or not, until it is deleted: maas endpoints delete support" in found.notes[0]
    assert "not called for 15 days" in found.notes[1]
    assert found.facts["life"] == "until unused for 15 days"
    assert read(model="ftchkpt-0123").is_hosted_by_the_hour


def test_a_base_model_is_paid_for_by_the_token() -> None:
    base = read(model="gpt-4.1-mini")
    assert not base.is_hosted_by_the_hour
    assert (base.notes, base.life) == ((), "until it is deleted")
    assert read(model="gpt-4.1-mini", sku="ProvisionedManaged").is_hosted_by_the_hour


def test_a_deployment_of_units_lives_until_it_is_deleted() -> None:
    assert read(sku="ProvisionedManaged").life == "until it is deleted"
    assert len(read(sku="ProvisionedManaged").notes) == 1


def test_its_json_has_what_a_script_needs() -> None:
    shown = read(sku="DeveloperTier").to_dict()
    assert (shown["sku"], shown["capacity"], shown["model_format"]) == ("DeveloperTier", 100, "OpenAI")
    assert shown["expires"].startswith("2026-11-02T10:00:00")


def test_answers_of_an_unexpected_type_do_not_raise() -> None:
    odd = Deployment.read({"sku": "x", "properties": {"model": 1, "provisioningState": 2}, "name": "a"})
    assert (odd.sku, odd.capacity, odd.state, odd.facts["capacity"]) == ("", 0, EndpointState.UNKNOWN, "")
