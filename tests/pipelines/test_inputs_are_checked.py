"""Inputs are checked against the component's own document before anything is sent, all of them at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maas_client.errors import InvalidHyperparameter
from maas_client.pipelines.component import Component
from maas_client.pipelines.input_check import check_inputs
from tests.pipelines.documents import CHAT, document

COMPONENT = Component.read(CHAT, document())
NEEDED: dict[str, Any] = {"mlflow_model_path": "azureml://m", "train_file_path": Path("train.jsonl")}


def literals(**given: Any) -> dict[str, str]:
    return dict(check_inputs(COMPONENT, NEEDED | given).literals)


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("num_train_epochs", 3, "3"),
        ("num_train_epochs", "3", "3"),
        ("num_train_epochs", 3.0, "3"),
        ("max_steps", -1, "-1"),
        ("learning_rate", 5e-6, "5e-06"),
        ("learning_rate", "0.000005", "0.000005"),
        ("learning_rate", 1, "1"),
        ("apply_lora", True, "true"),
        ("apply_lora", "True", "true"),
        ("apply_lora", "false", "false"),
        ("precision", 16, "16"),
        ("optim", "adafactor", "adafactor"),
        ("use_cache", False, "false"),
        ("use_cache", "TRUE", "true"),
        ("compute_finetune", "gpu-1", "gpu-1"),
    ],
)
def test_a_value_is_written_as_the_component_reads_it(name: str, value: object, sent: str) -> None:
    assert literals(**{name: value}) == {name: sent}


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("num_train_epochs", 0, "num_train_epochs must be at least 1, not 0"),
        ("num_train_epochs", True, "num_train_epochs must be an integer, not True"),
        ("num_train_epochs", "1.5", "num_train_epochs must be an integer, not '1.5'"),
        ("num_train_epochs", [1], "num_train_epochs must be an integer, not list"),
        ("learning_rate", "fast", "learning_rate must be a number, not 'fast'"),
        ("learning_rate", float("nan"), "learning_rate must be a number, not nan"),
        ("learning_rate", False, "learning_rate must be a number, not False"),
        ("num_train_epochs", 10**400, "num_train_epochs must be an integer, not a number with too many digits"),
        ("learning_rate", 10**400, "learning_rate must be a number, not a number with too many digits"),
        ("learning_rate", "1_000", "learning_rate must be a number, not '1_000'"),
        ("learning_rate", "1e999", "learning_rate must be a number, not '1e999'"),
        ("compute_finetune", " ", "compute_finetune is empty; leave it out instead"),
        ("optim", "sgd", "optim must be adamw_torch or adafactor, not 'sgd'"),
        ("optim", True, "optim must be adamw_torch or adafactor, not True"),
        ("apply_lora", "yes", "apply_lora must be true or false, not 'yes'"),
        ("precision", 8, "precision must be 32 or 16, not 8"),
        ("use_cache", 1, "use_cache must be true or false, not 1"),
        ("compute_finetune", "a\x1b[2J", "compute_finetune has characters that cannot be printed"),
        ("compute_finetune", {}, "compute_finetune must be a text, not dict"),
        ("num_train_epoch", 1, "there is no input 'num_train_epoch'; did you mean 'num_train_epochs'"),
        ("zzz", 1, "there is no input 'zzz'; it has 16 others"),
    ],
)
def test_a_value_that_fails_later_is_refused_now(name: str, value: object, why: str) -> None:
    with pytest.raises(InvalidHyperparameter) as refused:
        literals(**{name: value})
    assert f"inputs of component {CHAT}:0.0.82: {why}" in str(refused.value)


def test_all_mistakes_are_in_one_error() -> None:
    with pytest.raises(InvalidHyperparameter) as refused:
        check_inputs(COMPONENT, {"optim": "sgd", "epochs": 3})
    for part in ("optim must be", "no input 'epochs'", "no model is given", "no training data is given"):
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"huggingface_id": "microsoft/phi"}, "mlflow_model_path and huggingface_id both name a model; give one"),
        ({"train_mltable_path": "t"}, "train_file_path and train_mltable_path are two kinds of data"),
    ],
)
def test_inputs_that_exclude_each_other_are_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidHyperparameter, match=why):
        check_inputs(COMPONENT, NEEDED | given)


def test_a_required_input_without_default_is_missed() -> None:
    document_of_one = document(inputs={"rows": {"type": "integer"}, "more": {"type": "string", "default": "x"}})
    with pytest.raises(InvalidHyperparameter, match="rows is missing, of type integer"):
        check_inputs(Component.read("c", document_of_one), {"rows": None})


def test_files_and_models_are_returned_as_they_were_given() -> None:
    checked = check_inputs(COMPONENT, NEEDED | {"apply_lora": None})
    assert (checked.literals, checked.data) == ({}, NEEDED)
