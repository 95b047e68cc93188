"""Reading a configuration of TRL's supervised fine-tuning (`trl sft --config FILE`) as a job.

The keys are those of TRL 1.16.0: SFTConfig over TrainingArguments of transformers 5.24.0, ModelConfig,
ScriptArguments and DatasetMixtureConfig; besides, older names of some of them.
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
from .tool_data import take_entry, take_split
from .tool_model import take_model

HYPERPARAMETERS = {
    "max_length": "max_seq_length",
    **{
        name: name
        for name in (
            *("num_train_epochs", "per_device_train_batch_size", "per_device_eval_batch_size", "learning_rate"),
            *("gradient_accumulation_steps", "max_steps", "auto_find_batch_size", "warmup_steps", "weight_decay"),
            *("lr_scheduler_type", "seed", "logging_strategy", "logging_steps", "max_seq_length"),
            *("lora_r", "lora_alpha", "lora_dropout"),
        )
    },
}
_OFF = (False,)
_EXPECTED: Mapping[str, tuple[object, ...]] = {
    **dict.fromkeys(("packing", "eval_packing", "padding_free", "push_to_hub", "dataset_streaming", "streaming"), _OFF),
    **dict.fromkeys(("load_in_4bit", "load_in_8bit", "use_dora", "use_rslora", "use_bnb_nested_quant"), _OFF),
    "assistant_only_loss": (True,),
    "do_train": (True,),
    "lora_task_type": ("CAUSAL_LM",),
    "report_to": ("none",),
}
_ALL_TOKENS = "only the answers are trained on, where TRL trains on the whole conversation"
_REASONS = {
    "packing": "rows are not packed: a step has fewer of them",
    "assistant_only_loss": _ALL_TOKENS,
    "completion_only_loss": "only the answers are trained on",
    "load_in_8bit": "the model is trained in 16 bits",
    "load_in_4bit": "without `use_peft`, nothing can be trained on 4 bits",
    "use_dora": "without `use_peft`, TRL trains the whole model",
    "use_rslora": "alpha is divided by the rank, not by its root",
    "bnb_4bit_quant_type": "4 bits are NF4",
    "chat_template_path": "the model's own template is used",
    "lora_target_modules": "adapters are on all matrices of a layer: `maas plan --check FILE` says if these exist",
    "lora_target_parameters": "adapters are on all matrices of a layer",
    "warmup_ratio": "warmup is a number of steps: set hyperparameters.warmup_steps",
    "test_split_size": "without a validation file, Azure takes 20 % of the rows",
    "eval_steps": "Azure chooses after how many steps it evaluates",
}
_READ = frozenset({"bf16", "fp16", "use_peft", "dataset_test_split"})
_OF_ADAPTERS = ("lora_r", "lora_alpha", "lora_dropout")
_SIXTEEN_BITS = frozenset({"auto", "bfloat16", "float16"})


def trl_job(
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
    taken = Taken("TRL", folder)
    with mistakes.collected():
        _take_method(taken, top)
    with mistakes.collected():
        _translations(top).apply(taken, top)
    with mistakes.collected():
        _take_validation(taken, top)
    take_precision(taken, top, sixteen=())
    if "assistant_only_loss" not in top:
        taken.leave("assistant_only_loss", top["model_name_or_path"], f"it is not set; {_ALL_TOKENS}")
    return taken.result()


def _translations(top: Mapping[str, Located]) -> Translations:
    """Return how keys are translated; those of adapters are left where none are trained."""
    of_folder = {"dataset_train_split"} if "dataset_name" in top else set[str]()
    whole = "without `use_peft`, TRL trains the whole model"
    of_adapters = {} if is_on(top, "use_peft") else dict.fromkeys(_OF_ADAPTERS, whole)
    return Translations(
        hyperparameters={key: ours for key, ours in HYPERPARAMETERS.items() if key not in of_adapters},
        expected=_EXPECTED,
        readers={
            "model_name_or_path": take_model,
            "dataset_name": lambda taken, key, item: _take_folder(taken, top, key, item),
            "datasets": _take_mixture,
            "optim": take_optimizer,
            "eval_strategy": take_evaluation,
            "evaluation_strategy": take_evaluation,
            "deepspeed": take_deepspeed,
            "dtype": _take_dtype,
            "torch_dtype": _take_dtype,
        },
        read=_READ | _of_method(top) | of_folder,
        reasons={**_REASONS, **of_adapters},
    )


def _of_method(top: Mapping[str, Located]) -> set[str]:
    """Return the keys that the method consists of."""
    if not is_on(top, "use_peft"):
        return set()
    found = {"use_dora"} if is_on(top, "use_dora") else set[str]()
    if is_on(top, "load_in_4bit"):
        is_nf4 = "bnb_4bit_quant_type" in top and top["bnb_4bit_quant_type"].value == "nf4"
        found |= {"load_in_4bit", "use_bnb_nested_quant", *(("bnb_4bit_quant_type",) if is_nf4 else ())}
    return found


def _take_method(taken: Taken, top: Mapping[str, Located]) -> None:
    """Take the method: a whole model without peft, else LoRA, or another one on hardware of one's own."""
    item = top.get("use_peft", top["model_name_or_path"])
    taken.set("apply_lora", "use_peft", item, is_on(top, "use_peft"))
    said = [key for key in ("load_in_4bit", "use_dora") if key in _of_method(top)]
    if said:
        word = "qdora" if len(said) > 1 else {"load_in_4bit": "qlora", "use_dora": "dora"}[said[0]]
        taken.keys["adapter"] = Located(word, top[said[0]].where, word)


def _take_dtype(taken: Taken, key: str, item: Located) -> None:
    """Leave a type of the weights that is not of 16 bits."""
    if plain_word(item) not in _SIXTEEN_BITS:
        taken.leave(key, item, "the weights are loaded in 16 bits unless hyperparameters.precision is 32")


def _take_folder(taken: Taken, top: Mapping[str, Located], key: str, item: Located) -> None:
    split = top["dataset_train_split"].written if "dataset_train_split" in top else "train"
    item.text(key)
    take_split(taken, "training_data", key, item, split=split)


def _take_validation(taken: Taken, top: Mapping[str, Located]) -> None:
    """Take the validation file of the folder that has the training data."""
    split, folder = top.get("dataset_test_split"), top.get("dataset_name")
    if split is None or split.value is None:
        return
    if folder is None or "training_data" not in taken.keys:
        taken.leave("dataset_test_split", split)
        return
    at = Located(folder.value, split.where, folder.written)
    take_split(taken, "validation_data", "dataset_test_split", at, split=split.written)


def _take_mixture(taken: Taken, key: str, item: Located) -> None:
    """Take the file of a mixture's only data set."""
    entry = take_entry(taken, "training_data", key, item)
    taken.leave_table(f"{key}.0", entry, "path", "data_files", "split")
