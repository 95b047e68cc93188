"""The settings of a tuning by KAITO: the six sections of the ConfigMap that its training code reads.

A ConfigMap of one's own replaces KAITO's whole, so that what is left out takes the default of the class behind each
section, such as a fifth of the rows withheld: everything is written (kaito-project/kaito v0.12.0,
`charts/kaito/workspace/templates/{lora,qlora}-params.yaml`, `presets/workspace/tuning/text-generation/cli.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..chosen_settings import ChosenSettings

FOLDER = "data"
"""Where KAITO mounts the data, below /mnt."""

SECTIONS = ("ModelConfig", "QuantizationConfig", "LoraConfig", "TrainingArguments", "DataCollator", "DatasetConfig")


def accumulated_rows(settings: ChosenSettings) -> int:
    """Return the rows of a step on one GPU, which KAITO takes one at a time.

    The image installs the newest TRL of its build day, and from 1.10 on a batch of two rows ends KAITO's training
    code; a batch of one works with each release, and trains the same with the rows accumulated.
    """
    return settings.batch_size * settings.accumulation


def training_config(settings: ChosenSettings, *, targets: Sequence[str], file_name: str) -> Mapping[str, Any]:
    """Return the content of `training_config.yaml`.

    Args:
        settings: those of the job; the method is `lora`, `qlora` or `dora`.
        targets: the modules that adapters are added to. KAITO's own choice for Phi-3 are names that the model does not
            have, which trains 38 % of the adapters, and for Phi-4 there is none, which ends the job.
        file_name: of the training data, in the folder that is mounted.
    """
    half = settings.precision == 16
    dtype = "bfloat16" if half else "float32"
    sections: dict[str, Any] = {
        "ModelConfig": {"torch_dtype": dtype, "local_files_only": True, "device_map": "auto"},
        "QuantizationConfig": _quantization(settings, dtype),
        "LoraConfig": {
            "r": settings.rank,
            "lora_alpha": settings.alpha,
            "lora_dropout": settings.dropout,
            "target_modules": list(targets),
            **({"use_dora": True} if settings.method == "dora" else {}),
        },
        "TrainingArguments": _arguments(settings, half=half),
        "DataCollator": {"mlm": False},
        "DatasetConfig": {
            "dataset_path": f"{FOLDER}/{file_name}",
            "dataset_extension": "json",
            "shuffle_dataset": True,
            "shuffle_seed": settings.seed,
            "train_test_split": 1,
        },
    }
    return {"training_config": sections}


def _quantization(settings: ChosenSettings, dtype: str) -> Mapping[str, Any]:
    if settings.method != "qlora":
        return {"load_in_4bit": False}
    return {
        "load_in_4bit": True,
        "bnb_4bit_quant_type": "nf4",
        "bnb_4bit_compute_dtype": dtype,
        "bnb_4bit_use_double_quant": True,
    }


def _arguments(settings: ChosenSettings, *, half: bool) -> Mapping[str, Any]:
    """Return the TrainingArguments; `save_strategy` keeps KAITO's own value: the adapter is saved at the end."""
    optional = {
        "max_steps": settings.max_steps,
        "adam_beta2": settings.beta2,
        "adam_epsilon": settings.epsilon,
        "auto_find_batch_size": settings.auto_find_batch_size or None,
    }
    return {
        "output_dir": "/mnt/results",
        "num_train_epochs": settings.epochs,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": accumulated_rows(settings),
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "warmup_steps": settings.warmup_steps,
        "weight_decay": settings.weight_decay,
        "optim": settings.optimizer,
        "max_length": settings.sequence_length,
        "bf16": half,
        "gradient_checkpointing": True,
        "ddp_find_unused_parameters": False,
        "save_strategy": "no",
        "eval_strategy": "no",
        "logging_steps": settings.logging_steps,
        "seed": settings.seed,
        **{name: value for name, value in optional.items() if value is not None},
    }
