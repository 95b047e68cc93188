"""axolotl.yaml: a job in the keys of `axolotl train` (axolotl 0.19.0 `utils/schemas/config.py`).

axolotl ignores an unknown key without a warning, so that every key here is held to the list of those it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...gpu_estimates.training_way import Sharing
from ..export_job import ExportJob
from ..key_writer import KeyWriter
from ..sharing import stage_of, translate_deepspeed
from ..trainable import BFLOAT16, is_quantized, loads_once
from ..trainer_keys import TRAINER_KEYS, fused_optimizer, write_trainer_keys

KEYS: Mapping[str, str] = {
    **TRAINER_KEYS,
    "epochs": "num_epochs",
    "batch_size": "micro_batch_size",
    "eval_batch_size": "eval_batch_size",
    "schedule": "lr_scheduler",
    "optimizer": "optimizer",
}
"""Settings, and what axolotl calls them."""

TURN_ENDS: Mapping[str, str] = {"phi-4": "<|im_end|>"}
"""What ends a turn, by the template's family; `<|end|>` for the others.

axolotl looks for the tokenizer's end of text otherwise, and the model would not learn to end an answer
(`prompt_strategies/chat_template.py`).
"""


def written_config(job: ExportJob, *, sharing: Sharing | None, deepspeed: str | None) -> KeyWriter:
    """Return the keys of axolotl.yaml, and what became of the job's; `deepspeed` is the name of its file, if any."""
    writer = KeyWriter(job)
    _model(writer, job)
    _data(writer, job)
    _training(writer, job)
    if deepspeed is not None:
        writer.put("deepspeed", deepspeed)
    if sharing == "ddp":
        writer.put("ddp_find_unused_parameters", False)  # every adapter is used in each step
    if sharing == "fsdp":
        writer.document |= {"fsdp_version": 2, "fsdp_config": _fsdp(job)}
    translate_deepspeed(writer, sharing, file=deepspeed or "axolotl.yaml")
    writer.leave_out("logging", "it logs by steps")
    return writer


def deepspeed_config(sharing: Sharing | None, *, offload: bool) -> Mapping[str, Any] | None:
    """Return the configuration of DeepSpeed (deepspeed 0.19.8 `runtime/zero/config.py`); None without ZeRO.

    `auto` is filled in by transformers' Trainer. axolotl's own file for stage 2 moves the optimizer to the processor.
    """
    stage = stage_of(sharing)
    if stage is None:
        return None
    zero: dict[str, Any] = {"stage": stage, "overlap_comm": True, "contiguous_gradients": True}
    if stage == 3:
        zero |= {
            "reduce_bucket_size": "auto",
            "stage3_prefetch_bucket_size": "auto",
            "stage3_param_persistence_threshold": "auto",
            "stage3_gather_16bit_weights_on_model_save": True,
        }
    if offload:
        device = {"device": "cpu", "pin_memory": True}
        zero |= {"offload_optimizer": device, **({"offload_param": device} if stage == 3 else {})}
    return {
        "zero_optimization": zero,
        "bf16": {"enabled": "auto"},
        "gradient_clipping": "auto",
        "gradient_accumulation_steps": "auto",
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
    }


def _model(writer: KeyWriter, job: ExportJob) -> None:
    chosen = job.chosen
    half = chosen.precision == 16
    writer.put("base_model", job.model_id)
    writer.key("model", "base_model", job.model_id, remark="its id on Hugging Face")
    writer.put("attn_implementation", "sdpa")
    writer.setting("precision", "bf16", half, remark=BFLOAT16 if half else "float32 in all")
    quantized = is_quantized(chosen.method)
    adapter = None if not chosen.is_adapter else "qlora" if quantized else "lora"
    writer.key("adapter", "adapter", adapter, remark=f"{chosen.method}, below")
    why = "" if adapter else "without `adapter`, the whole model is trained"
    writer.setting("method", "adapter", adapter or False, remark=why or "as adapters", write=adapter is not None)
    for name, key in (("rank", "lora_r"), ("alpha", "lora_alpha"), ("dropout", "lora_dropout")):
        if adapter:
            writer.setting(name, key)
        else:
            writer.leave_out(name, "full fine-tuning has no adapters")
    if adapter:
        writer.put("lora_target_modules", list(job.hub.targets))
    if quantized:
        writer.put("load_in_4bit", True)
    if chosen.method in {"dora", "qdora"}:
        writer.put("peft_use_dora", True)


def _data(writer: KeyWriter, job: ExportJob) -> None:
    if job.task == "chat":
        writer.put("chat_template", "tokenizer_default")
        writer.put("eot_tokens", [TURN_ENDS.get(job.model.template.family, "<|end|>")])
    writer.put("datasets", [_dataset(job, "data/train.jsonl")])
    writer.key("training_data", "datasets", "data/train.jsonl", remark="rows as axolotl reads them")
    if job.validation_file is not None:
        writer.put("test_datasets", [_dataset(job, "data/validation.jsonl")])
        writer.key("validation_data", "test_datasets", "data/validation.jsonl", remark="rows as axolotl reads them")
    trained = "the assistant's words" if job.task == "chat" else "the completions"
    writer.key("task", "datasets[].type", _dataset(job, "")["type"], remark=f"only {trained} are trained on")
    writer.put("dataset_prepared_path", "prepared")
    writer.setting("sequence_length", "sequence_len")
    writer.put("excess_length_strategy", "truncate")
    writer.put("sample_packing", False)
    writer.put("pad_to_sequence_len", False)
    writer.put("train_on_inputs", False)


def _dataset(job: ExportJob, path: str) -> Mapping[str, Any]:
    source = {"path": path, "ds_type": "json", "split": "train"}
    if job.task == "chat":
        chat = {"type": "chat_template", "field_messages": "messages", "roles_to_train": ["assistant"]}
        return {**source, **chat, "train_on_eos": "turn"}
    plain = {"format": "{instruction}", "no_input_format": "{instruction}"}
    return {**source, "type": {"field_instruction": "prompt", "field_output": "completion", **plain}}


def _training(writer: KeyWriter, job: ExportJob) -> None:
    chosen = job.chosen
    writer.put("output_dir", "out")
    for key in ("name", "output_name"):
        writer.key(key, "output_dir", "out", remark="a folder here")
    write_trainer_keys(writer, job, KEYS, fused_optimizer(job))
    writer.put("tf32", chosen.precision == 16)
    writer.put("gradient_checkpointing", True)
    _evaluation(writer, job)
    writer.setting("logging_steps", "logging_steps")
    writer.put("saves_per_epoch", 1)
    writer.put("save_total_limit", 1)
    writer.setting("seed", "seed")
    if job.settings.resume:
        writer.setting("resume", "auto_resume_from_checkpoints", True, remark="from the last one in out/")
    else:
        writer.leave_out("resume", "it starts anew by default")


def _evaluation(writer: KeyWriter, job: ExportJob) -> None:
    if job.validation_file is None:
        writer.leave_out("evaluation", "there is no validation data")
    elif job.chosen.evaluation == "steps":
        writer.setting("evaluation", "eval_steps", job.chosen.logging_steps, remark="as often as it logs")
    elif job.chosen.evaluation == "epoch":
        writer.setting("evaluation", "evals_per_epoch", 1, remark="after every epoch")
    else:
        writer.setting("evaluation", "eval_strategy", "no")


def _fsdp(job: ExportJob) -> Mapping[str, Any]:
    return {
        "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
        "transformer_layer_cls_to_wrap": job.hub.layer,
        "reshard_after_forward": True,
        "offload_params": job.options.offload,
        "cpu_ram_efficient_loading": loads_once(job),
        "state_dict_type": "FULL_STATE_DICT",
    }
