"""Exports for azd: a job of Foundry under its names, and what has no place there is said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from maas_client import JobFile
from maas_client.exports.azure.foundry_azd import FoundryAzd
from maas_client.exports.errors import NotExportable
from maas_client.exports.export_job import export_job_of
from maas_client.exports.target import Exported
from tests.exports.jobs import conversations, job, written

GPT = "gpt-4.1-mini"


def read(export: Exported, path: str) -> Mapping[str, Any]:
    [content] = [file.content for file in export.files if file.path == path]
    return yaml.safe_load(str(content))  # type: ignore[no-any-return]  # YAML has no types


def kinds(export: Exported) -> Mapping[str, str]:
    return {each.key: each.kind for each in export.translations if each.key}


def foundry(folder: Path, **keys: Any) -> Exported:
    data = written(folder, conversations(12))
    keys = {"model": GPT, "training_data": str(data), "name": "shop", **keys}
    return FoundryAzd().export(export_job_of(JobFile(**keys), target="foundry"))


def test_azd_has_foundrys_hyperparameters_under_its_names(tmp_path: Path) -> None:
    chosen = {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": 0.5}
    export = foundry(tmp_path, hyperparameters=chosen, seed=7, suffix="shop", tags={"team": "shop"})
    document = read(export, "fine-tune-job.yaml")
    assert document["method"] == {
        "type": "supervised",
        "supervised": {"hyperparameters": {"epochs": 3, "batch_size": "auto", "learning_rate_multiplier": 0.5}},
    }
    assert (document["seed"], document["suffix"], document["metadata"]) == (7, "shop", {"team": "shop"})
    assert document["training_file"] == "local:./data/train.jsonl"
    assert document["extra_body"] == {"trainingType": "GlobalStandard"}


def test_azd_takes_the_other_methods_of_foundry(tmp_path: Path) -> None:
    dpo = read(foundry(tmp_path, method="dpo", hyperparameters={"beta": 0.2}), "fine-tune-job.yaml")
    assert dpo["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2}}}
    grader = {"type": "string_check", "name": "same", "operation": "eq", "input": "{{ item.a }}", "reference": "b"}
    export = foundry(
        tmp_path,
        model="o4-mini",
        method="reinforcement",
        grader=grader,
        response_format={"type": "json_object"},
        hyperparameters={"reasoning_effort": "low", "eval_samples": 2},
    )
    method = read(export, "fine-tune-job.yaml")["method"]
    assert method["reinforcement"]["grader"]["input"] == "{{item.a}}"
    assert method["reinforcement"]["hyperparameters"] == {"reasoning_effort": "low", "eval_samples": 2}
    assert kinds(export)["response_format"] == "left out"


def test_azd_says_what_foundry_has_no_place_for(tmp_path: Path) -> None:
    export = foundry(tmp_path, hyperparameters={"num_train_epochs": 2, "beta": 0.1}, compute="gpus")
    found = kinds(export)
    assert found["hyperparameters.num_train_epochs"] == "same"
    assert (found["hyperparameters.beta"], found["compute"]) == ("left out", "left out")


def test_tags_beyond_the_limits_of_metadata_are_named(tmp_path: Path) -> None:
    tags = {f"tag{n}": "value" for n in range(17)} | {"long": "x" * 513}
    export = foundry(tmp_path, tags=tags)
    assert len(read(export, "fine-tune-job.yaml")["metadata"]) == 16
    [of_tags] = [each for each in export.translations if each.key == "tags"]
    assert "without tag16, long" in of_tags.remark


def test_a_model_that_foundry_does_not_tune_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match="--set model=NAME"):
        FoundryAzd().export(job(tmp_path, target="foundry"))


def test_a_suffix_that_azd_refuses_is_refused_here(tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match="64 characters"):
        foundry(tmp_path, suffix="s" * 65)


def test_integrations_have_a_config_of_their_own(tmp_path: Path) -> None:
    export = foundry(tmp_path, integrations=({"type": "wandb", "wandb": {"project": "p"}},))
    assert read(export, "fine-tune-job.yaml")["integrations"] == [{"type": "wandb", "config": {"project": "p"}}]
