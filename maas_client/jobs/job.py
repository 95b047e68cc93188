"""A fine-tuning job as a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, computed_field

from ..catalog.model_id import plain_name
from ..core.json_fields import Document, dig, part, text
from ..core.timestamps import parse_timestamp
from ..core.values import At, OpenEnum, Text, TextMap, Value, at
from ..rendering.html import card, escaped, fields, format_timestamp, link, pairs, redacted, state
from .phase import JobPhase, phase_of

# Assumption: A serverless job's own document has the run property `__azureml_ft_training_tokens`.
# Shown wrong by: A Completed job without it among `properties.properties`.
# Verified by: job to its end, newest job
# If wrong: The tokens that a job was trained on are not shown.
# Also in: mock_server/resources/jobs.py
TOKENS = "__azureml_ft_training_tokens"
"""The property in which the service counts the tokens that a job was trained on."""


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
        return phase_of(self.value).is_final

    @property
    def is_waiting(self) -> bool:
        """Whether training has not started."""
        return phase_of(self.value) == JobPhase.WAITING


def _status(value: object) -> JobStatus:
    return JobStatus(value) if isinstance(value, str) and value else JobStatus.UNKNOWN


Status = Annotated[JobStatus, BeforeValidator(_status)]


def _at(*path: str) -> At:
    return at("properties", *path)


class Job(Value):
    """A fine-tuning job. `raw` keeps the service's whole document.

    `status` is the service's own word, and `phase` what that amounts to on every platform. `id` is the service's own
    name of the job, which every method accepts as well as `name`.
    `model` is the base model's plain name; `output_model` is the tuned model, as `endpoints.create(model=…)` takes
    it: `NAME:VERSION`, `NAME` while the service names no version, None for a job that failed or was canceled.
    """

    kind: ClassVar[str] = "fine_tuning"
    """The kind of job: `fine_tuning`, or `pipeline` for a PipelineJob."""

    recorded_in: ClassVar[str] = "logs"
    """The command of `maas jobs` that shows what a job did."""

    _shown_first = ("name", "status", "model", "output_model")

    name: Text = ""
    id: Text = ""
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

    @computed_field(return_type=JobPhase)  # type: ignore[prop-decorator]  # mypy does not know decorators of properties
    @property
    def phase(self) -> JobPhase:
        """What the job does, in one word for every platform."""
        # The type is named above as well: pydantic 2.10 looks for the annotation in the modules of subclasses.
        return phase_of(self.status.value)

    @property
    def created(self) -> datetime | None:
        """When it was created, with its time zone; None if the service does not say."""
        return parse_timestamp(self.created_at)

    def _counted_tokens(self) -> int | None:
        """Return the tokens that the job was trained on, if the service counts them."""
        counted = self.properties.get(TOKENS, "")
        return int(counted) if counted.isascii() and counted.isdigit() and len(counted) < 19 else None

    def _file_keys(self) -> Mapping[str, Any] | None:
        """Return the keys of the job file from which the same job is created; None for those of Azure ML."""
        return None

    def _more(self) -> Mapping[str, Any]:
        """Return what a person is shown of a job of this platform alone, by label."""
        return {}

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
    # Assumption: A Completed job names the version of its tuned model in `outputs.*.assetVersion`.
    # Shown wrong by: A Completed job without `assetVersion`, or with a version that the model does not have.
    # Verified by: job to its end, job results
    # If wrong: `output_model` is the name alone, and deploying it takes the newest version.
    # Also in: mock_server/resources/jobs.py
    name, version = text(output, "assetName"), text(output, "assetVersion")
    return f"{name}:{version}" if name and version else name


def job_summary(job: Job) -> dict[str, Any]:
    """Return what a person is shown of a job, by label, in the order to show it."""
    return {
        "name": job.name,
        "status": job.status.value,
        "model": job.model,
        "output model": job.output_model,
        "task": job.task,
        "training data": job.training_data,
        "validation data": job.validation_data,
        "hyperparameters": job.hyperparameters,
        **job._more(),  # pyright: ignore[reportPrivateUsage] -- the function is the class's own, outside of it
        "compute": job.compute,
        "experiment": job.experiment,
        "tags": job.tags,
        "created": job.created_at,
        "studio": job.studio_url,
    }


_DRAWN: Mapping[str, Callable[[Any], str]] = {
    "status": state,
    "training data": redacted,
    "validation data": redacted,
    "hyperparameters": pairs,
    "tags": pairs,
    "created": format_timestamp,
    "studio": lambda url: link(url, "open in the studio") if url else "",
}
"""How a label of the summary is drawn as HTML, where it is not plain text."""


def job_html(job: Job) -> str:
    """Draw a job."""
    return card(f"job {job.name}", job_fields(job))


def job_fields(job: Job, *clocks: tuple[str, str]) -> str:
    """Return a job's fields for display, with clocks if there are any."""
    shown = job_summary(job)
    del shown["name"]  # the title has it
    studio = shown.pop("studio")
    drawn = [(label, _DRAWN.get(label, escaped)(value)) for label, value in shown.items()]
    return fields([*drawn, *clocks, ("studio", _DRAWN["studio"](studio))])
