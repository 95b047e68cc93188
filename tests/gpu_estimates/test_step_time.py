"""What the estimate of a step's time says of methods, GPUs and lengths, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput
from maas_client.catalog.gpus import gpus
from maas_client.planning import StepTime, estimate_step_time, hours_of

MINI, MEDIUM = "Phi-3-mini-4k-instruct", "Phi-3-medium-4k-instruct"
WAYS = st.fixed_dictionaries(
    {
        "model": st.sampled_from([MINI, MEDIUM, "Phi-3-small-8k-instruct", "Phi-3.5-MoE-instruct", "Phi-4"]),
        "gpu": st.sampled_from([gpu.name for gpu in gpus()]),
        "method": st.sampled_from(["full", "lora", "qlora", "dora"]),
        "sequence_length": st.integers(1, 32_768),
        "batch_size": st.integers(1, 16),
        "accumulation": st.integers(1, 16),
        "gradient_checkpointing": st.booleans(),
        "gpus": st.integers(2, 8),
        "sharing": st.sampled_from([None, "ddp", "zero1", "zero2", "zero3", "fsdp"]),
    }
)


def estimated(**given: Any) -> StepTime:
    """Return the estimate of a way to train, of a large batch unless the test says otherwise."""
    way: dict[str, Any] = {"model": MEDIUM, "gpu": "H100", "batch_size": 4, **given}
    return estimate_step_time(**way)


def test_a_slower_gpu_takes_longer() -> None:
    h100, a100, ada, t4 = (estimated(gpu=name).seconds for name in ("H100", "A100", "RTX 4090", "T4"))
    assert h100 < a100 < ada < t4


def test_a_longer_pass_is_limited_by_the_gpu() -> None:
    small = estimated(model=MINI, batch_size=1, sequence_length=128)
    large = estimated(sequence_length=4096)
    assert (small.limit, large.limit) == ("launching", "arithmetic")


def test_adapters_save_a_pass_and_dora_pays_for_it() -> None:
    full, lora, dora = (estimated(method=method).seconds for method in ("full", "lora", "dora"))
    assert lora < full < dora


def test_checkpointing_costs_a_forward_pass() -> None:
    kept, again = estimated(gradient_checkpointing=False), estimated()
    assert 1.2 < again.seconds / kept.seconds < 1.6
    assert again.flops > 1.2 * kept.flops


def test_wide_adapters_and_dropout_move_more() -> None:
    narrow, wide = estimated(method="lora"), estimated(method="lora", adapter_weights="float32")
    dropped = estimated(method="lora", adapter_weights="float32", adapter_dropout=0.05)
    assert narrow.seconds < wide.seconds < dropped.seconds < 1.3 * narrow.seconds


def test_the_tokens_are_those_of_all_gpus() -> None:
    step = estimated(gpus=4, sharing="ddp", accumulation=2, sequence_length=1000)
    assert step.tokens == 4 * 2 * 4 * 1000
    assert step.tokens_per_second == step.tokens / step.seconds


def test_offloading_takes_longer_and_is_less_sure() -> None:
    way: dict[str, Any] = {"method": "full", "gpus": 2, "sharing": "zero3"}
    near, far = estimated(**way), estimated(**way, offload=True)
    assert far.seconds > 2 * near.seconds
    assert far.limit == "offloading"
    assert far.high / far.low > near.high / near.low


def test_a_gpu_that_was_not_measured_has_a_wider_range() -> None:
    measured, other = estimated(), estimated(gpu="RTX 4090")
    assert measured.high / measured.low < other.high / other.low


def test_hours_are_those_of_as_many_steps() -> None:
    step = estimated()
    low, high = hours_of(100 * step.tokens, step)
    assert low == pytest.approx(100 * step.low / 3600)
    assert high == pytest.approx(100 * step.high / 3600)


@given(WAYS)
def test_more_rows_never_take_less_time(way: dict[str, Any]) -> None:
    step = estimate_step_time(**way)
    assert 0 < step.low < step.seconds < step.high
    assert estimate_step_time(**{**way, "batch_size": way["batch_size"] + 1}).seconds >= step.seconds
    assert estimate_step_time(**{**way, "sequence_length": way["sequence_length"] + 1}).seconds >= step.seconds


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"gpu": "RTX 4900"}, "did you mean RTX 4090"),
        ({"accumulation": 0}, "accumulation must be at least 1"),
        ({"method": "adapter"}, "method must be one of"),
        ({"offload": True}, "it needs sharing"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        estimated(**given)
