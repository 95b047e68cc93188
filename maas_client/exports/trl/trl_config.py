"""trl.yaml: a job in the keys of TRL's own command `trl sft` and of transformers' TrainingArguments."""

from __future__ import annotations

from ...gpu_estimates.training_way import Sharing
from ..export_job import ExportJob
from ..key_writer import KeyWriter
from ..sharing import translate_deepspeed
from ..trainable import BFLOAT16, is_quantized
from ..trainer_keys import TRAINER_KEYS, fused_optimizer, write_trainer_keys


def written_config(job: ExportJob, *, sharing: Sharing | None, launch: str, template: str) -> KeyWriter:
    """Return the keys of trl.yaml (trl 1.16.0 `SFTConfig`, `ModelConfig`), and what became of the job's.

    `launch` is the name of accelerate's file, `template` that of the chat template.
    """
    writer = KeyWriter(job)
    _model(writer, job, sharing)
    _data(writer, job, template)
    _training(writer, job)
    if sharing == "ddp":
        writer.put("ddp_find_unused_parameters", False)  # every adapter is used in each step
    translate_deepspeed(writer, sharing, file=launch)
    writer.leave_out("resume", "pass --resume_from_checkpoint out/checkpoint-N")
    return writer


def _model(writer: KeyWriter, job: ExportJob, sharing: Sharing | None) -> None:
    chosen = job.chosen
    half = chosen.precision == 16
    writer.put("model_name_or_path", job.model_id)
    writer.key("model", "model_name_or_path", job.model_id, remark="its id on Hugging Face")
    writer.put("attn_implementation", "sdpa")
    writer.setting("precision", "bf16", half, remark=BFLOAT16 if half else "float32 in all")
    writer.put("dtype", "bfloat16" if half else "float32")
    kept = "" if chosen.is_adapter else "full fine-tuning"
    writer.setting("method", "use_peft", chosen.is_adapter, remark=kept, write=chosen.is_adapter)
    writer.key("adapter", "use_peft", chosen.is_adapter, remark=f"{chosen.method}, below")
    names = ("rank", "alpha", "dropout")
    if not chosen.is_adapter:
        for name in names:
            writer.leave_out(name, "full fine-tuning has no adapters")
        return
    for name in names:
        writer.setting(name, "lora_r" if name == "rank" else f"lora_{name}")
    writer.put("lora_target_modules", list(job.hub.targets))
    if chosen.method in {"dora", "qdora"}:
        writer.put("use_dora", True)
    if is_quantized(chosen.method):
        writer.document |= {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "use_bnb_nested_quant": True}
        if sharing in {"zero3", "fsdp"}:  # peft's guides to DeepSpeed and FSDP: packed in numbers that can be shared
            writer.put("bnb_4bit_quant_storage", "bfloat16")


def _data(writer: KeyWriter, job: ExportJob, template: str) -> None:
    writer.put("dataset_name", "data")
    writer.put("dataset_train_split", "train")
    writer.key("training_data", "dataset_name", "data", remark="rows as TRL reads them, in data/train.jsonl")
    if job.validation_file is not None:
        writer.put("dataset_test_split", "validation")
        writer.key("validation_data", "dataset_test_split", "validation", remark="data/validation.jsonl")
    writer.setting("evaluation", "eval_strategy", remark="" if job.validation_file else "there is no validation data")
    writer.setting("sequence_length", "max_length")
    writer.put("packing", False)
    if job.task == "chat":
        writer.put("assistant_only_loss", True)
        writer.put("chat_template_path", template)
        writer.key("task", "assistant_only_loss", True, remark="only the assistant's words are trained on")
    else:
        writer.put("completion_only_loss", True)
        writer.key("task", "completion_only_loss", True, remark="only the completions are trained on")


def _training(writer: KeyWriter, job: ExportJob) -> None:
    writer.put("output_dir", "out")
    for key in ("name", "output_name"):
        writer.key(key, "output_dir", "out", remark="a folder here")
    write_trainer_keys(writer, job, TRAINER_KEYS, fused_optimizer(job))
    writer.setting("seed", "seed")
    if job.settings.logging is not None:
        writer.setting("logging", "logging_strategy", job.settings.logging)
    writer.setting("logging_steps", "logging_steps")
    writer.put("save_strategy", "epoch")
    writer.put("save_total_limit", 1)
    writer.put("report_to", "none")
