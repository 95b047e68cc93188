"""The table's rows and columns, and the platforms: complete, found by the names that people use, and sourced."""

from __future__ import annotations

from typing import get_args

import pytest

from maas_client.catalog.lookup import find_model
from maas_client.errors import InvalidInput
from maas_client.gpu_estimates.training_way import Method, Sharing
from maas_client.planning.needs import NEEDS, TABLE_METHODS, Need, TableMethod, read_need, table_method_named
from maas_client.planning.platforms import find_platform, platforms


def test_each_row_and_column_of_the_table_has_its_facts() -> None:
    assert tuple(NEEDS) == get_args(Need)
    assert tuple(TABLE_METHODS) == get_args(TableMethod)
    assert sum(facts.is_task for facts in NEEDS.values()) == 5


@pytest.mark.parametrize(
    ("name", "need"), [("memory", "memory"), ("Translation", "nlp"), ("data parallel", "parallel")]
)
def test_a_need_is_found_by_names_that_people_use(name: str, need: Need) -> None:
    assert read_need(name) == need


def test_an_unknown_need_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'memory'"):
        read_need("memroy")
    with pytest.raises(InvalidInput, match="the needs are adapting, nlp"):
        read_need("zzz")


@pytest.mark.parametrize(
    ("name", "method"), [("QLoRA", "qlora"), ("DORA", "dora"), ("ZeRO-3", "zero"), ("zero2", "zero"), ("full", None)]
)
def test_a_method_is_found_in_its_column(name: str, method: TableMethod | None) -> None:
    assert table_method_named(name) == method


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Azure AI Foundry", "foundry"),
        ("Azure AI Studio", "foundry"),
        ("Azure Machine Learning", "azureml"),
        ("AI Toolkit", "ai-toolkit"),
        ("AI Tools", "ai-toolkit"),
        ("Kaito", "kaito"),
        ("ONNX Runtime", "olive"),
        ("Olive", "olive"),
    ],
)
def test_each_platform_of_the_page_is_found_by_its_name(name: str, found: str) -> None:
    platform = find_platform(name)
    assert platform.name == found
    assert platform.in_table_page


def test_an_unknown_platform_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'kaito'"):
        find_platform("keito")


def test_platforms_know_only_methods_and_models_that_exist() -> None:
    for platform in platforms():
        assert set(platform.methods) <= set(get_args(Method)), platform.name
        assert set(platform.sharing) <= set(get_args(Sharing)), platform.name
        assert platform.source.document
        assert [find_model(model).name for model in platform.models or ()] == list(platform.models or ())


def test_no_two_platforms_share_a_name() -> None:
    names = [name for platform in platforms() for name in (platform.name, *platform.aliases)]
    assert len(names) == len(set(names))
    assert find_platform("kaito").offers("Phi-4")
    assert not find_platform("kaito").offers("Phi-3-small-8k-instruct")
    assert find_platform("azureml").offers("Phi-3-small-8k-instruct")
