"""Two vocabularies of hyperparameters, translated and never mixed; nothing misspelt gets through."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import FoundryHyperparameters, Hyperparameters, InvalidHyperparameter


def test_the_pipelines_names_are_sent_as_plain_decimal_strings() -> None:
    chosen = Hyperparameters(num_train_epochs=3, per_device_train_batch_size=1, learning_rate=2e-5)
    assert chosen.to_wire() == {
        "num_train_epochs": "3",
        "per_device_train_batch_size": "1",
        "learning_rate": "0.00002",
    }


def test_the_portals_names_are_translated() -> None:
    chosen = Hyperparameters(n_epochs=2, batch_size=4, learning_rate_multiplier=0.02)
    assert chosen.to_wire() == {
        "num_train_epochs": "2",
        "per_device_train_batch_size": "4",
        "learning_rate": "0.000006",
    }


def test_a_multiplier_scales_the_rate_of_the_pipeline_used() -> None:
    chosen = Hyperparameters(learning_rate_multiplier=0.5)
    assert chosen.to_wire(serverless=True) == {"learning_rate": "0.00015"}
    assert chosen.to_wire(serverless=False) == {"learning_rate": "0.00001"}


def test_a_batch_size_of_minus_one_lets_the_service_choose() -> None:
    assert Hyperparameters(batch_size=-1).to_wire() == {}


def test_parameters_that_serverless_would_ignore_are_rejected() -> None:
    chosen = Hyperparameters(num_train_epochs=1, lora_r=16)
    assert chosen.to_wire(serverless=False) == {"num_train_epochs": "1", "lora_r": "16"}
    with pytest.raises(InvalidHyperparameter, match="would ignore lora_r"):
        chosen.to_wire(serverless=True)


def test_the_two_vocabularies_are_never_mixed() -> None:
    with pytest.raises(InvalidHyperparameter, match="two vocabularies"):
        Hyperparameters(n_epochs=1, learning_rate=1e-5)


def test_what_foundry_has_too_can_be_given_as_its_type() -> None:
    assert Hyperparameters.of(FoundryHyperparameters(n_epochs=3)) == Hyperparameters(n_epochs=3)
    assert Hyperparameters.of(None) == Hyperparameters.of({}) == Hyperparameters()
    with pytest.raises(InvalidHyperparameter, match="there is no hyperparameter 'beta'"):
        Hyperparameters.of(FoundryHyperparameters(beta=0.1))


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"num_epochs": 3}, "did you mean"),
        ({"learning_rat": 3}, "did you mean 'learning_rate'"),
        ({"zzzzz": 3}, "there is no hyperparameter 'zzzzz'"),
        ({"num_train_epochs": 0}, "num_train_epochs"),
        ({"num_train_epochs": 1.5}, "num_train_epochs"),
        ({"num_train_epochs": "three"}, "num_train_epochs"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"learning_rate": 2}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"lr_scheduler_type": "wave"}, "lr_scheduler_type"),
        ({"batch_size": 500}, "batch_size"),
        ({"batch_size": 0}, "batch_size"),
        ({"max_seq_length": 0}, "max_seq_length"),
        ({"max_seq_length": -2}, "max_seq_length"),
    ],
)
def test_a_wrong_name_or_value_is_refused_and_named(wrong: dict[str, Any], hint: str) -> None:
    with pytest.raises(InvalidHyperparameter, match=hint):
        Hyperparameters.parse(wrong)


def test_every_wrong_name_is_reported_at_once() -> None:
    with pytest.raises(InvalidHyperparameter) as caught:
        Hyperparameters.parse({"num_epochs": 3, "learning_rate": -1})
    assert "num_epochs" in str(caught.value)
    assert "learning_rate" in str(caught.value)


def test_strings_are_read_as_on_a_command_line() -> None:
    chosen = Hyperparameters.parse({"num_train_epochs": "3", "learning_rate": "2e-5", "apply_lora": "true"})
    assert chosen.to_wire(serverless=False) == {
        "num_train_epochs": "3",
        "learning_rate": "0.00002",
        "apply_lora": "true",
    }


@given(st.dictionaries(st.text(max_size=10), st.one_of(st.none(), st.text(), st.integers(), st.floats()), max_size=4))
def test_any_mapping_is_accepted_or_rejected_with_a_client_error(values: dict[str, Any]) -> None:
    try:
        wire = Hyperparameters.parse(values).to_wire(serverless=False)
    except InvalidHyperparameter:
        return
    assert all(isinstance(value, str) for value in wire.values())
