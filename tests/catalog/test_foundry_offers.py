"""The offers of Azure AI Foundry: facts that hold together, names that are found, and the surface of a model."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

import maas_client.catalog
from maas_client.catalog.foundry_lookup import base_of_tuned, find_offer, known_offer, list_offers
from maas_client.catalog.foundry_offer import FoundryOffer, Serving
from maas_client.catalog.lookup import find_model, list_models
from maas_client.catalog.surface_of_model import surface_of
from maas_client.catalog.tuning_methods import METHODS, TIERS
from maas_client.errors import UnknownModel
from mock_server.training import foundry_models as served

MINI = "gpt-4.1-mini-2025-04-14"
TODAY = date(2026, 11, 29)
FILE = json.loads(Path(maas_client.catalog.__file__).with_name("foundry_models.json").read_text("utf-8"))


@pytest.mark.parametrize("offer", list_offers(), ids=lambda offer: offer.name)
def test_the_facts_of_an_offer_hold_together(offer: FoundryOffer) -> None:
    assert offer.methods
    assert set(offer.methods) <= set(METHODS)
    assert set(offer.tiers) <= set(TIERS)
    assert offer.default_tier == "GlobalStandard"
    assert offer.serving in get_args(Serving)
    assert bool(offer.deployment_skus) == (offer.serving == "serverless")
    assert bool(offer.standard_regions) == ("Standard" in offer.tiers)
    assert not (offer.open_weights and offer.continuous)
    assert not offer.open_weights or offer.deployment_skus in ((), ("GlobalStandard",))
    dates = [offer.new_customers_until, offer.training_until, offer.deployments_until]
    known = [each for each in dates if each is not None]
    assert known == sorted(known)
    assert offer.sources
    assert offer.status_line(TODAY).endswith(".")


def test_no_two_models_share_a_name() -> None:
    names = [name.lower() for offer in list_offers() for name in offer.names]
    assert len(names) == len(set(names))


def test_every_source_and_set_of_regions_is_used() -> None:
    assert {source for model in FILE["models"] for source in model["sources"]} == set(FILE["sources"])
    assert {name for model in FILE["models"] for name in model.get("global_region_sets", ())} == set(
        FILE["region_sets"]
    )


@pytest.mark.parametrize("name", [MINI, MINI.upper(), f" {MINI} ", "gpt-4.1-mini", "GPT-4.1-Mini"])
def test_an_offer_is_found_in_any_case_and_without_its_date(name: str) -> None:
    assert find_offer(name).name == MINI


def test_another_spelling_of_an_open_model_is_found() -> None:
    assert find_offer("qwen-32b").name == "Qwen3-32B"
    assert find_offer("ministral-3b").name == "Ministral-3B"


def test_an_unknown_offer_comes_with_the_nearest_names() -> None:
    with pytest.raises(UnknownModel, match="in the catalogue; did you mean gpt-4"):
        find_offer("gpt-4.1-min")
    assert known_offer("zzz") is None


@pytest.mark.parametrize(
    "name", ["Phi-4", "Phi-4-multimodal-instruct", "azureml://registries/azureml/models/Phi-4-mini-instruct"]
)
def test_models_of_azure_ml_are_named_as_such(name: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        find_offer(name)
    assert f"{name} is tuned on Azure ML (--surface azureml), not on Azure AI Foundry" in str(caught.value)
    assert caught.value.elsewhere.startswith("Azure ML")


def test_models_of_foundry_are_named_as_such_on_azure_ml() -> None:
    with pytest.raises(UnknownModel, match=r"gpt-4\.1-mini is tuned on Azure AI Foundry \(--surface foundry\)"):
        find_model("gpt-4.1-mini")


@pytest.mark.parametrize(
    ("model", "surface"),
    [
        *((facts.name, "azureml") for facts in list_models()),
        *((offer.name, "foundry") for offer in list_offers()),
        ("gpt-4.1-mini", "foundry"),
        ("gpt-4.1-mini-2025-04-14.ft-4cad0123-demo", "foundry"),
        ("gpt-4.1-mini-2025-04-14.ft-4cad0123:ckpt-step-10", "foundry"),
        ("ftchkpt-0123", "foundry"),
        ("Phi-4-multimodal-instruct", "azureml"),
        ("azureml://registries/azureml/models/Other/versions/1", "azureml"),
        ("/subscriptions/s/resourceGroups/g/providers/x/workspaces/w/models/m/versions/1", "azureml"),
        ("my-model:3", "azureml"),
        ("something-new", None),
        ("", None),
    ],
)
def test_the_surface_of_a_model_follows_from_its_name(model: str, surface: str | None) -> None:
    assert surface_of(model) == surface


def test_the_base_of_a_tuned_model_is_in_its_id() -> None:
    assert base_of_tuned(f"{MINI}.ft-4cad-demo") == MINI
    assert base_of_tuned(MINI) is None
    assert base_of_tuned(".ft-4cad") is None


@pytest.mark.parametrize(
    ("name", "on", "says"),
    [
        (MINI, TODAY, "is offered until 2027-04-14 or later; deployments of tuned models end on 2027-10-14."),
        (MINI, date(2027, 4, 14), "ends no earlier than 2027-04-14, which has passed"),
        ("o4-mini", date(2026, 10, 15), "is offered until 2027-04-16 or later"),
        ("o4-mini", TODAY, "is for existing customers only since 2026-10-16"),
        ("gpt-oss-20b", TODAY, "Fine-tuning of gpt-oss-20b (supervised) is offered."),
        ("gpt-oss-120b", TODAY, "It is in preview."),
        ("gpt-5", TODAY, "By invitation only."),
    ],
)
def test_the_status_of_an_offer_is_a_sentence_with_its_dates(name: str, on: date, says: str) -> None:
    assert says in find_offer(name).status_line(on)


def test_regions_differ_as_the_documentation_says() -> None:
    assert "polandcentral" in find_offer(MINI).global_regions
    assert "polandcentral" not in find_offer("gpt-4.1-nano").global_regions
    assert "uaenorth" in find_offer("gpt-oss-120b").global_regions
    assert "uaenorth" not in find_offer("gpt-oss-20b").global_regions


def test_the_mock_server_takes_all_that_the_catalogue_lists() -> None:
    assert {model.id for model in served.MODELS} == {offer.name for offer in list_offers()}
    for offer in list_offers():
        model = served.find(offer.name)
        assert model is not None
        assert set(offer.methods) <= set(model.methods)
        assert {served.TIER_SPELLINGS[tier.lower()] for tier in offer.tiers} == set(model.tiers)
        assert set(offer.deployment_skus) <= set(model.skus)
        assert (offer.vision, offer.reasoning) == (model.vision, model.reasoning)
