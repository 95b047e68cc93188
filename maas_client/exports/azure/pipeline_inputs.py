"""The inputs of the registry's training pipelines: what a job's settings become, and what their defaults would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...gpu_estimates.training_way import Sharing
from ...jobs.hyperparameters import Hyperparameters
from ..errors import NotExportable
from ..export_job import ExportJob
from ..translation import Translation, changed, default, given_keys, left_out, same

DATA_INPUTS: Mapping[str, str] = {
    "mlflow_model_path": "mlflow_model",
    "pytorch_model_path": "custom_model",
    "finetune_config_path": "uri_file",
    "train_file_path": "uri_file",
    "validation_file_path": "uri_file",
    "test_file_path": "uri_file",
    "train_mltable_path": "mltable",
    "validation_mltable_path": "mltable",
    "test_mltable_path": "mltable",
    "deepspeed": "uri_file",
    "evaluation_config": "uri_file",
}
"""The inputs that are files, folders or models, and their types (`chat_completion_pipeline` 0.0.82)."""

NODE = "jobs.finetune.inputs"

_STAGES: Mapping[Sharing, int] = {"zero2": 2, "zero3": 3}

_ADAPTER = ("lora_r", "lora_alpha", "lora_dropout")


def component_inputs(job: ExportJob) -> Mapping[str, Any]:
    """Return the hyperparameters that the component is given.

    A pipeline's own job file says what its inputs are. For another job everything is written: the component's defaults
    are a full fine-tuning in float32, and the hosted service's are others (`chat_completion_pipeline` 0.0.82).

    Raises:
        NotExportable: the component does not have the method, or the way of sharing.
    """
    stage = _stage(job)
    sharing = {"apply_deepspeed": True, "deepspeed_stage": stage} if stage else {}
    if job.file.is_pipeline and job.options.method is None:
        return {**_as_parsed(job), **sharing}
    chosen, said = job.chosen, job.settings
    if chosen.method not in {"lora", "full"}:
        raise NotExportable(
            job.target,
            f"the component trains LoRA or all parameters, not {chosen.method}: choose --method lora or full",
        )
    adapter = {"lora_r": chosen.rank, "lora_alpha": chosen.alpha, "lora_dropout": chosen.dropout}
    found: dict[str, Any] = {
        "apply_lora": chosen.is_adapter,
        **(adapter if chosen.is_adapter else {}),
        "num_train_epochs": chosen.epochs,
        "max_steps": chosen.max_steps,
        "per_device_train_batch_size": chosen.batch_size,
        "gradient_accumulation_steps": chosen.accumulation,
        "per_device_eval_batch_size": chosen.eval_batch_size,
        "learning_rate": chosen.learning_rate,
        "max_seq_length": chosen.sequence_length,
        "optim": chosen.optimizer,
        "warmup_steps": chosen.warmup_steps,
        "weight_decay": chosen.weight_decay,
        "lr_scheduler_type": chosen.schedule,
        "precision": chosen.precision,
        "seed": chosen.seed,
        "evaluation_strategy": "disable" if said.evaluation == "no" else said.evaluation,
        "logging_strategy": said.logging,
        "logging_steps": said.logging_steps,
        "auto_find_batch_size": said.auto_find_batch_size,
        "resume_from_checkpoint": said.resume,
        **sharing,
    }
    return {name: value for name, value in found.items() if value is not None}


def input_translations(job: ExportJob) -> Iterator[Translation]:
    """Yield what became of each hyperparameter and input, and what was chosen besides."""
    written = {**component_inputs(job)}
    given = given_keys(job.file)
    said: set[str] = set()
    for key, value in given.items():
        group, _, name = key.partition(".")
        if group not in {"hyperparameters", "inputs"} or not name:
            continue
        sent = _PIPELINES_NAMES.get(name, name)
        said.add(sent)
        if sent not in written:
            if group == "inputs":
                yield same(key, value, f"{NODE}.{name}")
            else:
                yield left_out(key, value, _why(sent))
        elif sent == name and str(written[sent]).lower() == str(value).lower():
            yield same(key, value, f"{NODE}.{sent}", written[sent])
        else:
            why = "the pipeline's name" if sent != name else "chosen for this export"
            yield changed(key, value, f"{NODE}.{sent}", written[sent], why)
    for name, value in written.items():
        if name not in said:
            yield default(f"{NODE}.{name}", value)


_PIPELINES_NAMES: Mapping[str, str] = {
    "n_epochs": "num_train_epochs",
    "batch_size": "per_device_train_batch_size",
    "learning_rate_multiplier": "learning_rate",
}


def _why(name: str) -> str:
    return "nothing is adapted: all parameters are trained" if name in _ADAPTER else "it means the component's default"


def _stage(job: ExportJob) -> int | None:
    """Return the stage of DeepSpeed: that of an option, or the job's own."""
    sharing = job.options.sharing
    if job.options.offload or sharing in {"fsdp", "zero1"}:
        raise NotExportable(
            job.target, "the component shares by DeepSpeed's stages 2 and 3, on the GPUs: --sharing zero2 or zero3"
        )
    return job.settings.deepspeed_stage if sharing is None else _STAGES.get(sharing)


def _as_parsed(job: ExportJob) -> Mapping[str, Any]:
    """Return the hyperparameters of a pipeline's job file with their types."""
    return Hyperparameters.parse(job.file.hyperparameters).model_dump(exclude_none=True)
