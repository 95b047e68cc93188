"""Reading a configuration of axolotl (`axolotl train FILE`) as a job.

The keys are those of axolotl 0.19.0: `utils/schemas/config.py` (AxolotlInputConfig) and the classes that it consists
of. axolotl ignores a key that it does not know; here it is listed like every other one that a job has no use for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .located import Located
from .mistakes import Mistakes
from .tool_config import (
    OtherTool,
    Taken,
    Translations,
    is_on,
    plain_word,
    take_deepspeed,
    take_evaluation,
    take_optimizer,
    take_precision,
)
from .tool_data import take_entry
from .tool_model import take_model

HYPERPARAMETERS = {
    "num_epochs": "num_train_epochs",
    "micro_batch_size": "per_device_train_batch_size",
    "eval_batch_size": "per_device_eval_batch_size",
    "sequence_len": "max_seq_length",
    "lr_scheduler": "lr_scheduler_type",
    **{
        name: name
        for name in (
            *("learning_rate", "gradient_accumulation_steps", "max_steps", "auto_find_batch_size"),
            *("warmup_steps", "weight_decay", "seed", "logging_steps", "lora_r", "lora_alpha", "lora_dropout"),
        )
    },
}
_OFF = (False,)
_EXPECTED: Mapping[str, tuple[object, ...]] = {
    **dict.fromkeys(("sample_packing", "eval_sample_packing", "pad_to_sequence_len", "train_on_inputs"), _OFF),
    **dict.fromkeys(("load_in_4bit", "load_in_8bit", "gptq", "peft_use_dora", "peft_use_rslora"), _OFF),
    **dict.fromkeys(("strict", "rl", "reward_model", "process_reward_model", "group_by_length"), _OFF),
    "chat_template": ("tokenizer_default",),
}
_REASONS = {
    "sample_packing": "rows are not packed: a step has fewer of them",
    "batch_size": "write gradient_accumulation_steps, from which axolotl computes it",
    "train_on_inputs": "only the answers are trained on",
    "load_in_8bit": "the model is trained in 16 bits",
    "load_in_4bit": "without `adapter: qlora` the model is trained in 16 bits",
    "peft_use_dora": "without `adapter`, axolotl trains the whole model",
    "peft_use_rslora": "alpha is divided by the rank, not by its root",
    "chat_template": "the model's own template is used",
    "chat_template_jinja": "the model's own template is used",
    "lora_target_modules": "adapters are on all matrices of a layer: `maas plan --check FILE` says if these exist",
    "lora_target_linear": "adapters are on all matrices of a layer",
    "warmup_ratio": "warmup is a number of steps: set hyperparameters.warmup_steps",
    "val_set_size": "without a validation file, Azure takes 20 % of the rows",
    "evals_per_epoch": "the validation data is evaluated after every epoch",
    "pretraining_dataset": "training continues on conversations, not on plain text",
}
_READ = frozenset({"bf16", "fp16", "adapter"})
_OF_ADAPTERS = ("lora_r", "lora_alpha", "lora_dropout")
_EXPECTED_ROWS: Mapping[str, tuple[object, ...]] = {
    "ds_type": ("json",),
    "type": ("chat_template",),
    "field_messages": ("messages",),
    "roles_to_train": (["assistant"],),
    "train_on_eos": ("turn",),
    "chat_template": ("tokenizer_default",),
}
_ROW_REASONS = {
    "type": "rows are conversations of messages: see `maas data convert`",
    "roles_to_train": "only the assistant's turns are trained on",
    "train_on_eos": "the end of every answer is trained on",
}


def axolotl_job(
    top: Mapping[str, Located], folder: Path, mistakes: Mistakes
) -> tuple[dict[str, Located], tuple[str, ...], OtherTool]:
    """Translate a configuration to our keys.

    Args:
        top: the file's keys.
        folder: where the file is; paths in it are relative to that.
        mistakes: gets what is wrong with the file.

    Returns:
        Our keys; the keys that a job has no counterpart for, with their lines; and the tool.
    """
    taken = Taken("axolotl", folder)
    with mistakes.collected():
        _take_adapter(taken, top)
    with mistakes.collected():
        _translations(top).apply(taken, top)
    take_precision(taken, top, sixteen=("auto", "full"))
    return taken.result()


def _translations(top: Mapping[str, Located]) -> Translations:
    """Return how keys are translated; those of adapters are left where none are trained."""
    full = "adapter" not in top or top["adapter"].value is None
    of_adapters = dict.fromkeys(_OF_ADAPTERS, "without `adapter`, axolotl trains the whole model") if full else {}
    also_read = {"load_in_4bit"} if _is(top, "adapter", "qlora") and is_on(top, "load_in_4bit") else set[str]()
    is_lora = _is(top, "adapter", "lora") or _is(top, "adapter", "qlora")
    also_read |= {"peft_use_dora"} if is_lora and is_on(top, "peft_use_dora") else set()
    return Translations(
        hyperparameters={key: ours for key, ours in HYPERPARAMETERS.items() if key not in of_adapters},
        expected=_EXPECTED,
        readers={
            "base_model": take_model,
            "datasets": lambda taken, key, item: _take_rows(taken, "training_data", key, item),
            "test_datasets": lambda taken, key, item: _take_rows(taken, "validation_data", key, item),
            "optimizer": take_optimizer,
            "eval_strategy": take_evaluation,
            "evaluation_strategy": take_evaluation,
            "evals_per_epoch": _take_evaluations,
            "deepspeed": take_deepspeed,
        },
        read=_READ | also_read,
        reasons={**_REASONS, **of_adapters},
    )


def _is(top: Mapping[str, Located], key: str, word: str) -> bool:
    return key in top and top[key].value == word


def _take_adapter(taken: Taken, top: Mapping[str, Located]) -> None:
    """Take the method: a whole model without an adapter, else LoRA, or QLoRA or DoRA on hardware of one's own."""
    item = top.get("adapter", Located(None, top["base_model"].where))
    word = item.text("adapter")
    taken.set("apply_lora", "adapter", item, word is not None)
    if word not in {None, "lora", "qlora"}:
        taken.leave("adapter", item, f"adapters of the kind {word!r} are not trained, but LoRA")
    elif word is not None and is_on(top, "peft_use_dora"):
        name = "qdora" if word == "qlora" else "dora"
        taken.keys["adapter"] = Located(name, top["peft_use_dora"].where, name)
    elif word == "qlora":
        taken.keys["adapter"] = item


def _take_evaluations(taken: Taken, key: str, item: Located) -> None:
    """Take one evaluation for each epoch, which is all that can be asked for."""
    if plain_word(item) == 1:
        taken.set("evaluation_strategy", key, item, "epoch")
    else:
        taken.leave(key, item, _REASONS[key])


def _take_rows(taken: Taken, ours: str, key: str, item: Located) -> None:
    """Take a file of rows; what its entry says otherwise than happens to conversations is left."""
    entry = take_entry(taken, ours, key, item)
    for name, value in entry.items():
        if name in {"path", "data_files", "split"} or value.value is None:
            continue
        if value.plain() not in _EXPECTED_ROWS.get(name, ()):
            taken.leave(f"{key}.0.{name}", value, _ROW_REASONS.get(name, ""))
    if ours == "training_data" and "type" in entry and entry["type"].value == "chat_template":
        taken.keys["task"] = Located("chat", entry["type"].where, "chat")
