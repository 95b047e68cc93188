"""Whether a job fits its machine, and a deployment its quota: each reason with the numbers it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from maas_client.catalog.lookup import find_model, list_models
from maas_client.catalog.model_facts import Defaults
from maas_client.computes.cluster import Cluster
from maas_client.computes.compute_size import ComputeSize
from maas_client.computes.fit import Offered, cluster_misfits, machine_misfits, serving_misfits
from maas_client.computes.misfit import Misfit
from maas_client.computes.quota import Quota, quotas_in
from maas_client.computes.training_memory import (
    TrainingMethod,
    least_serving_gib,
    least_training_gib,
    method_of,
    usual_training_gib,
)
from tests.computes.test_values import cluster_document, size_document, usage

TODAY = date(2026, 8, 1)
A100, T4, V100 = "Standard_NC24ads_A100_v4", "Standard_NC16as_T4_v3", "Standard_NC24rs_v3"
LORA, WHOLE = TrainingMethod(), TrainingMethod(adapters=False)
MINI, PHI_4 = find_model("Phi-3-mini-4k-instruct"), find_model("Phi-4")


def quotas(limit: int = 96, used: int = 0, *, low: int = 96) -> tuple[Quota, ...]:
    return quotas_in(
        [
            usage("dedicatedCores", "Total Cluster Dedicated Regional vCPUs", used, 300),
            usage("vmFamily", "Standard NCADSA100v4 Family Cluster Dedicated vCPUs", used, limit),
            usage("vmFamily", "Standard NCASv3_T4 Family Cluster Dedicated vCPUs", used, limit),
            usage("lowPriorityCores", "Total Cluster LowPriority Regional vCPUs", 0, low),
            usage("vmFamily", "Standard NCADSA100v4 Family Cluster LowPriority vCPUs", 0, -1),
        ]
    )


def offered(*sizes: dict[str, Any], of: tuple[Quota, ...] | None = None) -> Offered:
    documents = sizes or (
        size_document(),
        size_document(name=T4, family="Standard NCASv3_T4 Family", vCPUs=16, memoryGB=110.0),
        size_document(name="Standard_E4s_v3", family="standardESv3Family", vCPUs=4, gpus=0),
    )
    read = [ComputeSize.of(document, TODAY) for document in documents]
    return Offered(sizes=read, quotas=quotas() if of is None else of, today=TODAY)


def judged(size: str, there: Offered, *, low_priority: bool = False, **how: Any) -> tuple[Misfit, ...]:
    how = {"model": MINI, "method": LORA, **how}
    return machine_misfits(size, there, low_priority=low_priority, **how)


def test_a_model_fits_a_machine_with_room_for_it() -> None:
    assert judged(A100, offered()) == ()
    assert judged(A100, offered(), method=WHOLE) == ()
    assert judged(A100.upper(), offered()) == ()


def test_full_fine_tuning_does_not_fit_a_small_gpu() -> None:
    (misfit,) = judged(T4, offered(), method=WHOLE)
    assert (misfit.kind, misfit.there) == ("memory", 16)
    assert misfit.needed == pytest.approx(57.8, abs=0.1)
    assert misfit.message == (
        "Phi-3-mini-4k-instruct by full fine-tuning needs at least 57.8 GiB on its GPU, and "
        "Standard_NC16as_T4_v3 has 16 GiB"
    )


def test_lora_of_a_larger_model_does_not_fit_either() -> None:
    (misfit,) = judged(T4, offered(), model=PHI_4)
    assert misfit.kind == "memory"
    assert "Phi-4 by LoRA needs at least 28.6 GiB" in misfit.message


def test_gpus_that_are_not_used_share_nothing() -> None:
    shared = TrainingMethod(adapters=False, stage=3)
    unread = Offered(sizes=(), quotas=(), today=TODAY)
    assert judged("Standard_ND96asr_v4", unread, method=shared) == ()
    (misfit,) = judged("Standard_ND96asr_v4", unread, method=shared, gpus=1)
    assert (misfit.kind, misfit.there) == ("memory", 40)
    assert "needs at least 58.8 GiB on its GPU" in misfit.message


def test_more_gpus_than_a_machine_has_do_not_fit() -> None:
    (misfit,) = judged(A100, offered(), gpus=8)
    assert (misfit.needed, misfit.there) == (8, 1)
    assert misfit.message == "8 GPUs of each machine are to be used, and Standard_NC24ads_A100_v4 has 1"


def test_a_retired_size_is_reported_with_its_day() -> None:
    assert "was retired on 2025-09-30" in judged(V100, offered())[0].message
    still = Offered(sizes=offered().sizes, quotas=quotas(), today=date(2025, 9, 29))
    assert "retired" not in {each.kind for each in judged(V100, still)}


def test_a_size_that_the_region_lacks_is_reported() -> None:
    kinds = {each.kind for each in judged("Standard_ND96isr_H200_v5", offered())}
    assert kinds == {"not_offered"}
    unread = Offered(sizes=(), quotas=(), today=TODAY)
    assert judged("Standard_ND96isr_H200_v5", unread) == ()


def test_a_machine_without_a_gpu_trains_nothing() -> None:
    assert "no_gpus" in {each.kind for each in judged("Standard_E4s_v3", offered())}


def test_a_size_for_endpoints_only_trains_nothing() -> None:
    (misfit,) = judged(A100, offered(size_document(supportedComputeTypes=["MIR"])))
    assert (misfit.kind, "only for MIR" in misfit.message) == ("purpose", True)


def test_quota_that_never_suffices_is_certain() -> None:
    (misfit,) = judged(A100, offered(of=quotas(limit=0)))
    assert (misfit.kind, misfit.needed, misfit.there, misfit.is_certain) == ("quota", 24, 0, True)
    assert "has 0 of 0 vCPUs left, and 24 are needed" in misfit.message


def test_quota_that_others_use_is_only_a_wait() -> None:
    (misfit,) = judged(A100, offered(of=quotas(limit=24, used=24)))
    assert (misfit.kind, misfit.is_certain) == ("quota", False)


def test_a_cluster_that_has_nodes_needs_no_more_quota() -> None:
    there = offered(of=quotas(limit=24, used=24))
    busy = Cluster.read(cluster_document(inner={"vmPriority": "Dedicated"}))
    assert cluster_misfits(busy, there, model=MINI, method=LORA) == ()
    empty = Cluster.read(cluster_document(inner={"vmPriority": "Dedicated", "currentNodeCount": 0}))
    assert [each.kind for each in cluster_misfits(empty, there, model=MINI, method=LORA)] == ["quota"]


def test_low_priority_counts_against_the_quota_of_all() -> None:
    assert judged(A100, offered(of=quotas(limit=0)), low_priority=True) == ()
    (misfit,) = judged(A100, offered(of=quotas(low=10)), low_priority=True)
    assert "Total Cluster LowPriority Regional vCPUs" in misfit.message


def test_low_priority_without_flag_and_price_is_certain() -> None:
    document = size_document(lowPriorityCapable=False)
    (doubtful,) = judged(A100, offered(document), low_priority=True)
    assert (doubtful.kind, doubtful.is_certain) == ("low_priority", False)
    document["estimatedVMPrices"]["values"] = document["estimatedVMPrices"]["values"][:1]
    (certain,) = judged(A100, offered(document), low_priority=True)
    assert certain.is_certain


def test_nothing_runs_on_a_failed_cluster() -> None:
    failed = Cluster.read(cluster_document(provisioningState="Failed"))
    (misfit,) = cluster_misfits(failed, offered(), model=MINI, method=LORA)
    assert (misfit.kind, misfit.is_certain) == ("failed", True)


def test_nothing_runs_on_a_cluster_without_nodes() -> None:
    none = Cluster.read(cluster_document(inner={"scaleSettings": {"minNodeCount": 0, "maxNodeCount": 0}}))
    (misfit,) = cluster_misfits(none, offered(), model=MINI, method=LORA)
    assert "--max-nodes 1" in misfit.message


def test_a_model_that_is_not_known_is_judged_by_the_rest() -> None:
    assert judged(T4, offered(), model=None, method=WHOLE) == ()


def test_a_deployment_needs_the_fifth_on_top() -> None:
    there = offered(of=quotas(limit=24))
    assert serving_misfits(A100, there, instances=1, model=MINI) == ()
    (misfit,) = serving_misfits(T4, there, instances=1)
    assert (misfit.needed, misfit.there) == (32, 24)
    assert "1 x Standard_NC16as_T4_v3 with the fifth on top that endpoints reserve: 2 x 16 vCPUs" in misfit.message


def test_a_deployment_does_not_wait_for_quota() -> None:
    (misfit,) = serving_misfits(A100, offered(of=quotas(limit=24, used=24)), instances=1)
    assert misfit.is_certain


def test_a_served_model_shares_the_gpus_of_its_machine() -> None:
    moe = find_model("Phi-3.5-MoE-instruct")
    assert [each.kind for each in serving_misfits(T4, offered(), instances=1, model=moe)] == ["memory"]
    assert least_serving_gib(moe.parameter_count, 4) < 21


@pytest.mark.parametrize(
    ("given", "defaults", "method"),
    [
        ({}, None, LORA),
        ({}, Defaults(lora=False, deepspeed_stage=3), TrainingMethod(adapters=False, stage=3)),
        ({"apply_lora": "true"}, Defaults(lora=False), LORA),
        ({"apply_lora": "false"}, None, WHOLE),
        ({"apply_deepspeed": "true"}, None, TrainingMethod(stage=2)),
        ({"apply_deepspeed": "true", "deepspeed_stage": "3"}, None, TrainingMethod(stage=3)),
        ({"apply_deepspeed": "false"}, Defaults(deepspeed_stage=3), LORA),
        ({"precision": "32"}, None, TrainingMethod(wide=True)),
        ({"optim": "adafactor", "apply_lora": "false"}, None, TrainingMethod(adapters=False, moments=False)),
        ({"max_seq_length": "4096", "pad_to_max_length": "true"}, None, TrainingMethod(length=4096)),
        ({"max_seq_length": "4096"}, None, LORA),
        ({"max_seq_length": "-1", "pad_to_max_length": "true"}, None, LORA),
    ],
)
def test_hyperparameters_choose_a_method(
    given: dict[str, str], defaults: Defaults | None, method: TrainingMethod
) -> None:
    assert method_of(given, defaults) == method


@pytest.mark.parametrize(
    ("method", "gpus", "gib"),
    [
        (LORA, 1, 8.1),
        (TrainingMethod(wide=True), 1, 15.2),
        (TrainingMethod(length=4096), 1, 10.3),
        (TrainingMethod(stage=2), 4, 8.1),
        (TrainingMethod(stage=3), 4, 3.5),
        (WHOLE, 1, 57.8),
        (WHOLE, 8, 57.8),
        (TrainingMethod(adapters=False, stage=2), 8, 14.2),
        (TrainingMethod(adapters=False, stage=3), 8, 8.9),
        (TrainingMethod(adapters=False, moments=False), 1, 30.1),
    ],
)
def test_memory_follows_from_what_is_kept_and_shared(method: TrainingMethod, gpus: int, gib: float) -> None:
    assert least_training_gib(MINI, method, gpus) == pytest.approx(gib, abs=0.05)


def test_the_least_is_less_than_rows_of_usual_length_take() -> None:
    for facts in list_models():
        for method in (LORA, WHOLE, TrainingMethod(adapters=False, stage=3)):
            assert least_training_gib(facts, method, 8) < usual_training_gib(facts, method, 8)


@pytest.mark.parametrize("facts", list_models(), ids=lambda facts: facts.name)
def test_parameters_are_read_from_the_name(facts: Any) -> None:
    billions = {"3.8B": 3.8, "7B": 7.4, "14B": 14.3, "16x3.8B (6.6B active)": 41.9}[facts.parameters]
    assert facts.parameter_count / 1e9 == pytest.approx(billions, rel=0.03)
