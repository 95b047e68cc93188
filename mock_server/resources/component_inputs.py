"""The inputs of the registry's fine-tuning pipelines: one row each, with type, default and choices.

Sources: Azure/azureml-assets `assets/training/finetune_acft_hf_nlp/components/pipeline_components/chat_completion`
(commit 4b41f8cc, 2026-07-23) and `text_generation` (commit 661d1228), `spec.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.core.json_values import Json

FILES = frozenset({"uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model"})
"""The types of inputs that are assets; the others are literals."""
FLAG = ("true", "false")


@dataclass(frozen=True, slots=True)
class ComponentInput:
    """One input of a component; every value is a string on the wire, as is a default."""

    type: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    optional: bool = True
    mode: str | None = None

    def document(self) -> Json:
        """Return it as a component's document has it."""
        found: Json = {"type": self.type, "optional": self.optional}
        if self.default is not None:
            # Assumption: The registry writes the defaults and bounds of a component's inputs as strings.
            # Shown wrong by: A number or a truth value as `default` or `min`.
            # Verified by: registry component
            # If wrong: The mock server's component differs; the client reads both.
            found["default"] = self.default
        if self.choices:
            found["enum"] = list(self.choices)
        if self.least is not None:
            found["min"] = str(self.least)
        if self.mode is not None:
            found["mode"] = self.mode
        return found


Inputs = Mapping[str, ComponentInput]


def _text(default: str | None = None) -> ComponentInput:
    return ComponentInput("string", default)


def _choice(default: str, *choices: str, optional: bool = True) -> ComponentInput:
    return ComponentInput("string", default, choices, optional=optional)


def _flag(default: str) -> ComponentInput:
    return _choice(default, *FLAG)


def _integer(default: int, least: int | None = None) -> ComponentInput:
    return ComponentInput("integer", str(default), least=least)


def _number(default: str) -> ComponentInput:
    return ComponentInput("number", default)


def _file(kind: str, mode: str | None = "rw_mount") -> ComponentInput:
    return ComponentInput(kind, mode=mode)


COMPUTE: Inputs = {
    "instance_type_model_import": _text("Standard_d12_v2"),
    "instance_type_preprocess": _text("Standard_d12_v2"),
    "instance_type_finetune": _text("Standard_nc24rs_v3"),
    "instance_type_model_evaluation": _text("Standard_nc24rs_v3"),
    "shm_size_finetune": _text("5g"),
    "num_nodes_finetune": _integer(1, 1),
    "number_of_gpu_to_use_finetuning": _integer(1, 1),
    "compute_model_import": _text("serverless"),
    "compute_preprocess": _text("serverless"),
    "compute_finetune": _text("serverless"),
    "compute_model_evaluation": _text("serverless"),
}
"""Where the steps run; an instance type counts only where the compute is `serverless`."""
MODEL: Inputs = {
    "huggingface_id": _text(),
    "pytorch_model_path": _file("custom_model"),
    "mlflow_model_path": _file("mlflow_model"),
}
"""The three sources of a model, of which a job names one."""
IMPORT: Inputs = {**MODEL, "finetune_config_path": _file("uri_file", "ro_mount")}
DATA: Inputs = {
    "train_file_path": _file("uri_file"),
    "validation_file_path": _file("uri_file"),
    "test_file_path": _file("uri_file"),
    "train_mltable_path": _file("mltable", None),
    "validation_mltable_path": _file("mltable", None),
    "test_mltable_path": _file("mltable", None),
}
PREPROCESS: Inputs = {
    "batch_size": _integer(1000, 1),
    "pad_to_max_length": _flag("false"),
    "max_seq_length": _integer(-1),
    **DATA,
}
TRUST: Inputs = {"trust_remote_code": _flag("false")}
FINETUNE: Inputs = {
    "apply_lora": _flag("false"),
    "merge_lora_weights": _flag("true"),
    "lora_alpha": _integer(128),
    "lora_r": _integer(8),
    "lora_dropout": _number("0.0"),
    "num_train_epochs": _integer(1, 1),
    "max_steps": _integer(-1),
    "per_device_train_batch_size": _integer(1, 1),
    "per_device_eval_batch_size": _integer(1, 1),
    "auto_find_batch_size": _flag("false"),
    "optim": _choice("adamw_torch", "adamw_torch", "adafactor"),
    "learning_rate": _number("2e-05"),
    "warmup_steps": _integer(0),
    "weight_decay": _number("0.0"),
    "adam_beta1": _number("0.9"),
    "adam_beta2": _number("0.999"),
    "adam_epsilon": _number("1e-08"),
    "gradient_accumulation_steps": _integer(1),
    "eval_accumulation_steps": _integer(-1),
    "lr_scheduler_type": _choice(
        "linear", "linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup"
    ),
    "precision": _choice("32", "32", "16"),
    "seed": _integer(42),
    "enable_full_determinism": _flag("false"),
    "dataloader_num_workers": _integer(0),
    "ignore_mismatched_sizes": _flag("false"),
    "max_grad_norm": _number("1.0"),
    "evaluation_strategy": _choice("epoch", "epoch", "steps", "disable"),
    "evaluation_steps_interval": _number("0.0"),
    "eval_steps": _integer(500),
    "logging_strategy": _choice("steps", "epoch", "steps"),
    "logging_steps": _integer(10),
    "metric_for_best_model": _choice("loss", "loss", "f1", "exact"),
    "resume_from_checkpoint": _flag("false"),
    "save_total_limit": _integer(-1),
    "apply_early_stopping": _flag("false"),
    "early_stopping_patience": _integer(1),
    "early_stopping_threshold": _number("0.0"),
    "apply_deepspeed": _flag("false"),
    "deepspeed": _file("uri_file"),
    "deepspeed_stage": _choice("2", "2", "3"),
    "apply_ort": _flag("false"),
}
EVALUATION: Inputs = {"evaluation_config": _file("uri_file", None), "evaluation_config_params": _text()}
"""They do nothing: the evaluation step is not part of the pipelines any more."""

CHAT_COMPLETION: Inputs = {
    **COMPUTE,
    **IMPORT,
    **TRUST,
    "task_name": _choice("ChatCompletion", "ChatCompletion", optional=False),
    **PREPROCESS,
    **FINETUNE,
    **EVALUATION,
}
TEXT_FINETUNE: Inputs = {
    **FINETUNE,
    "ignore_mismatched_sizes": _flag("true"),
    "evaluation_strategy": _choice("epoch", "epoch", "steps"),
    "metric_for_best_model": _choice("loss", "loss"),
}
TEXT_KEYS: Inputs = {"text_key": ComponentInput("string", optional=False), "ground_truth_key": _text()}
TEXT_GENERATION: Inputs = {
    **COMPUTE,
    **MODEL,
    "task_name": _choice("TextGeneration", "TextGeneration", optional=False),
    **TEXT_KEYS,
    **PREPROCESS,
    **TEXT_FINETUNE,
    "system_properties": _text(),
    **EVALUATION,
}
