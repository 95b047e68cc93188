"""The catalogue: facts that hold together, names that are found, dates that are passed in, and the live registry."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

import maas_client.catalog
from maas_client.catalog.lookup import find_model, list_models, nearest
from maas_client.catalog.model_facts import ModelFacts, Sku
from maas_client.catalog.registry_document import read_registry, with_registry
from maas_client.errors import UnknownModel

MINI, SMALL, MEDIUM = "Phi-3-mini-4k-instruct", "Phi-3-small-8k-instruct", "Phi-3-medium-4k-instruct"
SOLD, WITHDRAWN, RETIRED = date(2025, 1, 1), date(2025, 7, 1), date(2025, 8, 30)
NAMES = [
    MINI,
    "Phi-3-mini-128k-instruct",
    SMALL,
    "Phi-3-small-128k-instruct",
    MEDIUM,
    "Phi-3-medium-128k-instruct",
    "Phi-3.5-mini-instruct",
    "Phi-3.5-MoE-instruct",
    "Phi-4",
    "Phi-4-mini-instruct",
]


def test_the_catalogue_has_every_model_of_the_family() -> None:
    assert [facts.name for facts in list_models()] == NAMES


@pytest.mark.parametrize("facts", list_models(), ids=NAMES)
def test_the_facts_of_a_model_hold_together(facts: ModelFacts) -> None:
    assert facts.version.isdigit()
    assert facts.licence == "MIT"
    assert facts.context_tokens in {4096, 8192, 16_384, 131_072}
    assert facts.successor is None or find_model(facts.successor).inference_retirement is None
    assert facts.sources
    assert all(source.document for source in facts.sources)
    assert facts.availability.endswith(".")
    assert set(facts.finetune_regions) <= set(facts.deploy_regions)
    assert (facts.finetune_retirement is None) == (facts.inference_retirement is None) == (facts.successor is None)
    assert facts.template.renders("user")
    assert facts.template.renders("assistant")


@pytest.mark.parametrize("facts", list_models(), ids=NAMES)
def test_the_dates_of_a_model_come_in_order(facts: ModelFacts) -> None:
    days = [facts.finetune_from, facts.finetune_until, facts.finetune_deprecation, facts.finetune_retirement]
    dates = [each for each in days if each is not None]

    assert dates == sorted(dates)


def test_the_file_has_no_fact_that_the_model_lacks() -> None:
    content = json.loads(Path(maas_client.catalog.__file__).with_name("catalog.json").read_text("utf-8"))

    assert {key for model in content["models"] for key in model} == set(ModelFacts.__slots__) - {"archived", "live"}
    assert {family for model in content["models"] for family in [model["template"]]} == set(content["templates"])
    assert {source for model in content["models"] for source in model["sources"]} == set(content["sources"])


@pytest.mark.parametrize(
    "name",
    [
        MINI,
        MINI.upper(),
        f" {MINI} ",
        f"azureml://registries/azureml/models/{MINI}",
        f"azureml://registries/azureml/models/{MINI}/versions/15",
        f"azureml://registries/azureml/models/{MINI}/labels/latest",
    ],
)
def test_a_model_is_found_by_name_and_by_registry_id(name: str) -> None:
    assert find_model(name) == find_model(MINI)


def test_the_version_of_an_id_is_kept() -> None:
    assert find_model(f"azureml://registries/azureml/models/{MINI}/versions/9").version == "9"


@pytest.mark.parametrize(
    "name", ["", "gpt-4", "azureml://registries/other/models/Phi-4", "azureml://", "Phi-4/versions/1"]
)
def test_an_unknown_model_is_refused(name: str) -> None:
    with pytest.raises(UnknownModel):
        find_model(name)


def test_an_unknown_model_comes_with_the_nearest_names() -> None:
    with pytest.raises(UnknownModel) as caught:
        find_model("phi-3-mini-4k")

    assert MINI in caught.value.nearest
    assert nearest("zzz") == ()


def test_an_id_has_a_version_only_when_asked_for() -> None:
    facts = find_model(MINI)

    assert facts.registry_id() == f"azureml://registries/azureml/models/{MINI}"
    assert facts.registry_id(facts.version) == f"azureml://registries/azureml/models/{MINI}/versions/15"


@pytest.mark.parametrize(
    ("on", "finetuning_over", "retired"),
    [(SOLD, False, False), (date(2025, 6, 10), True, False), (WITHDRAWN, True, False), (RETIRED, True, True)],
)
def test_fine_tuning_ends_before_the_model_does(on: date, finetuning_over: bool, retired: bool) -> None:
    assert (find_model(MINI).finetune_retired(on), find_model(MINI).is_retired(on)) == (finetuning_over, retired)


@pytest.mark.parametrize(
    ("name", "on", "says"),
    [
        (MINI, date(2024, 7, 1), "can be fine-tuned from 2024-07-24 in eastus2"),
        (MINI, SOLD, "can be fine-tuned in eastus2 until 2025-08-30; use Phi-4-mini-instruct instead"),
        (MINI, WITHDRAWN, "ended on 2025-06-10; use Phi-4-mini-instruct instead"),
        (MEDIUM, RETIRED, "was retired on 2025-08-30; use Phi-4 instead"),
        (SMALL, SOLD, "was never offered for serverless fine-tuning"),
        (SMALL, RETIRED, "was retired on 2025-08-30 and was never offered"),
        ("Phi-4", RETIRED, "can be fine-tuned in eastus2, eastus"),
    ],
)
def test_the_status_is_one_sentence_that_names_the_successor(name: str, on: date, says: str) -> None:
    line = find_model(name).status_line(on)

    assert says in line
    assert line.endswith(".")


def test_small_states_how_it_can_be_deployed() -> None:
    assert not find_model(SMALL).serverless_finetuning
    assert "Never offered" in find_model(SMALL).availability


def test_templates_state_which_roles_reach_the_model() -> None:
    rendered = {name: find_model(name).template.renders("system") for name in (MINI, SMALL, MEDIUM)}

    assert rendered == {MINI: True, SMALL: True, MEDIUM: False}
    assert not find_model(MINI).template.renders("tool")
    assert find_model(SMALL).template.renders("tool")


REGIONS = ("eastus2", "westus3")
LAYOUTS: list[dict[str, Any]] = [
    {"properties": {"tags": {"maas-finetuning-region": "eastus2, westus3"}}},
    {"properties": {"tags": {"maas-finetuning-regions": "East US 2,West US 3"}}},
    {"tags": {"maas-finetuning-regions": ["eastus2", "westus3", "eastus2"]}},
    {"properties": {"properties": {"maas-finetuning-regions": ["eastus2", "westus3"]}}},
    {"system_metadata": {"maasFinetuning": {"maasFinetuningRegions": ["eastus2", "westus3"]}}},
    {"properties": {"systemMetadata": {"maasFinetuning": {"maasFinetuningRegions": "eastus2,westus3"}}}},
]


@pytest.mark.parametrize("document", LAYOUTS)
def test_regions_are_read_in_every_layout(document: dict[str, Any]) -> None:
    assert read_registry(document).finetune_regions == REGIONS


@pytest.mark.parametrize("regions", ["eastus2,westus3", ["eastus2", "westus3"]])
def test_deploy_regions_are_read_as_list_and_as_string(regions: object) -> None:
    document = {"properties": {"tags": {"maas-finetuning-deploy-regions": regions}}}

    assert read_registry(document).deploy_regions == REGIONS


def test_the_newest_layout_is_read_whole() -> None:
    document = {
        "properties": {
            "version": "16",
            "isArchived": True,
            "system_metadata": {
                "SKU": {"finetuneMinSkuSpec": "24|1|220|64"},
                "maasFinetuning": {"maasFinetuningDeployRegions": ["eastus2"]},
                "textContextWindow": 4096,
                "maxOutputTokens": "2048",
                "deprecation": {
                    "finetuneDeprecationDate": "2030-01-01",
                    "finetuneRetirementDate": "2030-02-01T00:00:00Z",
                    "inferenceLegacyDate": "2030-03-01",
                    "inferenceDeprecationDate": "2030-04-01",
                    "inferenceRetirementDate": "2030-05-01",
                },
            },
        }
    }

    facts = with_registry(find_model(MINI), document)

    assert (facts.version, facts.archived, facts.live) == ("16", True, True)
    assert facts.finetune_min_sku == Sku(cpus=24, gpus=1, memory_gib=220, disk_gib=64)
    assert (facts.context_tokens, facts.max_output_tokens) == (4096, 2048)
    assert (facts.finetune_retirement, facts.inference_retirement) == (date(2030, 2, 1), date(2030, 5, 1))
    assert not facts.finetune_retired(RETIRED)


def test_a_newer_field_overrides_an_older_one() -> None:
    document = {
        "tags": {"FinetuneRetirementDate": "2025-01-01"},
        "system_metadata": {"deprecation": {"finetuneRetirementDate": "2026-01-01"}},
    }

    assert read_registry(document).finetune_retirement == date(2026, 1, 1)


def test_a_retired_model_that_the_registry_lists_stays_usable() -> None:
    facts = with_registry(find_model(MINI), {"properties": {"tags": {"maas-finetuning-deploy-regions": "eastus2"}}})

    assert not facts.finetune_retired(RETIRED)
    assert not facts.is_retired(RETIRED)
    assert facts.finetune_regions == ("eastus2",)


def test_a_registry_that_lists_small_makes_it_tunable() -> None:
    facts = with_registry(find_model(SMALL), {"properties": {"tags": {"maas-finetuning-deploy-regions": "eastus2"}}})

    assert facts.serverless_finetuning
    assert "can be fine-tuned in eastus2" in facts.status_line(RETIRED)


def test_an_empty_registry_answer_changes_only_the_source() -> None:
    facts = with_registry(find_model(MINI), {"id": "…", "name": "15", "properties": {"tags": {}}})

    assert facts.live
    assert facts.finetune_retired(RETIRED)
    assert facts.finetune_until == find_model(MINI).finetune_until


keys = st.sampled_from(
    [
        "properties",
        "tags",
        "system_metadata",
        "systemMetadata",
        "maasFinetuning",
        "maasFinetuningDeployRegions",
        "maas-finetuning-region",
        "version",
        "name",
        "isArchived",
        "textContextWindow",
        "maxOutputTokens",
        "finetuneMinSkuSpec",
        "finetuneRetirementDate",
        "InferenceRetirementDate",
    ]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("1|2|x|4")
documents = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))


@given(document=documents)
def test_no_document_of_any_shape_breaks_the_facts(document: object) -> None:
    facts = with_registry(find_model(MINI), document)

    assert facts.name == MINI
    assert facts.context_tokens > 0
    assert facts.status_line(RETIRED).endswith(".")
