"""The settings of a tuning by KAITO: the six sections of the ConfigMap that its training code reads.

A ConfigMap of one's own replaces KAITO's whole, so that what is left out takes the default of the class behind each
section, such as a fifth of the rows withheld: everything is written (kaito-project/kaito v0.12.0,
`charts/kaito/workspace/templates/{lora,qlora}-params.yaml`, `presets/workspace/tuning/text-generation/cli.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..chosen_settings import ChosenSettings
from ..export_job import ExportJob
from ..key_writer import KeyWriter
from ..trainer_keys import in_section, write_trainer_keys

FOLDER, FILE_NAME = "data", "train.jsonl"
"""Where KAITO mounts the data, below /mnt, and the file's name: a word of it, `json`, says how it is read."""

SECTIONS = ("ModelConfig", "QuantizationConfig", "LoraConfig", "TrainingArguments", "DataCollator", "DatasetConfig")

_NO_VALIDATION = "KAITO names no validation file, and all rows are trained on"
_NO_SHARING = "its GPUs share rows and not the model"


def accumulated_rows(settings: ChosenSettings) -> int:
    """Return the rows of a step on one GPU, which KAITO takes one at a time.

    The image installs the newest TRL of its build day, and from 1.10 on a batch of two rows ends KAITO's training
    code; a batch of one works with each release, and trains the same with the rows accumulated.
    """
    return settings.batch_size * settings.accumulation


def training_config(written: KeyWriter) -> Mapping[str, Any]:
    """Return the content of `training_config.yaml`: written keys by their section."""
    sections: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    for key, value in written.document.items():
        section, _, name = key.partition(".")
        sections[section][name] = value
    return {"training_config": sections}


def written_settings(job: ExportJob) -> KeyWriter:
    """Return the keys of the six sections, and what became of the job's."""
    writer = KeyWriter(job)
    _model(writer, job)
    _training(writer, job)
    _data(writer, job)
    for name in ("eval_batch_size", "evaluation"):
        writer.leave_out(name, _NO_VALIDATION)
    for name in ("deepspeed", "deepspeed_stage"):
        writer.leave_out(name, _NO_SHARING)
    writer.leave_out("logging", "it logs by steps")
    writer.leave_out("resume", "no checkpoint is kept")
    return writer


def _model(writer: KeyWriter, job: ExportJob) -> None:
    chosen = job.chosen
    dtype = "bfloat16" if chosen.precision == 16 else "float32"
    remark = "bfloat16, in which the model was trained" if chosen.precision == 16 else "float32 in all"
    writer.setting("precision", "ModelConfig.torch_dtype", dtype, remark=remark)
    writer.put("ModelConfig.local_files_only", True)
    writer.put("ModelConfig.device_map", "auto")
    quantized = chosen.method in {"qlora", "qdora"}
    writer.put("QuantizationConfig.load_in_4bit", quantized)
    if quantized:
        writer.put("QuantizationConfig.bnb_4bit_quant_type", "nf4")
        writer.put("QuantizationConfig.bnb_4bit_compute_dtype", dtype)
        writer.put("QuantizationConfig.bnb_4bit_use_double_quant", True)
    method = "qlora" if quantized else "lora"
    writer.setting("method", "tuning.method", method, remark="KAITO's name of the method", write=False)
    with_dora = ", and LoraConfig.use_dora" if chosen.method in {"dora", "qdora"} else ""
    writer.key("adapter", "tuning.method", method, remark=f"KAITO's name of the method{with_dora}")
    writer.setting("rank", "LoraConfig.r")
    writer.setting("alpha", "LoraConfig.lora_alpha")
    writer.setting("dropout", "LoraConfig.lora_dropout")
    # KAITO's own choice for Phi-3 are names that the model does not have, and for Phi-4 there is none.
    writer.put("LoraConfig.target_modules", list(job.hub.targets))
    if chosen.method in {"dora", "qdora"}:
        writer.put("LoraConfig.use_dora", True)


def _training(writer: KeyWriter, job: ExportJob) -> None:
    chosen, section = job.chosen, "TrainingArguments"
    one = "one row at a time works with every release of TRL that an image of KAITO may have"
    writer.put(f"{section}.output_dir", "/mnt/results")
    rows = (accumulated_rows(chosen), "all rows of a step")
    keys = in_section(section, without="eval_batch_size")
    write_trainer_keys(writer, job, keys, {"batch_size": (1, one), "accumulation": rows})
    writer.setting("sequence_length", f"{section}.max_length")
    writer.put(f"{section}.bf16", chosen.precision == 16)
    writer.put(f"{section}.gradient_checkpointing", True)
    writer.put(f"{section}.ddp_find_unused_parameters", False)
    writer.put(f"{section}.save_strategy", "no")  # KAITO's own: the adapter is saved at the end
    writer.put(f"{section}.eval_strategy", "no")
    writer.setting("logging_steps", f"{section}.logging_steps")
    writer.setting("seed", f"{section}.seed")


def _data(writer: KeyWriter, job: ExportJob) -> None:
    path = f"{FOLDER}/{FILE_NAME}"
    writer.put("DataCollator.mlm", False)
    writer.put("DatasetConfig.dataset_path", path)
    writer.put("DatasetConfig.dataset_extension", "json")
    writer.put("DatasetConfig.shuffle_dataset", True)
    writer.put("DatasetConfig.shuffle_seed", job.chosen.seed)
    writer.put("DatasetConfig.train_test_split", 1)
    writer.key("training_data", "DatasetConfig.dataset_path", path, remark="rows as KAITO reads them")
    columns = "messages" if job.task == "chat" else "prompt, completion"
    writer.key("task", "the columns of the rows", columns, remark="all of their tokens are trained on")
