"""What a job is asked to do, before any name in it is resolved: the choices of `jobs.create` as one value."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Union

from ..core.arguments import check_mapping, check_text
from ..core.plain_values import PlainValue
from ..core.secret_text import SecretText, SecretUrl, is_url
from .data_reference import ServiceUri

if TYPE_CHECKING:
    from ..catalog.tuning_methods import TuningMethod
    from ..datasets.dataset import Dataset
    from ..datasets.rows.schemas import Task
    from .hyperparameter_set import HyperparameterSet

TrainingData = Union[
    str, SecretText, "PathLike[str]", "Dataset", "Iterable[Mapping[str, object]]", "AsyncIterable[Mapping[str, object]]"
]

JobKind = Literal["fine_tuning", "pipeline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec(PlainValue):
    """A fine-tuning job to create; each field is the argument of `jobs.create` that has its name.

    Files are still paths here, and models may be plain names. Without a `task`, most rows of the training file decide
    it; it is chat for data that is not a local file. A URL of data hides itself. A field that the client's platform has
    no use for raises NotOffered when the job is prepared, unless it is left at its default.
    """

    model: str
    training_data: TrainingData
    validation_data: TrainingData | None = None
    hyperparameters: HyperparameterSet | Mapping[str, Any] | None = None
    task: Task | None = None
    name: str | None = None
    output_name: str | None = None
    display_name: str | None = None
    experiment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    compute: str | None = None
    instance_types: Sequence[str] = ()
    job_tier: str | None = None
    allow_retired: bool = False
    force: bool = False
    method: TuningMethod | None = None
    grader: Mapping[str, Any] | None = None
    response_format: Mapping[str, Any] | None = None
    training_tier: str | None = None
    suffix: str | None = None
    seed: int | None = None
    integrations: Sequence[Mapping[str, Any]] = ()
    allow_unlisted: bool = False

    def __post_init__(self) -> None:
        """Hide addresses of data, which may be signed; raise InvalidInput for arguments of another type."""
        check_text("model", self.model)
        check_mapping("tags", self.tags)
        check_mapping("properties", self.properties)
        for name in ("grader", "response_format"):
            if (value := getattr(self, name)) is not None:
                check_mapping(name, value)
        for name in ("training_data", "validation_data"):
            data = getattr(self, name)
            if isinstance(data, str) and not isinstance(data, ServiceUri) and is_url(data):
                object.__setattr__(self, name, SecretUrl(data))

    @property
    def kind(self) -> JobKind:
        """The kind of job."""
        return "fine_tuning"

    @property
    def own_compute(self) -> bool:
        """Whether the job is trained on the user's own machines."""
        return bool(self.compute or self.instance_types)


@dataclass(frozen=True, slots=True)
class PlannedRequest(PlainValue):
    """A request as it would be sent, without what authorizes it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
