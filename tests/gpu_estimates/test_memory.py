"""What the estimate of memory says of methods, sharing and lengths, and what it refuses."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput
from maas_client.errors import UnknownModel
from maas_client.planning import MemoryEstimate, Optimizer, estimate_memory

MINI, MEDIUM = "Phi-3-mini-4k-instruct", "Phi-3-medium-4k-instruct"
WAYS = st.fixed_dictionaries(
    {
        "model": st.sampled_from([MINI, MEDIUM, "Phi-3-small-8k-instruct", "Phi-3.5-MoE-instruct", "Phi-4"]),
        "method": st.sampled_from(["full", "lora", "qlora", "dora", "qdora"]),
        "rank": st.integers(1, 256),
        "sequence_length": st.integers(1, 32_768),
        "batch_size": st.integers(1, 16),
        "gradient_checkpointing": st.booleans(),
        "optimizer": st.sampled_from(get_args(Optimizer)),
        "loss": st.sampled_from(["whole", "chunked"]),
        "gpus": st.integers(2, 8),
        "sharing": st.sampled_from([None, "ddp", "zero1", "zero2", "zero3", "fsdp"]),
    }
)


def estimated(way: dict[str, Any], **changed: Any) -> MemoryEstimate:
    """Return the estimate of a way to train, with some arguments changed."""
    arguments: dict[str, Any] = {**way, **changed}
    return estimate_memory(**arguments)


def test_less_is_trained_and_kept_from_one_method_to_the_next() -> None:
    full, dora, lora, qlora = (
        estimated({"model": MEDIUM}, method=method).peak_gib for method in ("full", "dora", "lora", "qlora")
    )
    assert full > 3 * dora > 3 * lora > 6 * qlora


def test_a_large_vocabulary_is_paid_for_in_logits() -> None:
    mini, other = estimate_memory(model=MINI), estimate_memory(model="Phi-4-mini-instruct")
    assert (mini.moment, other.moment) == ("loss", "loss")
    assert other.parts["logits and loss"] > 5 * mini.parts["logits and loss"]


def test_the_allocator_needs_room_besides_the_peak() -> None:
    estimate = estimate_memory(model=MINI)
    assert estimate.card_gib > estimate.peak_gib + 0.8
    assert estimate.fits(estimate.card_gib)
    assert not estimate.fits(estimate.peak_gib + 0.8)


def test_what_is_shared_and_offloaded_leaves_the_gpu() -> None:
    way: dict[str, Any] = {"model": MEDIUM, "method": "full", "gpus": 2}
    alone, shared = estimated(way), estimated(way, sharing="zero3")
    offloaded = estimated(way, sharing="zero3", offload=True)
    assert alone.peak_gib > 1.7 * shared.peak_gib > 5 * offloaded.peak_gib
    assert "optimizer" not in offloaded.parts


def test_an_estimate_is_a_plain_value() -> None:
    document = estimate_memory(model=MINI).to_dict()
    assert set(document) == {"peak_gib", "parts", "moment", "machine_gib", "trained", "remarks"}
    assert sum(document["parts"].values()) == pytest.approx(document["peak_gib"])


@given(WAYS)
def test_more_rows_or_tokens_never_need_less(way: dict[str, Any]) -> None:
    peak = estimated(way).peak_gib
    assert estimated(way, sequence_length=way["sequence_length"] + 1).peak_gib >= peak
    assert estimated(way, batch_size=way["batch_size"] + 1).peak_gib >= peak


@given(WAYS)
def test_the_parts_add_up_to_the_peak(way: dict[str, Any]) -> None:
    estimate = estimated(way)
    assert all(part > 0 for part in estimate.parts.values())
    assert sum(estimate.parts.values()) == pytest.approx(estimate.peak_gib)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "adapter"}, "method must be one of full, lora, qlora, dora, qdora"),
        ({"weights": "int8"}, "weights must be one of bfloat16, float32, mixed"),
        ({"weights": "mixed"}, "they are full training's"),
        ({"casts_to_float32": True}, "it needs qlora or qdora"),
        ({"optimizer": "lion"}, "optimizer must be one of adamw_torch_fused"),
        ({"accumulation": 0}, "accumulation must be at least 1"),
        ({"targets": ("q_proj",)}, "no matrices named q_proj: choose among qkv_proj, o_proj, gate_up_proj, down_proj"),
        ({"targets": ()}, "no matrices named none"),
        ({"sharing": "zero4"}, "sharing must be one of ddp, zero1, zero2, zero3, fsdp"),
        ({"gpus": 0}, "gpus must be at least 1"),
        ({"sequence_length": 0}, "sequence_length must be at least 1"),
        ({"offload": True}, "it needs sharing"),
        ({"method": "qlora", "weights": "float32"}, "qlora keeps weights in 4 bits"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        estimated({"model": MINI}, **given)


def test_a_model_of_unknown_shape_is_refused() -> None:
    with pytest.raises(UnknownModel):
        estimate_memory(model="Phi-9")
