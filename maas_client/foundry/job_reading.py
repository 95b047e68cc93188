"""A fine-tuning job of Foundry as a value, read from the service's document in either of its two shapes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field

from ..catalog.tuning_methods import tier_named
from ..core.json_fields import Document, is_array, items, part, text
from ..core.text import one_line
from ..core.timestamps import parse_timestamp, unix_timestamp
from ..core.values import Text, TextMap, at
from ..jobs.job import Job, JobStatus
from ..jobs.phase import phase_of
from .hyperparameters import AUTO, hyperparameters_as_text

# Assumption: A job keeps the metadata that it was created with, also under names with a dot.
# Shown wrong by: A job in the list without `maas_client.name`.
# Verified by: create tuning job, list tuning jobs
# If wrong: The job is found by its id only, and creating it again makes another one.
NAME = "maas_client.name"
"""The key of a job's metadata with the name that this client gave it; Foundry names jobs by an id only."""

FINGERPRINT = "maas_client.fingerprint"
"""The key of a job's metadata with the digest of what is trained."""

OWN = "maas_client."
"""What keys of metadata begin with that are not tags."""

_READ = "maas_client"
"""The place in a document where `read` keeps what it has worked out, until the fields are filled."""

_NO_FILES: tuple[str, ...] = ()


def _status(value: object) -> JobStatus:
    if isinstance(value, JobStatus):
        return value
    return JobStatus.verbatim(value) if isinstance(value, str) and value else JobStatus.UNKNOWN


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _ids(value: object) -> tuple[str, ...]:
    return tuple(one_line(each) for each in value if isinstance(each, str)) if is_array(value) else _NO_FILES


def _time(value: object) -> str:
    return one_line(value) if isinstance(value, str) else unix_timestamp(value)


Number = Annotated[int | None, BeforeValidator(_number)]
Time = Annotated[str, BeforeValidator(_time)]


class FoundryJob(Job):
    """A job of Azure AI Foundry. `raw` keeps the service's whole document.

    `status` is the service's own word, such as `pending` or `succeeded`. `name` is the name that the job was created
    with by this client, and its `id` for other jobs. `tags` are its metadata. `training_type` is the tier that it is
    trained in; `result_files` are the ids of its results tables. `error_code` and `error_message` say why it failed.
    """

    recorded_in: ClassVar[str] = "events"

    name: Annotated[Text, at(_READ, "name")] = ""
    id: Text = ""
    model: Text = ""
    model_id: Annotated[Text, at("model")] = ""
    status: Annotated[JobStatus, BeforeValidator(_status)] = JobStatus.UNKNOWN
    training_data: Annotated[Text, at("training_file")] = ""
    validation_data: Annotated[Text, at("validation_file")] = ""
    hyperparameters: Annotated[TextMap, at(_READ, "hyperparameters")] = Field(default={})
    tags: Annotated[TextMap, at(_READ, "tags")] = Field(default={})
    created_at: Time = ""
    output_model: Annotated[str | None, at(_READ, "output_model")] = None
    method: Annotated[Text, at(_READ, "method")] = "supervised"
    training_type: Annotated[Text, at("trainingType")] = ""
    suffix: Annotated[Text, at(_READ, "suffix")] = ""
    seed: Number = None
    result_files: Annotated[tuple[str, ...], BeforeValidator(_ids)] = _NO_FILES
    finished_at: Time = ""
    estimated_finish: Time = ""
    trained_tokens: Number = None
    error_code: Annotated[Text, at("error", "code")] = ""
    error_message: Annotated[Text, at("error", "message")] = ""

    @property
    def fingerprint(self) -> str:
        """The digest of what is trained, if this client created the job; else empty."""
        return text(self.raw, "metadata", FINGERPRINT)

    @property
    def finished(self) -> datetime | None:
        """When it ended, with its time zone; None before."""
        return parse_timestamp(self.finished_at)

    @classmethod
    def read(cls, document: Document) -> Self:
        """Read a job's document; fields of an unexpected type count as absent, and so do those that are null."""
        job = super(Job, cls).read({**document, _READ: _worked_out(document)})
        job.raw.pop(_READ, None)
        return job

    def _counted_tokens(self) -> int | None:
        return self.trained_tokens

    def _file_keys(self) -> Mapping[str, Any] | None:
        tier = tier_named(self.training_type)
        return {
            "surface": "foundry",
            "name": "" if self.name == self.id else self.name,
            "model": self.model_id,
            "method": "" if self.method == "supervised" else self.method,
            "grader": part(self.raw, "method", self.method, "grader"),
            "response_format": part(self.raw, "method", self.method, "response_format"),
            "training_data": self.training_data,
            "validation_data": self.validation_data,
            "hyperparameters": {name: value for name, value in self.hyperparameters.items() if value != AUTO},
            "training_tier": tier or self.training_type,
            "suffix": self.suffix,
            "seed": self.seed,
            "tags": self.tags,
            "integrations": list(items(self.raw, "integrations")),
        }

    def _more(self) -> Mapping[str, Any]:
        return {
            "id": self.id if self.id != self.name else "",
            "method": self.method,
            "training tier": self.training_type,
            "finished": self.finished_at,
        }


def own_name(document: Document) -> str:
    """Return the name that this client gave to a job; empty for another one."""
    return one_line(text(document, "metadata", NAME))


def method_of(document: Document) -> str:
    """Return a job's method; without one it is supervised."""
    return text(document, "method", "type") or "supervised"


def _worked_out(document: Document) -> Document:
    """Return what is spread over several places of a document, or named differently in its two shapes."""
    method = method_of(document)
    chosen = {**part(document, "hyperparameters"), **part(document, "method", method, "hyperparameters")}
    ended_badly = phase_of(text(document, "status")).is_final and text(document, "status").lower() != "succeeded"
    metadata = part(document, "metadata")
    found: dict[str, object] = {
        "name": own_name(document) or text(document, "id"),
        "hyperparameters": hyperparameters_as_text(chosen),
        "tags": {key: value for key, value in metadata.items() if _is_tag(key, value)},
        "method": method,
        "suffix": text(document, "suffix") or text(document, "user_provided_suffix"),
    }
    if (model := text(document, "fine_tuned_model")) and not ended_badly:
        found["output_model"] = one_line(model)
    return found


def _is_tag(key: str, value: object) -> bool:
    """Return whether metadata is a label; the service adds what is not a string, such as `deployment_options`."""
    return isinstance(value, str) and not key.startswith(OWN)
