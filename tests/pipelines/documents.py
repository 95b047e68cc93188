"""A small pipeline component as a registry describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CHAT = "chat_completion_pipeline"
SWITCH = {"type": "string", "default": "false", "optional": "True", "enum": ["true", "false"]}
INPUTS: Mapping[str, Any] = {
    "mlflow_model_path": {"type": "mlflow_model", "optional": True},
    "huggingface_id": {"type": "string", "optional": True},
    "task_name": {"type": "string", "default": "ChatCompletion", "optional": False, "enum": ["ChatCompletion"]},
    "train_file_path": {"type": "uri_file", "optional": True},
    "test_file_path": {"type": "uri_file", "optional": True},
    "train_mltable_path": {"type": "mltable", "optional": True},
    "apply_lora": SWITCH,
    "num_train_epochs": {"type": "integer", "default": "1", "optional": True, "min": "1"},
    "max_steps": {"type": "integer", "default": -1, "optional": True},
    "learning_rate": {"type": "number", "default": 2e-05, "optional": True},
    "optim": {"type": "string", "default": "adamw_torch", "optional": True, "enum": ["adamw_torch", "adafactor"]},
    "precision": {"type": "string", "default": "32", "optional": True, "enum": ["32", "16"]},
    "compute_model_import": {"type": "string", "default": "serverless", "optional": True},
    "compute_finetune": {"type": "string", "default": "serverless", "optional": True},
    "instance_type_finetune": {"type": "string", "default": "Standard_nc24rs_v3", "optional": True},
    "use_cache": {"type": "boolean", "default": True, "optional": True},
}
STEP: Mapping[str, Any] = {"type": "command", "computeId": "${{parent.inputs.compute_finetune}}"}


def document(name: str = CHAT, version: str = "0.0.82", inputs: Mapping[str, Any] = INPUTS) -> dict[str, Any]:
    """Return the document of a version."""
    return {
        "id": f"azureml://registries/azureml/components/{name}/versions/{version}",
        "name": version,
        "properties": {
            "componentSpec": {
                "name": name,
                "version": version,
                "type": "pipeline",
                "display_name": "Chat Completion Pipeline",
                "inputs": dict(inputs),
                "outputs": {
                    "pytorch_model_folder": {"type": "uri_folder"},
                    "mlflow_model_folder": {"type": "mlflow_model"},
                },
                "jobs": {"chat_completion_model_import": STEP, "chat_completion_finetune": STEP},
            }
        },
    }
