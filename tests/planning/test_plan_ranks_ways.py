"""A plan's order follows from the need, and what it proposes is possible."""

from __future__ import annotations

from pathlib import Path

import pytest

from maas_client.planning.machine_prices import machine_template
from maas_client.planning.needs import NEEDS
from tests.planning.plans import A10, A100, HOSTED, MEDIUM, plan_of, the_way, ways_of


def test_a_hosted_model_is_trained_where_it_is_hosted() -> None:
    best = plan_of(HOSTED).recommended
    assert best is not None
    assert (best.platform, best.verdict) == ("azureml", "hosted")


def test_a_gpu_that_was_named_goes_before_hosted_ways() -> None:
    plan = plan_of(HOSTED, gpu="RTX 4090")
    assert plan.recommended is not None
    assert plan.recommended.machine == "RTX 4090"
    assert any(way.verdict == "hosted" for way in plan.ways)


def test_where_lora_does_not_fit_qlora_is_proposed() -> None:
    best = plan_of(MEDIUM, gpu="RTX 4090").recommended
    assert best is not None
    assert (best.method, best.verdict) == ("qlora", "fits")


def test_memory_takes_the_smallest_peak() -> None:
    best = plan_of(gpu="A100", need="memory").recommended
    assert best is not None
    assert best.needed_gib == min(
        way.needed_gib or 0 for way in plan_of(gpu="A100").ways if way.is_possible and way.machine and not way.offload
    )


def test_fewest_parameters_takes_adapters() -> None:
    best = plan_of(gpu="A100", need="parameters").recommended
    assert best is not None
    assert best.trained_parameters == 25_165_824


def test_parallel_takes_what_is_shared() -> None:
    best = plan_of(gpu="A100", gpus=2, need="parallel").recommended
    assert best is not None
    assert best.sharing not in {None, "ddp"}
    alone = plan_of(gpu="A100", need="parallel")
    assert any("needs two GPUs" in each for each in alone.remarks)


def test_cost_takes_the_cheapest_by_the_prices(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text(
        f'[machines."{A100}"]\nper_hour = 4\ncurrency = "USD"\n[machines."{A10}"]\nper_hour = 400\ncurrency = "USD"\n',
        "utf-8",
    )
    best = plan_of(sku=(A100, A10), need="cost", prices=prices).recommended
    assert best is not None
    assert best.size == A100
    assert best.cost is not None
    assert best.hours is not None
    assert best.cost == (best.hours.low * 4, best.hours.high * 4, "USD")


@pytest.mark.parametrize("need", [*NEEDS, None])
def test_what_is_possible_goes_before_what_is_not(need: str | None) -> None:
    ways = plan_of(MEDIUM, gpu="RTX 4090", need=need).ways
    assert [way.is_possible for way in ways] == sorted((way.is_possible for way in ways), reverse=True)


def test_alternatives_differ_in_more_than_the_tool() -> None:
    plan = plan_of(gpu="RTX 4090")
    assert plan.recommended is not None
    shown = [plan.recommended, *plan.alternatives]
    assert len({(way.method, way.machine, way.sharing) for way in shown}) == len(shown) == 3


def test_the_method_of_a_column_shows_its_ways_only() -> None:
    assert {way.method for way in ways_of(plan_of(gpu="A100", method="peft"), platform="trl")} == {
        "lora",
        "qlora",
        "dora",
    }
    for name in ("zero", "deepspeed", "ZeRO-3"):
        shared = [way for way in plan_of(gpu="A100", gpus=2, method=name).ways if way.is_possible]
        assert shared
        assert all((way.sharing or "").startswith("zero") for way in shared)


def test_one_platform_is_shown_alone() -> None:
    assert {way.platform for way in plan_of(platform="Kaito").ways} == {"kaito"}


def test_one_process_has_no_use_for_two_gpus() -> None:
    (olive,) = ways_of(plan_of(gpu="A100", gpus=2), platform="olive")
    assert (olive.verdict, "one process" in olive.why) == ("not offered", True)


def test_a_command_says_what_the_gpus_share() -> None:
    plan = plan_of(gpu="A100", gpus=2, platform="trl", need="parallel")
    assert all(f"--gpus 2 --sharing {way.sharing}" in way.command for way in plan.ways if way.is_possible)


def test_a_budget_is_kept(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('[machines."RTX 4090"]\nper_hour = 1\ncurrency = "EUR"\n', "utf-8")
    plan = plan_of(gpu="4090", prices=prices, budget=0.0001)
    assert plan.recommended is None or not plan.recommended.is_over_budget
    assert all(way.is_over_budget for way in ways_of(plan, platform="trl") if way.cost)


def test_the_lines_of_the_template_are_those_of_a_price_file(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in machine_template().splitlines()[1:]]
    prices = tmp_path / "prices.toml"
    prices.write_text("\n".join(lines).replace("nan", "4.5"), "utf-8")
    assert all(way.cost for way in plan_of(sku=A100, prices=prices, platform="trl").ways if way.is_possible)


def test_where_nothing_fits_it_says_what_is_missing() -> None:
    plan = plan_of(MEDIUM, gpu="RTX 3060", platform="trl", method="dora")
    assert plan.recommended is None
    assert plan.alternatives == ()
    assert any(each.startswith("nothing fits: DoRA lacks ") for each in plan.remarks)


def test_a_machine_and_the_models_may_be_priced_in_one_file(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text(
        f'[models."{HOSTED}"]\ntraining_per_million_tokens = 3\ncurrency = "USD"\n'
        '[machines."RTX 4090"]\nper_hour = 1\ncurrency = "USD"\n',
        "utf-8",
    )
    plan = plan_of(HOSTED, gpu="RTX 4090", prices=prices)
    (hosted,) = ways_of(plan, platform="azureml")
    assert hosted.cost is not None
    assert hosted.cost.high == pytest.approx(9.0)
    assert all(way.cost for way in ways_of(plan, platform="trl") if way.is_possible)


def test_what_is_offloaded_saves_no_memory_of_the_machine() -> None:
    best = plan_of(gpu="RTX 4090", need="memory").recommended
    assert best is not None
    assert (best.method, best.offload) == ("qlora", False)


def test_an_unknown_cost_is_said_beside_a_budget(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('[machines."RTX 4090"]\nper_hour = 1\ncurrency = "EUR"\n', "utf-8")
    plan = plan_of(gpu="L40S", prices=prices, budget=5)
    assert "whether L40S is within the budget is not known: the prices have none of it" in plan.remarks
    assert not any("budget" in remark for remark in plan_of(gpu="4090", prices=prices, budget=5).remarks)


def test_adapters_do_not_reach_experts() -> None:
    way = the_way(plan_of("Phi-3.5-MoE-instruct", gpu="H200"), platform="trl", method="lora")
    assert way.trained_parameters == 13_631_488


def test_experts_are_not_offered_in_4_bits() -> None:
    model = "Phi-3.5-MoE-instruct"
    assert not [way for way in plan_of(model, gpu="H200").ways if way.method == "qlora" and way.is_possible]
    (way,) = ways_of(plan_of(model, gpu="H200", method="qlora"), platform="trl")
    assert way.why == f"the experts of {model} are tensors that bitsandbytes does not put in 4 bits"
