"""The estimates beside runs that others published, on models and GPUs that they were not made from.

fms-acceleration's benchmark on A100 of 80 GB (torch 2.4.1, transformers 4.45; rows packed to 4096, checkpointing;
github.com/foundation-model-stack/fms-acceleration, scripts/benchmarks/refs/a100_80gb.csv and a100_80gb_granite.csv).
"""

from __future__ import annotations

from typing import Any

import pytest

from maas_client.planning import Architecture, architecture_from, estimate_memory, estimate_step_time

MISTRAL = architecture_from(
    {
        "model_type": "mistral",
        "hidden_size": 4096,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "intermediate_size": 14336,
        "vocab_size": 32000,
    }
)
POWER_LM = architecture_from(
    {
        "model_type": "llama",
        "hidden_size": 2304,
        "num_hidden_layers": 40,
        "num_attention_heads": 36,
        "intermediate_size": 9216,
        "vocab_size": 49152,
        "tie_word_embeddings": True,
    }
)
FULL = {"method": "full", "optimizer": "adamw_torch"}
LORA: dict[str, Any] = {
    "method": "lora",
    "targets": ("q_proj", "k_proj", "v_proj", "o_proj"),
    "adapter_weights": "float32",
}
QLORA = {**LORA, "method": "qlora"}
CAST = {**QLORA, "casts_to_float32": True}
TWO = {"gpus": 2, "sharing": "fsdp"}

MEMORY = [
    (MISTRAL, 4, FULL, 67.96),
    (MISTRAL, 8, FULL, 67.96),
    (MISTRAL, 4, LORA, 24.32),
    (MISTRAL, 8, LORA, 34.55),
    (MISTRAL, 4, QLORA, 14.77),
    (MISTRAL, 8, QLORA, 25.01),
    (POWER_LM, 4, FULL, 32.72),
    (POWER_LM, 8, FULL, 43.83),
    (POWER_LM, 4, LORA, 18.81),
    (POWER_LM, 4, QLORA, 14.11),
    (POWER_LM, 4, CAST, 16.93),
    (MISTRAL, 2, {**FULL, **TWO}, 34.24),
    (MISTRAL, 2, {**LORA, **TWO}, 14.08),
]
"""Model, batch size, way, and the peak in GiB."""

SPEED = [
    (MISTRAL, 4, FULL, 2775),
    (MISTRAL, 8, FULL, 3049),
    (MISTRAL, 4, LORA, 3598),
    (MISTRAL, 8, LORA, 3632),
    (MISTRAL, 4, QLORA, 3429),
    (POWER_LM, 4, FULL, 5077),
    (POWER_LM, 4, LORA, 5270),
    (POWER_LM, 4, QLORA, 5523),
    (POWER_LM, 4, CAST, 4187),
]
"""Model, batch size, way, and tokens a second."""


@pytest.mark.parametrize(("model", "rows", "way", "gib"), MEMORY)
def test_a_published_peak_is_within_a_tenth(model: Architecture, rows: int, way: dict[str, Any], gib: float) -> None:
    estimate = estimate_memory(model=model, batch_size=rows, sequence_length=4096, **way)
    assert estimate.peak_gib == pytest.approx(gib, rel=0.1)


@pytest.mark.parametrize(("model", "rows", "way", "speed"), SPEED)
def test_a_published_speed_is_within_a_fifth(model: Architecture, rows: int, way: dict[str, Any], speed: int) -> None:
    step = estimate_step_time(model=model, gpu="A100-80", batch_size=rows, sequence_length=4096, **way)
    assert step.tokens_per_second == pytest.approx(speed, rel=0.2)
