"""The shapes of the models: every model has one, and their parameters are counted to the last one."""

import pytest

from maas_client.catalog.architecture import architecture_of
from maas_client.catalog.lookup import list_models

ADAPTERS = {
    "Phi-3-mini-4k-instruct": (25_165_824, 1_015_808),
    "Phi-3-small-8k-instruct": (35_651_584, 1_376_256),
    "Phi-3-medium-4k-instruct": (55_705_600, 2_150_400),
    "Phi-3.5-MoE-instruct": (271_581_184, 8_978_432),
    "Phi-4-mini-instruct": (23_068_672, 884_736),
    "Phi-4": (55_705_600, 2_150_400),
}
"""What LoRA of rank 16 trains, and what DoRA adds, by peft's own count."""


@pytest.mark.parametrize("model", [facts.name for facts in list_models()])
def test_the_shape_has_as_many_parameters_as_the_model(model: str) -> None:
    facts = next(facts for facts in list_models() if facts.name == model)
    assert architecture_of(model).parameters == facts.parameter_count


@pytest.mark.parametrize("model", ADAPTERS)
def test_adapters_have_as_many_parameters_as_peft_makes(model: str) -> None:
    lora, magnitudes = ADAPTERS[model]
    shape = architecture_of(model)
    assert shape.adapter_parameters(16) == lora
    assert shape.adapter_parameters(16, magnitudes=True) == lora + magnitudes
    assert shape.adapter_parameters(32) == 2 * lora
