"""The shape of a model from its `config.json`: exact for known types, refused for others."""

from __future__ import annotations

from typing import Any

import pytest

from maas_client import InvalidInput
from maas_client.planning import architecture_from, architecture_of

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
}


def test_a_published_number_of_parameters_is_met() -> None:
    assert architecture_from(LLAMA).parameters == 8_030_261_248


def test_a_phi_is_read_as_the_catalogue_has_it() -> None:
    phi4_mini = {
        "model_type": "phi3",
        "hidden_size": 3072,
        "num_hidden_layers": 32,
        "num_attention_heads": 24,
        "num_key_value_heads": 8,
        "intermediate_size": 8192,
        "vocab_size": 200064,
        "tie_word_embeddings": True,
    }
    small = {
        "model_type": "phi3small",
        "hidden_size": 4096,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "ff_intermediate_size": 14336,
        "vocab_size": 100352,
    }
    moe = {
        "model_type": "phimoe",
        "hidden_size": 4096,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "intermediate_size": 6400,
        "vocab_size": 32064,
        "attention_bias": True,
        "lm_head_bias": True,
        "num_local_experts": 16,
        "num_experts_per_tok": 2,
    }
    assert architecture_from(phi4_mini) == architecture_of("Phi-4-mini-instruct")
    assert architecture_from(small) == architecture_of("Phi-3-small-8k-instruct")
    assert architecture_from(moe) == architecture_of("Phi-3.5-MoE-instruct")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_type": "mamba"}, "a model of type 'mamba' is not known"),
        ({"model_type": None}, "a model of type None is not known"),
        ({"hidden_size": None}, "a number above 0 for hidden_size, not None"),
        ({"vocab_size": "many"}, "a number above 0 for vocab_size, not 'many'"),
        ({"num_hidden_layers": 0}, "a number above 0 for num_hidden_layers, not 0"),
    ],
)
def test_what_cannot_be_read_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        architecture_from({**LLAMA, **changed})
