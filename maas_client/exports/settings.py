"""What a job says about its training: hyperparameters by what they mean, whatever vocabulary they were written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.plain_values import PlainValue
from ..gpu_estimates.training_way import Method
from ..job_files.job_file import JobFile
from ..jobs.hyperparameters import OWN_COMPUTE_LEARNING_RATE, SERVERLESS_LEARNING_RATE
from .errors import NotExportable


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings(PlainValue):
    """The settings of a job; None for what it does not say.

    `batch_size` is the number of rows of a step on one device, or -1 for 0.2 % of the rows. `precision` is in bits.
    `evaluation` is `epoch`, `steps` or `no`. `learning_rate_multiplier` has become `learning_rate` as well.
    """

    method: Method = "lora"
    rank: int | None = None
    alpha: int | None = None
    dropout: float | None = None
    epochs: int | None = None
    max_steps: int | None = None
    batch_size: int | None = None
    accumulation: int | None = None
    eval_batch_size: int | None = None
    learning_rate: float | None = None
    learning_rate_multiplier: float | None = None
    sequence_length: int | None = None
    optimizer: str | None = None
    warmup_steps: int | None = None
    weight_decay: float | None = None
    schedule: str | None = None
    precision: int | None = None
    seed: int | None = None
    evaluation: str | None = None
    logging: str | None = None
    logging_steps: int | None = None
    deepspeed_stage: int | None = None
    auto_find_batch_size: bool | None = None
    resume: bool | None = None


_METHODS: Mapping[str, Method] = {"lora": "lora", "qlora": "qlora", "dora": "dora", "qdora": "qdora", "none": "full"}
"""The method that the key `adapter` of a job file says."""

DEEPSPEED_STAGE = 3
"""The stage of `apply_deepspeed` where the job does not say one (`chat_completion_pipeline` 0.0.82)."""


def settings_of(file: JobFile, *, target: str, method: Method | None = None) -> TrainingSettings:
    """Return what a job file says about training; `method` overrides its own.

    Raises NotExportable for a hyperparameter with several values, and InvalidHyperparameter for a wrong one.
    """
    if several := file.several:
        raise NotExportable(
            target,
            f"{', '.join(several)} has several values, for a sweep; "
            f"choose one with --set hyperparameters.{several[0]}=VALUE",
        )
    values = hyperparameters_of(file)
    full = values.get("apply_lora") is False
    max_steps, length = values.get("max_steps"), values.get("max_seq_length")
    factor = values.get("learning_rate_multiplier")
    own = OWN_COMPUTE_LEARNING_RATE if file.compute or file.instance_types else SERVERLESS_LEARNING_RATE
    evaluation = values.get("evaluation_strategy")
    wants_deepspeed = values.get("apply_deepspeed", "deepspeed_stage" in values)
    return TrainingSettings(
        method=method or _METHODS.get(file.adapter or "") or ("full" if full else "lora"),
        rank=values.get("lora_r"),
        alpha=values.get("lora_alpha"),
        dropout=values.get("lora_dropout"),
        epochs=values.get("num_train_epochs", values.get("n_epochs")),
        max_steps=None if max_steps in (None, -1, 0) else max_steps,
        batch_size=values.get("per_device_train_batch_size", values.get("batch_size")),
        accumulation=values.get("gradient_accumulation_steps"),
        eval_batch_size=values.get("per_device_eval_batch_size"),
        learning_rate=float(f"{factor * own:.9g}") if factor is not None else values.get("learning_rate"),
        learning_rate_multiplier=factor,
        sequence_length=None if length in (None, -1) else length,
        optimizer=values.get("optim"),
        warmup_steps=values.get("warmup_steps"),
        weight_decay=values.get("weight_decay"),
        schedule=values.get("lr_scheduler_type"),
        precision=values.get("precision"),
        seed=values.get("seed", file.seed),
        evaluation="no" if evaluation == "disable" else evaluation,
        logging=values.get("logging_strategy"),
        logging_steps=values.get("logging_steps"),
        deepspeed_stage=values.get("deepspeed_stage", DEEPSPEED_STAGE) if wants_deepspeed else None,
        auto_find_batch_size=values.get("auto_find_batch_size"),
        resume=values.get("resume_from_checkpoint"),
    )


def hyperparameters_of(file: JobFile) -> Mapping[str, Any]:
    """Return a job file's hyperparameters with their types; a pipeline's inputs may be hyperparameters, too."""
    from ..jobs.hyperparameters import Hyperparameters

    inputs = {name: value for name, value in file.inputs.items() if name in Hyperparameters.model_fields}
    return Hyperparameters.parse({**inputs, **file.hyperparameters}).model_dump(exclude_none=True)


def foundry_settings_of(file: JobFile) -> TrainingSettings:
    """Return what a job of Azure AI Foundry says about training, as far as a number means the same elsewhere."""
    values = file.hyperparameters
    return TrainingSettings(
        epochs=values.get("n_epochs"),
        batch_size=values.get("batch_size"),
        learning_rate_multiplier=values.get("learning_rate_multiplier"),
        seed=file.seed,
    )
