"""The keys of transformers' Trainer that several targets write, under the names that a target has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .export_job import ExportJob
from .key_writer import KeyWriter

TRAINER_KEYS: Mapping[str, str] = {
    "epochs": "num_train_epochs",
    "max_steps": "max_steps",
    "batch_size": "per_device_train_batch_size",
    "accumulation": "gradient_accumulation_steps",
    "eval_batch_size": "per_device_eval_batch_size",
    "auto_find_batch_size": "auto_find_batch_size",
    "learning_rate": "learning_rate",
    "schedule": "lr_scheduler_type",
    "warmup_steps": "warmup_steps",
    "weight_decay": "weight_decay",
    "optimizer": "optim",
}
"""Settings in the order in which they are written, and what `TrainingArguments` calls them."""

Values = Mapping[str, tuple[Any, str]]
"""What a target has in place of the job's value, by setting, and the remark that says why."""


def in_section(section: str, *, without: str = "") -> Mapping[str, str]:
    """Return the keys as those of a section of the target's file, `without` one setting that it does not have."""
    return {ours: f"{section}.{key}" for ours, key in TRAINER_KEYS.items() if ours != without}


def fused_optimizer(job: ExportJob) -> Values:
    """Return the job's optimizer; AdamW in its fused form."""
    chosen = job.chosen.optimizer
    fused = "adamw_torch_fused" if chosen == "adamw_torch" else chosen
    return {"optimizer": (fused, "the same in fewer calls, and with less memory")}


def write_trainer_keys(writer: KeyWriter, job: ExportJob, keys: Mapping[str, str], values: Values) -> None:
    """Write how long a job trains, the rows of a step, and what the optimizer does.

    Args:
        writer: takes the keys.
        job: the job.
        keys: the target's key for each setting, as in `TRAINER_KEYS`.
        values: those that the target has in place of the job's.
    """
    for ours, key in keys.items():
        value, remark = values.get(ours, (None, ""))
        is_written = ours != "auto_find_batch_size" or job.chosen.auto_find_batch_size
        writer.setting(ours, key, value, remark=remark, write=is_written)
    if job.chosen.beta2 is not None:
        section = keys["learning_rate"].removesuffix("learning_rate")
        writer.put(f"{section}adam_beta2", job.chosen.beta2)
        writer.put(f"{section}adam_epsilon", job.chosen.epsilon)
