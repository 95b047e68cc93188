"""Job files for tests of exports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from maas_client import JobFile
from maas_client.exports.export_job import ExportJob, ExportOptions, export_job_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "data" / "job.yaml"

MODELS: Mapping[str, str] = {"foundry": "gpt-4.1-mini"}
"""The model to export for a target that does not train Phi."""

KEYS: Mapping[str, Mapping[str, Any]] = {target: {"adapter": "lora"} for target in ("azureml-cli", "azureml-pipeline")}
"""The values that a target can have, where not all can be."""

EVERY_HYPERPARAMETER: Mapping[str, Any] = {
    "num_train_epochs": 2,
    "per_device_train_batch_size": 4,
    "learning_rate": 1e-4,
    "max_seq_length": 1024,
    "apply_lora": True,
    "lora_r": 8,
    "lora_alpha": 16,
    "lora_dropout": 0.1,
    "apply_deepspeed": True,
    "deepspeed_stage": 2,
    "max_steps": 50,
    "per_device_eval_batch_size": 2,
    "auto_find_batch_size": True,
    "gradient_accumulation_steps": 2,
    "optim": "adafactor",
    "warmup_steps": 5,
    "weight_decay": 0.01,
    "lr_scheduler_type": "linear",
    "precision": 16,
    "seed": 7,
    "resume_from_checkpoint": True,
    "evaluation_strategy": "epoch",
    "logging_strategy": "steps",
    "logging_steps": 5,
}
"""A value for every hyperparameter of own compute."""

Message = Mapping[str, Any]


def conversation(*turns: tuple[str, str], **more: Any) -> Mapping[str, Any]:
    """Return a chat row of (role, content)."""
    return {"messages": [{"role": role, "content": content} for role, content in turns], **more}


def conversations(count: int, answer: str = "It opens at ten.") -> list[Mapping[str, Any]]:
    """Return this many different chat rows."""
    return [conversation(("user", f"When does shop {n} open?"), ("assistant", answer)) for n in range(count)]


def written(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = "train.jsonl") -> Path:
    """Write rows to a file."""
    path = folder / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def job(
    folder: Path,
    *,
    model: str = "Phi-4-mini-instruct",
    rows: Sequence[Mapping[str, Any]] | None = None,
    target: str = "trl",
    options: ExportOptions | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    **keys: Any,
) -> ExportJob:
    """Return an exported job on rows of its own, twelve conversations by default."""
    data = written(folder, conversations(12) if rows is None else rows)
    file = JobFile(model=model, training_data=str(data), hyperparameters=hyperparameters or {}, **keys)
    return export_job_of(file, target=target, options=options)
