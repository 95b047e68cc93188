"""SKU and capacity of deployments: names, defaults, and what the dated catalogue refuses."""

from __future__ import annotations

import logging

import pytest

from maas_client.catalog.foundry_lookup import known_offer
from maas_client.errors import InvalidInput
from maas_client.foundry.deployment_skus import Size, size_of


def size(
    model: str,
    *,
    is_open: bool = False,
    sku: str | None = None,
    capacity: int | None = None,
    allow_unlisted: bool = False,
) -> Size:
    """The size of a deployment of a model, with what the catalogue knows of it."""
    offer = known_offer(model)
    return size_of(model, offer, is_open=is_open, sku=sku, capacity=capacity, allow_unlisted=allow_unlisted)


@pytest.mark.parametrize(
    ("spelling", "sku"),
    [
        ("GlobalStandard", "GlobalStandard"),
        ("global", "GlobalStandard"),
        ("global-standard", "GlobalStandard"),
        ("STANDARD", "Standard"),
        ("regional", "Standard"),
        ("data zone", "DataZoneStandard"),
        ("Developer", "DeveloperTier"),
        ("developerTier", "DeveloperTier"),
    ],
)
def test_a_sku_is_known_by_all_of_its_spellings(spelling: str, sku: str) -> None:
    assert size("gpt-4.1-mini", sku=spelling).sku == sku


def test_open_models_get_more_capacity_than_those_of_openai() -> None:
    assert size("Qwen3-32B", is_open=True) == Size("GlobalStandard", 100)
    assert size("gpt-4.1-mini") == Size("GlobalStandard", 50)
    assert size("gpt-4.1-mini", capacity=7) == Size("GlobalStandard", 7)


def test_a_model_without_the_global_sku_gets_the_one_it_has() -> None:
    assert size("gpt-5").sku == "Standard"


def test_a_sku_that_the_model_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(InvalidInput, match=r"gpt-4o-2024-08-06 is not served with the SKU DeveloperTier but with Glob"):
        size("gpt-4o", sku="developer")
    with pytest.raises(InvalidInput, match=r"but with GlobalStandard; nothing was sent\. To try it anyway: --allow-un"):
        size("Llama-3.3-70B-Instruct", is_open=True, sku="Standard")
    assert size("gpt-4o", sku="developer", allow_unlisted=True).sku == "DeveloperTier"


def test_an_unknown_sku_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="no SKU 'GlobalStandart'; did you mean GlobalStandard"):
        size("gpt-4.1", sku="GlobalStandart")
    with pytest.raises(InvalidInput, match="the SKUs are GlobalStandard, Standard"):
        size("gpt-4.1", sku="zzz")
    assert size("gpt-4.1", sku="NewTier", allow_unlisted=True).sku == "NewTier"


def test_a_model_without_a_serverless_route_is_refused() -> None:
    with pytest.raises(InvalidInput, match="served on managed compute or Fireworks"):
        size("gpt-oss-120b", is_open=True)
    assert size("gpt-oss-120b", is_open=True, allow_unlisted=True).sku == "GlobalStandard"


def test_a_model_that_the_catalogue_lacks_is_not_judged() -> None:
    assert size("gpt-9", sku="Standard").sku == "Standard"


def test_throughput_units_are_never_chosen_by_default() -> None:
    with pytest.raises(InvalidInput, match="needs a capacity in provisioned throughput units"):
        size("gpt-4.1", sku="ProvisionedManaged")
    assert size("gpt-4.1", sku="GlobalProvisionedManaged", capacity=15).capacity == 15


@pytest.mark.parametrize("capacity", [0, -1, True])
def test_a_capacity_that_is_no_positive_number_is_refused(capacity: int) -> None:
    with pytest.raises(InvalidInput, match="positive number"):
        size("gpt-4.1", capacity=capacity)


def test_little_capacity_for_an_open_model_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "maas_client"):
        assert size("Ministral-3B", is_open=True, capacity=1).capacity == 1
    assert "the adapter of an open model may not be loaded" in caplog.text
