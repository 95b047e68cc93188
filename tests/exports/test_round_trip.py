"""A job that is exported for TRL or axolotl is the same job when its configuration is read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maas_client import JobFile, export_job
from maas_client.exports.chosen_settings import ChosenSettings
from maas_client.exports.export_job import export_job_of
from maas_client.gpu_estimates.training_way import Method
from tests.exports.jobs import EXAMPLE, conversations, written

TARGETS = ("trl", "axolotl")
SAID: dict[str, Any] = {
    "num_train_epochs": 2,
    "per_device_train_batch_size": 4,
    "gradient_accumulation_steps": 2,
    "per_device_eval_batch_size": 3,
    "learning_rate": 1e-4,
    "max_seq_length": 1024,
    "lora_r": 8,
    "lora_alpha": 24,
    "lora_dropout": 0.1,
    "max_steps": 50,
    "optim": "adafactor",
    "warmup_steps": 5,
    "weight_decay": 0.01,
    "lr_scheduler_type": "linear",
    "precision": 16,
    "seed": 7,
    "evaluation_strategy": "epoch",
    "logging_steps": 5,
}
OF_ADAPTERS = {"rank", "alpha", "dropout"}


def settings_of(file: JobFile, target: str) -> dict[str, Any]:
    """Return all settings that a job is exported with."""
    chosen = export_job_of(file, target=target).chosen
    return {name: getattr(chosen, name) for name in ChosenSettings.__slots__ if name != "defaults"}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["lora", "qlora", "dora", "qdora", "full"])
@pytest.mark.parametrize("hyperparameters", [SAID, {}], ids=["all said", "none said"])
def test_an_export_is_read_back_as_the_same_job(
    tmp_path: Path, target: str, method: Method, hyperparameters: dict[str, Any]
) -> None:
    rows = [str(written(tmp_path, conversations(12), f"{name}.jsonl")) for name in ("train", "validation")]
    file = JobFile(
        model="Phi-3-mini-4k-instruct",
        training_data=rows[0],
        validation_data=rows[1],
        hyperparameters=hyperparameters,
        adapter="none" if method == "full" else method,
    )
    folder = tmp_path / "out"
    export_job(file, target, to=folder)
    back = JobFile.read(folder / f"{target}.yaml")
    assert back.model == file.model
    assert back.training_data is not None
    assert back.validation_data is not None
    for ours, theirs in ((rows[0], back.training_data), (rows[1], back.validation_data)):
        assert Path(theirs).read_bytes() == Path(ours).read_bytes()
    dropped = OF_ADAPTERS if method == "full" else set[str]()
    before, after = (
        {name: value for name, value in settings_of(each, target).items() if name not in dropped}
        for each in (file, back)
    )
    assert after == before
    assert after["method"] == method


@pytest.mark.parametrize("target", TARGETS)
def test_what_an_export_adds_is_listed_when_read_back(tmp_path: Path, target: str) -> None:
    export_job(EXAMPLE, target, to=tmp_path)
    back = JobFile.read(tmp_path / f"{target}.yaml")
    left = {each.partition(" (")[0] for each in back.ignored}
    assert {"output_dir", "lora_target_modules"} <= left
    assert not left & {"load_in_4bit", "learning_rate", "packing", "sample_packing", "assistant_only_loss"}


def test_one_tool_s_configuration_is_exported_for_another(tmp_path: Path) -> None:
    rows = written(tmp_path, conversations(12))
    lines = ["base_model: microsoft/Phi-3-mini-4k-instruct", "adapter: qlora", "load_in_4bit: true", "lora_r: 24"]
    lines += [f"datasets: [{{path: {rows.name}, type: chat_template}}]", "num_epochs: 2", "sequence_len: 512"]
    (tmp_path / "mine.yaml").write_text("\n".join(lines), "utf-8")
    export_job(tmp_path / "mine.yaml", "trl", to=tmp_path / "trl")
    export_job(tmp_path / "trl" / "trl.yaml", "kaito", to=tmp_path / "kaito")
    found = (tmp_path / "kaito" / "kaito.yaml").read_text("utf-8")
    for words in ("method: qlora", "phi-3-mini-4k-instruct", "r: 24", "num_train_epochs: 2", "max_length: 512"):
        assert words in found
