"""What each switch of a training brings, in GiB: adapters, 4 bits, optimizers, the loss, accumulation, offload."""

from __future__ import annotations

from typing import Any

import pytest

from maas_client.planning import MemoryEstimate, architecture_of, estimate_memory

GIB = 2.0**30
MINI, MEDIUM, LARGE_VOCABULARY = "Phi-3-mini-4k-instruct", "Phi-3-medium-4k-instruct", "Phi-4-mini-instruct"
TRAINED = 25_165_824
"""Parameters of adapters of rank 16 to all matrices of Phi-3-mini."""


def estimated(**given: Any) -> MemoryEstimate:
    """Return the estimate of LoRA on Phi-3-mini, unless the test says otherwise."""
    way: dict[str, Any] = {"model": MINI, **given}
    return estimate_memory(**way)


def test_fewer_targets_train_and_keep_less() -> None:
    every, attention = estimated(), estimated(targets=("qkv_proj", "o_proj"))
    assert (every.trained, attention.trained) == (TRAINED, 9_437_184)
    assert attention.peak_gib < every.peak_gib
    stored = estimated(gradient_checkpointing=False)
    assert stored.peak_gib - estimated(gradient_checkpointing=False, targets=("o_proj",)).peak_gib > 1.5


def test_adapters_in_32_bits_are_twice_as_large() -> None:
    half, full = estimated(), estimated(adapter_weights="float32")
    assert full.parts["adapters"] == 2 * half.parts["adapters"] == pytest.approx(4 * TRAINED / GIB)
    assert full.parts["optimizer"] == 2 * half.parts["optimizer"]


def test_double_quantization_saves_three_eighths_of_a_bit() -> None:
    once, twice = estimated(method="qlora", double_quantization=False), estimated(method="qlora")
    matrices = architecture_of(MINI).matrix_parameters
    assert once.peak_gib - twice.peak_gib == pytest.approx(0.373 / 8 * matrices / GIB, rel=0.01)


def test_casts_to_float32_cost_most_with_a_large_vocabulary() -> None:
    cost = {
        model: estimated(model=model, method="qlora", casts_to_float32=True).peak_gib
        - estimated(model=model, method="qlora").peak_gib
        for model in (MINI, LARGE_VOCABULARY)
    }
    assert 0.8 < cost[MINI] < 1.2
    assert cost[LARGE_VOCABULARY] > 2


def test_dora_over_4_bits_works_on_a_matrix_more() -> None:
    qlora, qdora = estimated(model=MEDIUM, method="qlora"), estimated(model=MEDIUM, method="qdora")
    assert 1 < qdora.peak_gib - qlora.peak_gib < 4
    assert qdora.peak_gib < estimated(model=MEDIUM, method="dora").peak_gib / 2


def test_a_chunked_loss_keeps_few_logits() -> None:
    whole, chunked = estimated(model=LARGE_VOCABULARY), estimated(model=LARGE_VOCABULARY, loss="chunked")
    assert whole.parts["logits and loss"] > 1.9 * chunked.parts["logits and loss"]
    short = {"sequence_length": 512}
    assert estimated(loss="chunked", **short).peak_gib == estimated(**short).peak_gib


@pytest.mark.parametrize(
    ("optimizer", "each"),
    [
        ("adamw_torch_fused", 4),
        ("adamw_torch", 6),
        ("sgd", 0),
        ("paged_adamw_32bit", 0),
        ("paged_adamw_8bit", 0),
    ],
)
def test_an_optimizer_keeps_so_many_bytes_a_parameter(optimizer: str, each: float) -> None:
    with_it = estimated(method="full", optimizer=optimizer, sequence_length=16)
    assert with_it.moment in {"optimizer step", "bottom layer"}
    found = with_it.parts.get("optimizer", 0) + with_it.parts.get("work of the optimizer", 0)
    assert found == pytest.approx(each * 3_821_079_552 / GIB)


def test_mixed_weights_have_a_copy_in_32_bits() -> None:
    mixed = estimated(method="full", weights="mixed", sequence_length=16)
    assert mixed.peak_gib == pytest.approx(16 * 3_821_079_552 / GIB, rel=0.01)
    shared = estimated(method="full", weights="mixed", sharing="zero3", gpus=8)
    assert shared.parts["optimizer"] == pytest.approx(mixed.parts["optimizer"] / 8)


def test_the_second_stage_of_deepspeed_keeps_weights_whole() -> None:
    shared = estimated(method="full", weights="mixed", sharing="zero2", gpus=8)
    assert shared.parts["weights"] == pytest.approx(2 * 3_821_079_552 / GIB)
    assert "gathered weights" not in shared.parts


def test_a_table_used_twice_adds_two_gradients_up() -> None:
    way: dict[str, Any] = {"model": LARGE_VOCABULARY, "method": "full", "sequence_length": 512}
    table = 2 * 200_064 * 3072 / GIB
    parts = [estimated(**way, **more).parts for more in ({}, {"accumulation": 2}, {"gpus": 2, "sharing": "zero3"})]
    extra = [each["gradients of a table used twice"] for each in parts]
    assert extra == [pytest.approx(2 * table), pytest.approx(3 * table), pytest.approx(2.5 * table)]


def test_accumulation_holds_gradients_while_it_lasts() -> None:
    one, more = estimated(), estimated(accumulation=8)
    assert more.peak_gib - one.peak_gib == pytest.approx(2 * TRAINED / GIB)
    assert estimated(accumulation=2).peak_gib == more.peak_gib


def test_what_is_offloaded_takes_the_memory_of_the_machine() -> None:
    near = estimated(model=MEDIUM, method="full", weights="mixed", sharing="zero3", gpus=2)
    far = estimated(model=MEDIUM, method="full", weights="mixed", sharing="zero3", gpus=2, offload=True)
    assert near.machine_gib == 0
    assert far.machine_gib == pytest.approx(18 * 13_960_238_080 / GIB)
    assert far.peak_gib < near.peak_gib / 5
    optimizer_alone = estimated(method="full", sharing="zero1", gpus=2, offload=True)
    assert optimizer_alone.machine_gib == pytest.approx(16 * 3_821_079_552 / GIB)


def test_deepspeed_leaves_a_billion_parameters_gathered() -> None:
    way: dict[str, Any] = {"method": "full", "weights": "mixed", "offload": True}
    deepspeed, fsdp = estimated(**way, sharing="zero3"), estimated(**way, sharing="fsdp")
    assert deepspeed.parts["gathered weights"] == pytest.approx(2e9 / GIB)
    assert fsdp.parts["gathered weights"] < deepspeed.parts["gathered weights"]


def test_experts_stay_in_16_bits_and_it_says_so() -> None:
    qlora, lora = (estimated(model="Phi-3.5-MoE-instruct", method=method) for method in ("qlora", "lora"))
    assert qlora.peak_gib > 0.9 * lora.peak_gib
    assert any("experts stay in 16 bits" in remark for remark in qlora.remarks)
    assert estimated().remarks == ()


def test_an_attention_of_its_own_is_remarked() -> None:
    assert "block-sparse" in estimated(model="Phi-3-small-8k-instruct").remarks[0]


def test_8_bit_moments_say_what_the_trainer_adds() -> None:
    with_it = estimated(model=LARGE_VOCABULARY, method="full", optimizer="adamw_bnb_8bit")
    assert with_it.parts["optimizer"] == pytest.approx((2 + 8 / 256) * 3_836_021_760 / GIB)
    assert "which takes 3.4 GiB more" in with_it.remarks[0]
    assert estimated(optimizer="adamw_bnb_8bit").remarks == ()


def test_adafactor_copies_the_largest_tensor_four_times() -> None:
    mini, other = (estimated(model=m, method="full", optimizer="adafactor") for m in (MINI, LARGE_VOCABULARY))
    assert mini.parts["work of the optimizer"] == pytest.approx(16 * 32_064 * 3072 / GIB)
    assert other.parts["work of the optimizer"] == pytest.approx(16 * 200_064 * 3072 / GIB)
    wide = estimated(method="full", optimizer="adafactor", weights="float32", sequence_length=16)
    assert wide.parts["work of the optimizer"] == pytest.approx(8 * 32_064 * 3072 / GIB)


def test_dropout_keeps_a_byte_for_each_input_of_an_adapter() -> None:
    way: dict[str, Any] = {"gradient_checkpointing": False, "batch_size": 4}
    kept = [estimated(**way, adapter_dropout=share).parts["activations"] for share in (0.0, 0.05)]
    inputs = 3 * 3072 + 8192
    assert kept[1] - kept[0] == pytest.approx(32 * 4 * 2048 * inputs / GIB)


def test_adapters_in_32_bits_have_their_gradients_so() -> None:
    way: dict[str, Any] = {"loss": "chunked", "batch_size": 4}
    narrow, wide = (estimated(**way, adapter_weights=name) for name in ("bfloat16", "float32"))
    assert (narrow.moment, wide.moment) == ("top layer", "top layer")
    assert wide.parts["activations"] - narrow.parts["activations"] == pytest.approx(4 * 2048 * 4 * 8192 / GIB)


def test_what_lies_between_two_matrices_grows_with_rank() -> None:
    way: dict[str, Any] = {"gradient_checkpointing": False}
    low, high = (estimated(**way, rank=rank).parts["activations"] for rank in (16, 128))
    assert high - low == pytest.approx(32 * 2048 * 4 * 2 * (128 - 16) / GIB)
