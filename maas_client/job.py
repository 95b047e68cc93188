"""A fine-tuning job as a value, and the document that asks for one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field

from .documents import Document, part, text
from .messages import json_body
from .values import At, OpenEnum, Text, TextMap, Value, at

FINGERPRINT = "maas_client.fingerprint"
"""The job property that tells this very request from another one under the same name."""


class JobStatus(OpenEnum):
    """Where a job is; a status that is not listed here is kept as it came.

    azure-ai-ml 1.35.2 `models/_enums.py` (JobStatus).
    """

    NOT_STARTED = "NotStarted"
    STARTING = "Starting"
    PROVISIONING = "Provisioning"
    PREPARING = "Preparing"
    QUEUED = "Queued"
    RUNNING = "Running"
    FINALIZING = "Finalizing"
    CANCEL_REQUESTED = "CancelRequested"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"
    NOT_RESPONDING = "NotResponding"
    PAUSED = "Paused"
    UNKNOWN = "Unknown"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen. NotResponding and Paused jobs may come back."""
        return self in {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED}

    @property
    def is_waiting(self) -> bool:
        """Whether the job has not begun to train."""
        return self in {
            JobStatus.NOT_STARTED,
            JobStatus.STARTING,
            JobStatus.PROVISIONING,
            JobStatus.PREPARING,
            JobStatus.QUEUED,
        }


def _status(value: object) -> JobStatus:
    return JobStatus(value) if isinstance(value, str) and value else JobStatus.UNKNOWN


Status = Annotated[JobStatus, BeforeValidator(_status)]


def _at(*path: str) -> At:
    return at("properties", *path)


class Job(Value):
    """A fine-tuning job. `raw` keeps the service's whole document.

    `model` is the base model's plain name; `output_model` the tuned model's `name:version`, as
    `endpoints.create(model=…)` takes it.
    """

    name: Text = ""
    model: Text = ""
    status: Annotated[Status, _at("status")] = JobStatus.UNKNOWN
    display_name: Annotated[Text, _at("displayName")] = ""
    experiment: Annotated[Text, _at("experimentName")] = ""
    model_id: Annotated[Text, _at("fineTuningDetails", "model", "uri")] = ""
    task: Annotated[Text, _at("fineTuningDetails", "taskType")] = ""
    training_data: Annotated[Text, _at("fineTuningDetails", "trainingData", "uri")] = ""
    validation_data: Annotated[Text, _at("fineTuningDetails", "validationData", "uri")] = ""
    hyperparameters: Annotated[TextMap, _at("fineTuningDetails", "hyperParameters")] = Field(
        default_factory=dict[str, str]
    )
    tags: Annotated[TextMap, _at("tags")] = Field(default_factory=dict[str, str])
    properties: Annotated[TextMap, _at("properties")] = Field(default_factory=dict[str, str])
    compute: Annotated[Text, _at("computeId")] = ""
    created_at: Annotated[Text, at("systemData", "createdAt")] = ""
    created_by: Annotated[Text, at("systemData", "createdBy")] = ""
    studio_url: Annotated[Text, _at("services", "Studio", "endpoint")] = ""
    output_model: str | None = None

    @classmethod
    def read(cls, document: Document) -> Self:
        """Read a job's document; fields of an unexpected type count as absent."""
        model_id = text(document, "properties", "fineTuningDetails", "model", "uri")
        outputs = part(document, "properties", "outputs").values()
        named = (f"{name}:{text(output, 'assetVersion') or '1'}" for output in outputs if (name := _asset(output)))
        return super().read({**document, "model": plain_name(model_id), "output_model": next(named, None)})


def _asset(output: object) -> str:
    return text(output, "assetName")


def plain_name(model_id: str) -> str:
    """Return the plain name of a model from its id (`azureml://registries/azureml/models/NAME/versions/N`)."""
    return (model_id.partition("/models/")[2] or model_id).partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What a fine-tuning job is asked to do. `training_data` and `validation_data` are URIs or ARM ids."""

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
