"""Options and names that a platform could not use are refused, and not dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maas_client import InvalidInput, JobFile, export_job
from tests.exports.jobs import EXAMPLE

FOUNDRY = {"model": "gpt-4.1-mini"}


def exported(target: str, to: Path, keys: dict[str, str] | None = None, **options: Any) -> tuple[str, ...]:
    """Export the example with some keys changed, and return the warnings."""
    file = JobFile.read(EXAMPLE, overrides=(keys or {}).items())
    return export_job(file, target, to=to / "out", dry_run=True, **options).warnings


@pytest.mark.parametrize(
    ("target", "keys", "options", "said"),
    [
        ("azureml-cli", {}, {"gpus": 2}, "the service chooses its machines"),
        ("azureml-cli", {}, {"sharing": "zero3"}, "leave out --gpus, --sharing and --offload"),
        ("foundry", FOUNDRY, {"gpus": 2, "sharing": "fsdp"}, "the service chooses its machines"),
        ("foundry", FOUNDRY, {"method": "qlora"}, "leave out --method qlora"),
        ("azureml-cli", {}, {"method": "full"}, "serverless fine-tuning trains LoRA"),
        ("azureml-pipeline", {}, {"model_path": "weights"}, "leave out --model-path"),
        ("trl", {}, {"own_nodes": True}, "--own-nodes and --image are for kaito"),
        ("olive", {}, {"image": "name.azurecr.io/adapter:1"}, "--own-nodes and --image are for kaito"),
    ],
)
def test_an_option_that_would_be_dropped_is_refused(
    target: str, keys: dict[str, str], options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match=said):
        exported(target, tmp_path, keys, **options)


@pytest.mark.parametrize("target", ["azureml-cli", "azureml-pipeline"])
@pytest.mark.parametrize("key", ["name", "output_name"])
def test_a_name_that_azure_would_not_take_is_refused(target: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=f"choose one with --set {key}=NAME"):
        exported(target, tmp_path, {key: "für alle #1"})


def test_a_full_job_that_becomes_lora_is_warned_of(tmp_path: Path) -> None:
    warnings = exported("azureml-cli", tmp_path, {"hyperparameters.apply_lora": "false"})
    assert any("so will the exported job" in warning for warning in warnings)


def test_a_machine_of_ones_own_trains_all_parameters(tmp_path: Path) -> None:
    machine = {"instance_types": "Standard_NC96ads_A100_v4"}
    assert not any("LoRA" in warning for warning in exported("azureml-cli", tmp_path, machine, method="full"))
