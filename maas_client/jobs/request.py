"""The request body that creates a fine-tuning job."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.http_messages import json_body

FINGERPRINT = "maas_client.fingerprint"
"""The job property that identifies this request among others with the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """The request for a fine-tuning job. `training_data` and `validation_data` are URIs or ARM ids."""

    name: str
    model_uri: str
    training_data: str
    validation_data: str | None = None
    task: str = "chatCompletion"
    hyperparameters: Mapping[str, str] = field(default_factory=dict[str, str])
    output_name: str = ""
    display_name: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    compute_id: str | None = None
    instance_types: Sequence[str] = ()
    job_tier: str | None = None

    def variant(self, *, name: str, hyperparameters: Mapping[str, str], output_name: str) -> JobRequest:
        """Return the same job with another name, hyperparameters and output."""
        return replace(self, name=name, hyperparameters=hyperparameters, output_name=output_name)

    def to_document(self) -> dict[str, Any]:
        """Build the body of the PUT, field for field as azure-ai-ml 1.35.2 sends it."""
        details: dict[str, Any] = {
            "modelProvider": "Custom",
            "taskType": self.task,
            "model": {"jobInputType": "mlflow_model", "uri": self.model_uri},
            "trainingData": {"jobInputType": "uri_file", "uri": self.training_data},
        }
        if self.validation_data is not None:
            details["validationData"] = {"jobInputType": "uri_file", "uri": self.validation_data}
        if self.hyperparameters:
            details["hyperParameters"] = dict(self.hyperparameters)
        body: dict[str, Any] = {
            "jobType": "FineTuning",
            "isArchived": False,
            "fineTuningDetails": details,
            "outputs": {"registered_model": {"jobOutputType": "mlflow_model", "assetName": self.output_name}},
            "displayName": self.display_name or self.name,
            "tags": dict(self.tags),
        }
        if self.experiment:
            body["experimentName"] = self.experiment
        if self.compute_id:
            body["computeId"] = self.compute_id
        if self.instance_types:
            body["resources"] = {"instanceTypes": list(self.instance_types)}
        if self.job_tier:
            body["queueSettings"] = {"jobTier": self.job_tier}
        fingerprint = hashlib.sha256(json_body(body)).hexdigest()[:32]
        return {"properties": {**body, "properties": {**self.properties, FINGERPRINT: fingerprint}}}
