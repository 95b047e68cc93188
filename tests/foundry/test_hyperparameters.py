"""Hyperparameters of Foundry: other tools' names are translated, what a method lacks is refused, -1 means auto."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given, strategies as st

from maas_client import FoundryHyperparameters, Hyperparameters, InvalidHyperparameter
from maas_client.catalog.tuning_methods import METHODS, TIERS, TrainingTier, TuningMethod, method_named, tier_named
from maas_client.foundry.hyperparameters import hyperparameters_as_text
from maas_client.job_files.keys import FOUNDRY_HYPERPARAMETERS


def test_numbers_are_sent_as_numbers_and_the_rest_left_out() -> None:
    chosen = FoundryHyperparameters(n_epochs=2, batch_size=1, learning_rate_multiplier=1.0)
    assert chosen.to_wire("supervised") == {"n_epochs": 2, "batch_size": 1, "learning_rate_multiplier": 1.0}
    assert FoundryHyperparameters().to_wire("dpo") == {}


@pytest.mark.parametrize("auto", [-1, "-1", "auto", "AUTO", " auto ", -1.0])
def test_minus_one_and_auto_let_the_service_choose(auto: object) -> None:
    chosen = FoundryHyperparameters.parse({"n_epochs": auto, "learning_rate_multiplier": auto})
    assert chosen.to_wire("supervised") == {"n_epochs": "auto", "learning_rate_multiplier": "auto"}
    assert chosen.as_text() == {"n_epochs": "auto", "learning_rate_multiplier": "auto"}


@pytest.mark.parametrize(
    ("given_as", "name"),
    [
        ("epochs", "n_epochs"),
        ("num_epochs", "n_epochs"),
        ("num_train_epochs", "n_epochs"),
        ("per_device_train_batch_size", "batch_size"),
    ],
)
def test_the_names_of_other_tools_are_understood(given_as: str, name: str) -> None:
    assert FoundryHyperparameters.parse({given_as: "3"}).to_wire() == {name: 3}


def test_one_hyperparameter_under_two_names_is_refused() -> None:
    with pytest.raises(InvalidHyperparameter, match="epochs and n_epochs are the same hyperparameter"):
        FoundryHyperparameters.parse({"epochs": 3, "n_epochs": 3})


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"learning_rate": 1e-5}, "use learning_rate_multiplier"),
        ({"max_seq_length": 512}, "max_seq_length is a hyperparameter of Azure ML"),
        ({"lora_r": 16}, "lora_r is a hyperparameter of Azure ML"),
        ({"seed": 1}, "argument of the job"),
        ({"n_epoch": 3}, "did you mean 'n_epochs'"),
        ({"zzzzz": 3}, "there is no hyperparameter 'zzzzz'$"),
        ({"n_epochs": 0}, "n_epochs: should be an integer of at least 1, or 'auto'"),
        ({"n_epochs": 1.5}, "n_epochs: should be an integer"),
        ({"n_epochs": "three"}, "n_epochs: should be an integer"),
        ({"n_epochs": True}, "n_epochs: should be an integer"),
        ({"n_epochs": [1]}, "n_epochs: should be an integer"),
        ({"n_epochs": 10**400}, "n_epochs: should be an integer"),
        ({"learning_rate_multiplier": 0}, "learning_rate_multiplier: should be a number above 0"),
        ({"beta": float("nan")}, "beta: should be a number above 0"),
        ({"beta": -2}, "beta: should be a number above 0"),
        ({"reasoning_effort": "auto"}, "'default', 'low', 'medium' or 'high'"),
    ],
)
def test_a_wrong_name_or_value_is_refused_and_explained(wrong: dict[str, Any], hint: str) -> None:
    with pytest.raises(InvalidHyperparameter, match=hint):
        FoundryHyperparameters.parse(wrong)


def test_everything_wrong_is_reported_at_once() -> None:
    with pytest.raises(InvalidHyperparameter) as caught:
        FoundryHyperparameters.parse({"learning_rate": 1e-5, "batch_size": 0})
    assert "learning_rate_multiplier" in str(caught.value)
    assert "batch_size" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "methods"),
    [
        ("n_epochs", 1, ("supervised", "dpo", "reinforcement")),
        ("batch_size", 1, ("supervised", "dpo", "reinforcement")),
        ("learning_rate_multiplier", 1, ("supervised", "dpo", "reinforcement")),
        ("beta", 0.1, ("dpo",)),
        ("compute_multiplier", 1, ("reinforcement",)),
        ("eval_interval", 5, ("reinforcement",)),
        ("eval_samples", 2, ("reinforcement",)),
        ("reasoning_effort", "medium", ("reinforcement",)),
    ],
)
def test_a_method_takes_only_its_own_hyperparameters(name: str, value: object, methods: tuple[str, ...]) -> None:
    chosen = FoundryHyperparameters.parse({name: value})
    for method in METHODS:
        if method in methods:
            assert chosen.to_wire(method) == {name: value}
        else:
            with pytest.raises(InvalidHyperparameter, match=f"{name} is of .*{methods[0]}.*{method} takes n_epochs"):
                chosen.to_wire(method)


def test_a_high_beta_warns_and_is_sent() -> None:
    chosen = FoundryHyperparameters(beta=3)
    assert chosen.to_wire("dpo") == {"beta": 3.0}
    assert "beta is 3: usual values are at most 2" in chosen.warnings()[0]
    assert FoundryHyperparameters(beta=2).warnings() == FoundryHyperparameters(beta="auto").warnings() == ()


def test_what_azure_ml_has_too_can_be_given_as_its_type() -> None:
    chosen = FoundryHyperparameters.of(Hyperparameters(num_train_epochs=3, per_device_train_batch_size=4))
    assert chosen == FoundryHyperparameters(n_epochs=3, batch_size=4)
    assert FoundryHyperparameters.of(chosen) is chosen
    assert FoundryHyperparameters.of(None) == FoundryHyperparameters.of({}) == FoundryHyperparameters()
    with pytest.raises(InvalidHyperparameter, match="learning_rate_multiplier"):
        FoundryHyperparameters.of(Hyperparameters(learning_rate=1e-5))


def test_text_is_the_same_for_what_was_sent_and_what_is_echoed() -> None:
    sent = FoundryHyperparameters.parse({"n_epochs": "3", "learning_rate_multiplier": "1", "batch_size": -1})
    echoed = {"n_epochs": 3, "learning_rate_multiplier": 1.0, "batch_size": -1, "beta": None, "new": 1e-7}
    assert sent.as_text() == {"n_epochs": "3", "learning_rate_multiplier": "1", "batch_size": "auto"}
    assert hyperparameters_as_text(echoed) == {**sent.as_text(), "new": "0.0000001"}


def test_job_files_know_the_hyperparameters_of_foundry() -> None:
    assert set(FOUNDRY_HYPERPARAMETERS) == set(FoundryHyperparameters.model_fields)


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.integers())


@given(name=st.sampled_from(sorted(FoundryHyperparameters.model_fields)), value=values)
def test_any_value_is_sent_as_json_or_refused(name: str, value: object) -> None:
    try:
        chosen = FoundryHyperparameters.parse({name: value})
    except InvalidHyperparameter as error:
        assert name in str(error)  # noqa: PT017 -- both outcomes are right; what is checked is what each one says
        return
    sent = chosen.to_wire("dpo" if name == "beta" else "reinforcement")
    assert json.loads(json.dumps(sent)) == sent
    assert FoundryHyperparameters.parse(chosen.as_text()) == chosen


@pytest.mark.parametrize(
    ("name", "method"),
    [("SFT", "supervised"), ("Supervised", "supervised"), ("DPO", "dpo"), ("rft", "reinforcement"), ("ppo", None)],
)
def test_a_method_is_found_by_any_of_its_names(name: str, method: TuningMethod | None) -> None:
    assert method_named(name) == method


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("standard", "Standard"),
        ("Global", "GlobalStandard"),
        ("global-standard", "GlobalStandard"),
        ("developerTier", "Developer"),
        ("data zone", "DataZone"),
        ("premium", None),
    ],
)
def test_a_tier_is_found_by_any_of_its_names(name: str, tier: TrainingTier | None) -> None:
    assert tier_named(name) == tier


def test_the_lists_of_names_are_those_of_the_types() -> None:
    assert set(METHODS) == set(get_args(TuningMethod))
    assert set(TIERS) == set(get_args(TrainingTier))
    assert all(method_named(name) == name for name in METHODS)
    assert all(tier_named(name) == name for name in TIERS)
