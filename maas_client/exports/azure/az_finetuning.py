"""A fine-tuning job as the file of Azure's own CLI: `az ml job create --file job.yaml`.

The keys are those of azure-ai-ml 1.35.2, `_schema/_finetuning/custom_model_finetuning.py` over
`_schema/job/base_job.py`; the service's request is the one of `jobs.create`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA = "https://azuremlschemas.azureedge.net/latest/finetuningJob.schema.json"
TASKS: Mapping[Literal["chat", "text"], str] = {"chat": "chat_completion", "text": "text_completion"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AzFinetuning:
    """What the file is made of; None or empty for what is left out. Data is a path relative to the file, or an id."""

    name: str
    task: Literal["chat", "text"]
    model_id: str
    training_data: str
    validation_data: str | None
    hyperparameters: Mapping[str, str]
    output_name: str
    display_name: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    compute: str | None = None
    instance_types: tuple[str, ...] = ()
    job_tier: str | None = None

    def to_document(self) -> Mapping[str, Any]:
        """Return the file's content."""
        whole: dict[str, Any] = {
            "$schema": SCHEMA,
            "type": "finetuning",
            "name": self.name,
            "display_name": self.display_name or self.name,
            "experiment_name": self.experiment,
            "task": TASKS[self.task],
            "model_provider": "custom",
            "model": {"type": "mlflow_model", "path": self.model_id},
            "training_data": _file(self.training_data),
            "validation_data": _file(self.validation_data) if self.validation_data else None,
            "hyperparameters": dict(self.hyperparameters),
            "compute": self.compute,
            "resources": {"instance_types": list(self.instance_types)} if self.instance_types else None,
            "queue_settings": {"job_tier": self.job_tier.lower()} if self.job_tier else None,
            "tags": dict(self.tags),
            "properties": dict(self.properties),
            "outputs": {"registered_model": {"type": "mlflow_model", "name": self.output_name}},
        }
        return {key: value for key, value in whole.items() if value not in (None, {})}


def _file(path: str) -> Mapping[str, str]:
    return {"type": "uri_file", "path": path}
