"""A plan says of each way whether it fits, by how much, and what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maas_client.core.errors import InvalidInput, UnknownModel
from maas_client.gpu_estimates.memory import estimate_memory
from tests.planning.plans import A100, HOSTED, MEDIUM, MINI, plan_of, rows_in, the_way, ways_of


def test_adapters_of_phi_3_mini_fit_a_card_of_24_gib() -> None:
    plan = plan_of(gpu="RTX 4090")
    for method in ("lora", "qlora", "dora"):
        assert the_way(plan, platform="trl", method=method, machine="RTX 4090").verdict == "fits"


def test_full_training_of_phi_3_mini_does_not_fit_it() -> None:
    full = the_way(plan_of(gpu="RTX 4090"), platform="trl", method="full", offload=False)
    assert (full.verdict, full.command, full.hours) == ("no", "", None)
    assert full.headroom_gib is not None
    assert full.headroom_gib < 0
    assert f"{-full.headroom_gib:.1f} too few" in full.why


def test_what_is_offloaded_fits_and_takes_longer() -> None:
    plan = plan_of(gpu="RTX 4090")
    offloaded = the_way(plan, platform="trl", method="full", offload=True)
    assert offloaded.is_possible
    adapters = the_way(plan, platform="trl", method="lora")
    assert offloaded.hours is not None
    assert adapters.hours is not None
    assert offloaded.hours.high > 2 * adapters.hours.high
    assert any("GiB of the machine's memory" in each for each in offloaded.cannot)


def test_a_way_without_the_reserve_is_tight() -> None:
    lengths = range(64, 4097, 64)
    plans = (
        plan_of(MEDIUM, gpu="RTX 4090", sequence_length=length, method="qlora", batch_size=8) for length in lengths
    )
    way = next(way for plan in plans if (way := the_way(plan, platform="trl")).verdict == "tight")
    assert way.memory is not None
    assert way.memory.peak_gib < (way.gpu_memory_gib or 0) < way.memory.card_gib
    assert "leaves no reserve" in way.why


def test_memory_is_the_estimate_of_the_same_settings() -> None:
    way = the_way(plan_of(gpu="A100", sequence_length=1024, batch_size=2, rank=8), platform="trl", method="lora")
    assert way.memory == estimate_memory(
        model=MINI,
        sequence_length=1024,
        batch_size=2,
        rank=8,
        accumulation=4,
        adapter_weights="float32",
        adapter_dropout=0.05,
        loss="chunked",
    )


def test_casts_to_32_bits_are_counted_where_they_are_made() -> None:
    plan = plan_of(HOSTED, gpu="A100", method="qlora")
    trl, kaito = (the_way(plan, platform=platform).needed_gib or 0 for platform in ("trl", "kaito"))
    assert kaito > trl + 1


def test_offloading_needs_the_memory_of_the_machine() -> None:
    plan = plan_of("Phi-4", sku="Standard_NC4as_T4_v3", platform="trl", method="zero")
    (way,) = plan.ways
    assert way.verdict == "no"
    assert "of the machine's memory, and NC4as_T4_v3 has 28" in way.why


def test_rows_decide_the_length_and_the_time(tmp_path: Path) -> None:
    short = plan_of(gpu="A100", data=rows_in(tmp_path, words=50))
    long = plan_of(gpu="A100", data=rows_in(tmp_path, words=900))
    assert short.size.rows == long.size.rows == 40
    assert short.size.sequence_length < long.size.sequence_length
    assert short.size.sequence_length % 64 == 0
    one, other = (the_way(plan, platform="trl", method="lora") for plan in (short, long))
    assert one.hours is not None
    assert other.hours is not None
    assert one.hours.high < other.hours.high
    assert one.hours.low < one.hours.high


def test_longer_rows_than_the_length_are_said_to_be_cut(tmp_path: Path) -> None:
    plan = plan_of(gpu="A100", data=rows_in(tmp_path, words=900), sequence_length=256)
    assert plan.size.sequence_length == 256
    assert any("are cut" in each for each in the_way(plan, platform="trl", method="lora").cannot)
    assert any("are dropped" in each for each in the_way(plan, platform="axolotl", method="lora").cannot)


def test_without_data_a_million_tokens_are_assumed() -> None:
    plan = plan_of(gpu="A100")
    assert (plan.size.tokens, plan.size.is_assumed) == (1_000_000, True)
    assert any("a million tokens are assumed" in each for each in plan.remarks)


def test_without_a_model_it_is_the_smallest_hosted_one() -> None:
    plan = plan_of(None, gpu="A100")
    assert plan.model == HOSTED
    assert any("no model was named" in each for each in plan.remarks)


def test_hosted_ways_end_with_the_model() -> None:
    assert the_way(plan_of(HOSTED), platform="azureml").verdict == "hosted"
    retired = the_way(plan_of(MINI), platform="azureml")
    assert retired.verdict == "not offered"
    assert "retired on 2025-08-30" in retired.why


def test_a_model_of_foundry_is_trained_there_only() -> None:
    plan = plan_of("gpt-4.1-mini")
    assert [way.platform for way in plan.ways if way.is_possible] == ["foundry"]
    assert plan.parameters is None


def test_every_platform_has_a_way_or_a_reason() -> None:
    plan = plan_of("Phi-3-small-8k-instruct", gpu="H100")
    platforms = {way.platform for way in plan.ways}
    assert platforms == {way.platform for way in plan_of(MINI).ways}
    assert all(way.why for way in plan.ways)
    assert the_way(plan, platform="trl").verdict == "not offered"


def test_without_a_machine_each_way_is_on_the_smallest() -> None:
    plan = plan_of(MEDIUM)
    lora = the_way(plan, platform="trl", method="lora")
    assert lora.size is not None
    assert lora.verdict == "fits"
    larger = the_way(plan_of(MEDIUM, sku=A100), platform="trl", method="lora")
    assert lora.gpus * (lora.gpu_memory_gib or 0) <= larger.gpus * (larger.gpu_memory_gib or 0)


def test_several_gpus_share_what_does_not_fit_one() -> None:
    alone = the_way(plan_of(gpu="A100"), platform="trl", method="full", offload=False)
    assert (alone.verdict, alone.sharing) == ("fits", None)
    both = the_way(plan_of(gpu="RTX 4090", gpus=4), platform="trl", method="full", offload=False)
    assert both.verdict == "fits"
    assert both.sharing in {"zero2", "zero3", "fsdp"}


def test_a_gpu_without_bfloat16_is_said_to_lack_it() -> None:
    way = the_way(plan_of(gpu="T4"), platform="trl", method="qlora")
    assert any("no bfloat16" in each for each in way.cannot)


def test_kaito_and_the_pipeline_start_machines_of_azure() -> None:
    plan = plan_of(gpu="RTX 4090")
    for platform in ("kaito", "azureml-pipeline"):
        assert all(way.size for way in ways_of(plan, platform=platform))
    same = plan_of(gpu="A100")
    assert {way.gpu for way in ways_of(same, platform="kaito")} == {the_way(same, platform="trl", method="lora").gpu}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"gpu": "RTX 4O9O"}, "RTX 40"),
        ({"gpu": "A100", "gpus": 0}, "gpus must be at least 1"),
        ({"gpus": 2}, "name the kind"),
        ({"sku": "Standard_NC24ads_A100_v4", "gpus": 2}, "a VM size has its own"),
        ({"sku": "Standard_NC6"}, "was retired on 2023-08-31"),
        ({"sku": "Standard_D4"}, "no VM size with GPUs named 'Standard_D4'"),
        ({"method": "qlra"}, "did you mean 'qlora'"),
        ({"platform": "kayto"}, "did you mean 'kaito'"),
        ({"need": "memry"}, "did you mean 'memory'"),
        ({"rank": 0}, "rank must be at least 1"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"sequence_length": 0}, "sequence_length must be at least 1"),
        ({"sequence_length": 8192}, "reads at most 4096 tokens"),
        ({"budget": 3}, "a budget needs prices"),
        ({"budget": -1}, "must not be negative"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_to_do(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        plan_of(**given)


def test_an_unknown_model_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownModel, match="Phi-3-mini-4k-instruct"):
        plan_of("Phi-3-mini-4k")


def test_a_file_without_usable_rows_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n", "utf-8")
    with pytest.raises(InvalidInput, match="none of the 1 rows"):
        plan_of(data=bad)
