"""The run configuration of Olive: training, merging, and an ONNX model in 4 bits for ONNX Runtime GenAI.

Keys are those of olive-ai 0.13.0: `olive/workflows/run/config.py`, `olive/passes/pytorch/lora.py`,
`olive/passes/onnx/model_builder.py` and `olive/data/component/text_generation.py`. In `training_args` Olive drops keys
that transformers does not have with no more than a line in its log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..data_files import TRAINING, VALIDATION
from ..export_job import ExportJob
from ..key_writer import KeyWriter
from ..trainer_keys import in_section, write_trainer_keys

PASSES: Mapping[str, str] = {"lora": "LoRA", "dora": "DoRA", "qlora": "QLoRA"}
"""The pass of Olive that trains by a method; there is none for full fine-tuning."""

DTYPES: Mapping[int, str] = {16: "bfloat16", 32: "float32"}

_ONE_PROCESS = "Olive trains in one process, which divides the layers among the GPUs"
_TUNE, _ARGUMENTS = "passes.tune", "passes.tune.training_args"
_ROWS = "data_configs.pre_process_data_config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where the configuration has its data and what it makes, relative to the folder that `olive run` starts in."""

    training: str = TRAINING
    validation: str = VALIDATION
    checkpoints: str = "checkpoints"
    cache: str = "cache"
    result: str = "onnx"


def written_config(job: ExportJob, paths: Paths) -> KeyWriter:
    """Return the settings of `olive run` by dotted key, and what became of the job's; `config_of` nests them."""
    writer = KeyWriter(job)
    writer.put("workflow_id", job.name)
    writer.key("name", "workflow_id", job.name, remark="names the folder in the cache")
    writer.put("input_model.type", "HfModel")
    writer.put("input_model.model_path", job.model_id)
    writer.put("input_model.load_kwargs.attn_implementation", "sdpa")
    writer.key("model", "input_model.model_path", job.model_id, remark="where its weights are")
    writer.key("output_name", "output_dir", paths.result, remark="a folder, and no registered model")
    _data(writer, paths)
    _tune(writer, job)
    _train(writer, job, paths)
    return writer


def config_of(writer: KeyWriter, job: ExportJob, paths: Paths) -> Mapping[str, Any]:
    """Return the run configuration as the document that `olive run` reads."""
    nested: dict[str, Any] = {}
    for key, value in writer.document.items():
        *tables, name = key.split(".")
        table = nested
        for each in tables:
            table = table.setdefault(each, {})
        table[name] = value
    sources = {"train": paths.training}
    if job.validation_file is not None:
        sources["validation"] = paths.validation
    passes, length = nested.pop("passes"), nested.pop("data_configs")["pre_process_data_config"]["max_seq_len"]
    accelerator = {"device": "cpu", "execution_providers": ["CPUExecutionProvider"]}
    return {
        **nested,
        "systems": {"here": {"type": "LocalSystem", "accelerators": [accelerator]}},
        "data_configs": [_dataset(name, path, length) for name, path in sources.items()],
        "passes": {
            **passes,
            "merge": {"type": "MergeAdapterWeights"},
            "onnx": {"type": "ModelBuilder", "precision": "int4", "int4_accuracy_level": 4},
        },
        "host": "here",
        "target": "here",
        "evaluate_input_model": False,
        "log_severity_level": 1,
        "cache_dir": paths.cache,
        "output_dir": paths.result,
    }


def accumulation_of(job: ExportJob) -> int:
    """Return the steps to accumulate in Olive's one process, for as many rows in effect as on the asked GPUs."""
    return job.chosen.accumulation * job.options.gpus


def _dataset(name: str, path: str, length: int) -> Mapping[str, Any]:
    """Return a dataset of conversations, one to a sequence: by default Olive glues them together and fills them up."""
    return {
        "name": name,
        "type": "HuggingfaceContainer",
        "load_dataset_config": {"data_name": "json", "data_files": [path], "split": "train"},
        "pre_process_data_config": {
            "chat_template": True,
            "message_col": "messages",
            "strategy": "line-by-line",
            "max_seq_len": length,
            "pad_to_max_len": False,
            "add_special_tokens": False,
        },
    }


def _data(writer: KeyWriter, paths: Paths) -> None:
    writer.key("training_data", "data_configs.train", paths.training, remark="the rows that the service trains on")
    writer.key("validation_data", "data_configs.validation", paths.validation, remark="the rows that it evaluates with")
    writer.key("task", f"{_ROWS}.chat_template", True, remark="the model's own")
    writer.setting("sequence_length", f"{_ROWS}.max_seq_len")


def _tune(writer: KeyWriter, job: ExportJob) -> None:
    """Write the pass that trains adapters."""
    chosen, dtype = job.chosen, DTYPES[job.chosen.precision]
    writer.setting("method", f"{_TUNE}.type", PASSES[chosen.method], remark="a pass of Olive")
    writer.key("adapter", f"{_TUNE}.type", PASSES[chosen.method], remark="a pass of Olive")
    writer.setting("rank", f"{_TUNE}.r")
    writer.setting("alpha", f"{_TUNE}.alpha")
    writer.setting("dropout", f"{_TUNE}.lora_dropout")
    writer.put(f"{_TUNE}.target_modules", list(job.hub.targets))
    remark = "the models were trained in bfloat16, and float16 overflows" if chosen.precision == 16 else ""
    writer.setting("precision", f"{_TUNE}.torch_dtype", dtype, remark=remark)
    if chosen.method == "qlora":
        for name, value in (("double_quant", True), ("quant_type", "nf4"), ("compute_dtype", dtype)):
            writer.put(f"{_TUNE}.{name}", value)
    writer.put(f"{_TUNE}.train_data_config", "train")
    if job.validation_file is not None:
        writer.put(f"{_TUNE}.eval_data_config", "validation")


def _train(writer: KeyWriter, job: ExportJob, paths: Paths) -> None:
    """Write the arguments of transformers' Trainer.

    Without `overwrite_output_dir`, Olive's own key, a second run continues from the first one's last checkpoint.
    """
    several = f"as many rows in effect as on {job.options.gpus} GPUs" if job.options.gpus > 1 else ""
    write_trainer_keys(writer, job, in_section(_ARGUMENTS), {"accumulation": (accumulation_of(job), several)})
    writer.put(f"{_ARGUMENTS}.gradient_checkpointing", True)
    if job.settings.logging is not None:
        writer.setting("logging", f"{_ARGUMENTS}.logging_strategy", job.settings.logging)
    writer.setting("logging_steps", f"{_ARGUMENTS}.logging_steps")
    writer.setting(
        "evaluation", f"{_ARGUMENTS}.eval_strategy", remark="" if job.validation_file else "there is no validation data"
    )
    writer.put(f"{_ARGUMENTS}.save_strategy", "epoch")
    writer.setting("seed", f"{_ARGUMENTS}.seed")
    writer.put(f"{_ARGUMENTS}.output_dir", paths.checkpoints)
    again, remark = not job.settings.resume, "Olive continues from the last checkpoint where it is false"
    writer.put(f"{_ARGUMENTS}.overwrite_output_dir", again)
    if job.settings.resume is not None:
        writer.setting("resume", f"{_ARGUMENTS}.overwrite_output_dir", again, remark=remark)
    for name in ("deepspeed", "deepspeed_stage"):
        writer.leave_out(name, _ONE_PROCESS)
