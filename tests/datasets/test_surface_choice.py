"""Whose rules a dataset is checked by: what was asked for, else the method's, the model's or the client's service."""

from __future__ import annotations

from typing import Any

import pytest

from maas_client.datasets.surface_choice import check_foundry_model, choose_rules
from maas_client.errors import InvalidInput, NotOffered, UnknownModel

CHOICES: dict[str, tuple[tuple[Any, ...], str]] = {
    "nothing": ((None, None, None), "azureml"),
    "the service": (("foundry", None, "Phi-4"), "foundry"),
    "a method of both": ((None, "supervised", None), "azureml"),
    "a method of Foundry": ((None, "dpo", "Phi-4"), "foundry"),
    "a model of Azure ML": ((None, None, "Phi-4"), "azureml"),
    "a model of Foundry": ((None, None, "gpt-oss-20b"), "foundry"),
    "a tuned model": ((None, None, "gpt-4.1-2025-04-14.ft-0123"), "foundry"),
    "an unknown model": ((None, None, "my-model"), "azureml"),
}


@pytest.mark.parametrize("given", CHOICES)
def test_the_service_follows_from_what_is_given(given: str) -> None:
    asked, expected = CHOICES[given]

    assert choose_rules(*asked).surface == expected


def test_without_anything_the_client_decides() -> None:
    assert choose_rules(None, None, default="foundry") == ("foundry", None)
    assert choose_rules("azureml", None, default="foundry") == ("azureml", None)


def test_a_method_may_have_the_names_people_use_for_it() -> None:
    assert choose_rules(None, "RFT") == ("foundry", "reinforcement")


def test_what_does_not_exist_is_an_error() -> None:
    with pytest.raises(NotOffered, match="dpo fine-tuning is not offered by Azure Machine Learning"):
        choose_rules("azureml", "dpo")
    with pytest.raises(InvalidInput, match="surface is 'aws'; it is azureml or foundry"):
        choose_rules("aws", None)
    with pytest.raises(InvalidInput, match="no fine-tuning method 'ppo'"):
        choose_rules(None, "ppo")
    with pytest.raises(UnknownModel, match=r"gpt-4\.1-mini"):
        check_foundry_model("gpt-4.1-mimi")


def test_checkpoints_and_tuned_models_are_known() -> None:
    for model in ("ftchkpt-0123", "gpt-4.1-2025-04-14.ft-0123", "GPT-4.1"):
        assert check_foundry_model(model) == model
