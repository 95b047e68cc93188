"""A fine-tuning job as a value."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from ..catalog.model_id import plain_name
from ..core.json_fields import Document, dig, part, text
from ..core.values import At, OpenEnum, Text, TextMap, Value, at
from ..rendering.html import card, escaped, fields, link, moment, pairs, redacted, state


class JobStatus(OpenEnum):
    """A job's status; an unknown status is kept as it is.

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
        """Whether the job has ended. NotResponding and Paused jobs may resume."""
        return self in {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED}

    @property
    def is_waiting(self) -> bool:
        """Whether training has not started."""
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

    `model` is the base model's plain name; `output_model` is the tuned model, as `endpoints.create(model=…)` takes
    it: `NAME:VERSION`, `NAME` while the service names no version, None for a job that failed or was canceled.
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
    hyperparameters: Annotated[TextMap, _at("fineTuningDetails", "hyperParameters")] = Field(default={})
    tags: Annotated[TextMap, _at("tags")] = Field(default={})
    properties: Annotated[TextMap, _at("properties")] = Field(default={})
    compute: Annotated[Text, _at("computeId")] = ""
    created_at: Annotated[Text, at("systemData", "createdAt")] = ""
    created_by: Annotated[Text, at("systemData", "createdBy")] = ""
    studio_url: Annotated[Text, _at("services", "Studio", "endpoint")] = ""
    output_model: str | None = None

    def _repr_html_(self) -> str:
        return job_html(self)

    def __str__(self) -> str:
        return f"job {self.name}: {self.status}"

    @classmethod
    def read(cls, document: Document) -> Self:
        """Read a job's document; fields of an unexpected type count as absent."""
        model_id = text(document, "properties", "fineTuningDetails", "model", "uri")
        outputs = part(document, "properties", "outputs").values()
        ended_badly = _status(dig(document, "properties", "status")) in {JobStatus.FAILED, JobStatus.CANCELED}
        assets = (asset for output in outputs if (asset := _asset(output)))
        named = None if ended_badly else next(assets, None)
        return super().read({**document, "model": plain_name(model_id), "output_model": named})


def _asset(output: object) -> str:
    """`NAME:VERSION`, or `NAME` while the service does not say which version it will be."""
    name, version = text(output, "assetName"), text(output, "assetVersion")
    return f"{name}:{version}" if name and version else name


def job_html(job: Job) -> str:
    """Draw a job."""
    return card(f"job {job.name}", job_fields(job))


def job_fields(job: Job, *clocks: tuple[str, str]) -> str:
    """Return a job's fields for display, with clocks if there are any."""
    return fields(
        [
            ("status", state(job.status.value)),
            ("model", escaped(job.model)),
            ("tuned model", escaped(job.output_model)),
            ("training data", redacted(job.training_data)),
            ("validation data", redacted(job.validation_data)),
            ("hyperparameters", pairs(job.hyperparameters)),
            ("created", moment(job.created_at)),
            *clocks,
            ("studio", link(job.studio_url, "open in the studio") if job.studio_url else ""),
        ]
    )
