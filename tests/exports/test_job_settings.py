"""What an export reads of a job: its settings, and defaults for what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from maas_client import JobFile
from maas_client.exports.errors import NotExportable
from maas_client.exports.export_job import ExportOptions, export_job_of
from maas_client.exports.hub_models import hub_models
from tests.exports.jobs import EVERY_HYPERPARAMETER, EXAMPLE, conversation, conversations, job


def test_a_job_that_says_all_has_no_defaults(tmp_path: Path) -> None:
    rows = conversations(12)
    exported = job(tmp_path, rows=rows, hyperparameters=EVERY_HYPERPARAMETER, validation_data=str(EXAMPLE))
    assert exported.chosen.defaults == frozenset()
    assert (exported.chosen.rank, exported.chosen.alpha, exported.chosen.dropout) == (8, 16, 0.1)
    assert exported.settings.deepspeed_stage == 2


def test_the_length_is_by_default_that_of_the_longest_row(tmp_path: Path) -> None:
    exported = job(tmp_path, rows=[*conversations(9), *conversations(1, "word " * 500)])
    assert exported.facts.longest <= exported.chosen.sequence_length < exported.facts.longest + 64
    assert exported.chosen.sequence_length % 64 == 0


def test_like_hosted_fills_in_what_the_service_trains_with(tmp_path: Path) -> None:
    chosen = job(tmp_path, options=ExportOptions(like_hosted=True)).chosen
    assert (chosen.rank, chosen.alpha, chosen.dropout, chosen.learning_rate) == (8, 128, 0.0, 3e-4)
    assert (chosen.sequence_length, chosen.beta2, chosen.epsilon, chosen.weight_decay) == (8192, 0.95, 1e-5, 0.1)


def test_a_factor_is_of_the_rate_that_the_service_has(tmp_path: Path) -> None:
    assert job(tmp_path, hyperparameters={"learning_rate_multiplier": 2}).chosen.learning_rate == 6e-4


def test_a_batch_of_minus_one_is_a_share_of_the_rows(tmp_path: Path) -> None:
    chosen = job(tmp_path, rows=conversations(6000), hyperparameters={"batch_size": -1}).chosen
    assert (chosen.batch_size, chosen.accumulation) == (6, 2)


def test_the_facts_count_what_platforms_do_not_take(tmp_path: Path) -> None:
    rows: list[Mapping[str, Any]] = [
        conversation(("system", "Be brief."), ("user", "Hello"), ("assistant", " Hi")),
        conversation(("user", "Hello"), ("assistant", "Hi"), tools=[{"type": "function"}]),
        conversation(("developer", "Be brief."), ("user", "Hello"), ("assistant", "Hi")),
        {"messages": []},
    ]
    facts = job(tmp_path, rows=rows).facts
    assert (facts.lines, facts.rows) == (4, 3)
    assert (facts.system_turns, facts.tools, facts.other_roles, facts.leading_spaces) == (1, 1, 1, 1)
    assert facts.longer_than(facts.longest) == 0 < facts.longer_than(1) == 3


def test_a_sweep_is_refused_with_the_option_that_chooses(tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match=r"--set hyperparameters\.learning_rate=VALUE"):
        job(tmp_path, hyperparameters={"learning_rate": (1e-4, 2e-4)})


def test_data_in_azure_is_refused_where_it_is_needed() -> None:
    exported = export_job_of(JobFile(model="Phi-4", training_data="notes:3"), target="trl")
    with pytest.raises(NotExportable, match="maas download notes:3"):
        _ = exported.facts


def test_a_model_of_foundry_cannot_be_trained_elsewhere() -> None:
    file = JobFile(model="gpt-4.1-mini", training_data="notes:3", hyperparameters={"n_epochs": 2})
    exported = export_job_of(file, target="trl")
    assert exported.settings.epochs == 2
    with pytest.raises(NotExportable, match="Foundry only"):
        _ = exported.model


def test_every_model_of_the_catalogue_has_an_id_on_the_hub() -> None:
    from maas_client import list_models

    assert {facts.name for facts in list_models()} == {*hub_models()}


@pytest.mark.parametrize(
    ("adapter", "method"),
    [(None, "lora"), ("lora", "lora"), ("qlora", "qlora"), ("dora", "dora"), ("qdora", "qdora"), ("none", "full")],
)
def test_the_adapter_of_a_job_is_its_method(tmp_path: Path, adapter: str | None, method: str) -> None:
    assert job(tmp_path, adapter=adapter).chosen.method == method
    assert job(tmp_path, adapter=adapter, options=ExportOptions(method="full")).chosen.method == "full"
