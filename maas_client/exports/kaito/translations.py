"""What becomes of each key of a job for KAITO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...catalog.gpu_sizes import GpuSize
from ..export_job import ExportJob
from ..translation import Translation, changed, default, given_keys, left_out, same, with_the_rest
from .config import FOLDER, accumulated_rows

_ARGUMENTS, _ADAPTER = "TrainingArguments", "LoraConfig"

_FIELDS: Mapping[str, tuple[str, str]] = {
    "num_train_epochs": ("epochs", f"{_ARGUMENTS}.num_train_epochs"),
    "n_epochs": ("epochs", f"{_ARGUMENTS}.num_train_epochs"),
    "max_steps": ("max_steps", f"{_ARGUMENTS}.max_steps"),
    "learning_rate": ("learning_rate", f"{_ARGUMENTS}.learning_rate"),
    "max_seq_length": ("sequence_length", f"{_ARGUMENTS}.max_length"),
    "lora_r": ("rank", f"{_ADAPTER}.r"),
    "lora_alpha": ("alpha", f"{_ADAPTER}.lora_alpha"),
    "lora_dropout": ("dropout", f"{_ADAPTER}.lora_dropout"),
    "optim": ("optimizer", f"{_ARGUMENTS}.optim"),
    "warmup_steps": ("warmup_steps", f"{_ARGUMENTS}.warmup_steps"),
    "weight_decay": ("weight_decay", f"{_ARGUMENTS}.weight_decay"),
    "lr_scheduler_type": ("schedule", f"{_ARGUMENTS}.lr_scheduler_type"),
    "seed": ("seed", f"{_ARGUMENTS}.seed"),
    "logging_steps": ("logging_steps", f"{_ARGUMENTS}.logging_steps"),
    "auto_find_batch_size": ("auto_find_batch_size", f"{_ARGUMENTS}.auto_find_batch_size"),
}
"""By hyperparameter: the setting, and where KAITO has it."""

_BATCH = ("per_device_train_batch_size", "batch_size", "gradient_accumulation_steps")
_ONE_ROW = "KAITO's training code takes one row at a time with every release of TRL; the rows of a step are accumulated"

_LEFT_OUT: Mapping[str, str] = {
    "apply_deepspeed": "its GPUs share rows and not the model",
    "deepspeed_stage": "its GPUs share rows and not the model",
    "per_device_eval_batch_size": "nothing is evaluated: KAITO names no validation file",
    "evaluation_strategy": "nothing is evaluated: KAITO names no validation file",
    "logging_strategy": "it logs by steps",
    "resume_from_checkpoint": "no checkpoint is kept",
}


def translations(job: ExportJob, *, size: GpuSize | None) -> Sequence[Translation]:
    """Return what became of each key of the job, and what was chosen besides."""
    return with_the_rest(job.file, [*_of_hyperparameters(job), *_of_keys(job, size), *_defaults(job)])


def _of_hyperparameters(job: ExportJob) -> Iterator[Translation]:
    chosen = job.chosen
    for key, value in given_keys(job.file).items():
        group, _, name = key.partition(".")
        if group not in {"hyperparameters", "inputs"} or not name:
            continue
        if name in _FIELDS:
            field, target = _FIELDS[name]
            yield _kept(key, value, target, getattr(chosen, field))
        elif name in _BATCH:
            yield changed(key, value, f"{_ARGUMENTS}.gradient_accumulation_steps", accumulated_rows(chosen), _ONE_ROW)
        elif name == "learning_rate_multiplier":
            yield changed(
                key,
                value,
                f"{_ARGUMENTS}.learning_rate",
                chosen.learning_rate,
                "times the learning rate of the hosted pipeline",
            )
        elif name == "apply_lora":
            yield same(key, value, "tuning.method", _method(job))
        elif name == "precision":
            yield _precision(key, value)
        elif name in _LEFT_OUT:
            yield left_out(key, value, _LEFT_OUT[name])


def _kept(key: str, value: Any, target: str, written: Any) -> Translation:
    if written is None:
        return left_out(key, value, "it means the default of the service")
    if str(written) == str(value):
        return same(key, value, target, written)
    return changed(key, value, target, written, "it means the choice of the service, which is made here")


def _precision(key: str, value: Any) -> Translation:
    if str(value) == "16":
        return changed(key, value, f"{_ARGUMENTS}.bf16", True, "bfloat16, in which the model was trained, not float16")
    return same(key, value, "ModelConfig.torch_dtype", "float32")


def _of_keys(job: ExportJob, size: GpuSize | None) -> Iterator[Translation]:
    file = job.file
    yield same("model", file.model, "tuning.preset.name", job.hub.preset)
    yield same("training_data", file.training_data, "DatasetConfig.dataset_path", f"{FOLDER}/train.jsonl")
    if file.validation_data:
        yield left_out(
            "validation_data", file.validation_data, "KAITO names no validation file, and all rows are trained on"
        )
    if file.name:
        yield same("name", file.name, "metadata.name", job.name)
    if file.task:
        yield same("task", file.task, "the columns of the rows", "messages" if file.task == "chat" else "prompt")
    if file.seed is not None:
        yield same("seed", file.seed, f"{_ARGUMENTS}.seed", job.chosen.seed)
    if file.output_name:
        yield left_out("output_name", file.output_name, "the adapter is a folder or an image, with no name of its own")
    if file.instance_types and size is not None:
        yield same("instance_types", file.instance_types, "resource.instanceType", size.name)


def _defaults(job: ExportJob) -> Iterator[Translation]:
    chosen, said = job.chosen, given_keys(job.file)
    written = dict(_FIELDS.values())
    for field in sorted(chosen.defaults & written.keys() - {"auto_find_batch_size"}):
        yield default(written[field], getattr(chosen, field))
    if not any(f"hyperparameters.{name}" in said for name in _BATCH):
        yield default(f"{_ARGUMENTS}.gradient_accumulation_steps", accumulated_rows(chosen), "one row a step")
    if "hyperparameters.apply_lora" not in said:
        yield default("tuning.method", _method(job))
    yield default(f"{_ADAPTER}.target_modules", ", ".join(job.hub.targets), "all matrices of a layer")
    yield default("DatasetConfig.train_test_split", 1, "KAITO's own code withholds a fifth of the rows")


def _method(job: ExportJob) -> str:
    return "qlora" if job.chosen.method == "qlora" else "lora"
