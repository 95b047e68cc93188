"""The job as commands of Olive: `olive finetune`, then an ONNX model, and a question to it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from ..export_job import ExportJob
from .run_config import DTYPES, Paths, accumulation_of

ADAPTER, MODEL = "adapter-by-command", "onnx-by-command"


def command_line(job: ExportJob, paths: Paths) -> str | None:
    """Return the job as a script of Olive's commands; None for DoRA, which `olive finetune` does not have."""
    if job.chosen.method not in {"lora", "qlora"}:
        return None
    commands = "\n\n".join(" \\\n  ".join(parts) for parts in _commands(job, paths))
    return (
        "#!/bin/sh\n"
        "# The job as commands of Olive. They do less than olive.json: rows are glued together into sequences of one\n"
        "# length, and there is no evaluation.\n"
        f"set -eu\nexport OLIVE_DISABLE_TELEMETRY=1\n\n{commands}\n"
    )


def _commands(job: ExportJob, paths: Paths) -> Iterator[Sequence[str]]:
    local = job.options.model_path or "model"
    if job.options.model_path is None:
        yield [f"hf download {shlex.quote(job.model_id)} --local-dir {local}"]
    yield ["olive finetune", *_finetune(job, local, paths)]
    yield [
        "olive capture-onnx-graph",
        f"--model_name_or_path {shlex.quote(local)}",
        f"--adapter_path {ADAPTER}/adapter",
        "--use_model_builder --use_ort_genai",
        "--precision int4",
        f"--output_path {MODEL}",
    ]
    yield [f"python answer.py --model {MODEL} 'Who are you?'"]


def _finetune(job: ExportJob, model: str, paths: Paths) -> Iterator[str]:
    chosen = job.chosen
    yield f"--model_name_or_path {shlex.quote(model)}"
    yield f"--method {chosen.method}"
    yield f"--lora_r {chosen.rank}"
    yield f"--lora_alpha {chosen.alpha}"
    if chosen.method == "lora":
        yield f"--target_modules {','.join(job.hub.targets)}"
    yield f"--torch_dtype {DTYPES[chosen.precision]}"
    yield "--data_name json"
    yield f"--data_files {paths.training}"
    yield "--use_chat_template"
    yield f"--max_seq_len {chosen.sequence_length}"
    yield f"--max_samples {job.facts.rows}"
    yield f"--output_path {ADAPTER}"
    yield f"--num_train_epochs {chosen.epochs}"
    if chosen.max_steps is not None:
        yield f"--max_steps {chosen.max_steps}"
    yield f"--per_device_train_batch_size {chosen.batch_size}"
    yield f"--gradient_accumulation_steps {accumulation_of(job)}"
    yield f"--learning_rate {chosen.learning_rate}"
    yield f"--lr_scheduler_type {chosen.schedule}"
    yield f"--warmup_steps {chosen.warmup_steps}"
    yield f"--weight_decay {chosen.weight_decay}"
    yield f"--optim {chosen.optimizer}"
    yield f"--logging_steps {chosen.logging_steps}"
    yield f"--seed {chosen.seed}"
