"""What a platform offers for fine-tuning jobs: the operations that everything else about jobs is built on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..wire import Wire

if TYPE_CHECKING:
    from ..catalog.model_facts import ModelFacts
    from ..core.metrics import MetricPoint
    from ..datasets.dataset import Dataset
    from ..transfers.downloads.options import Options
    from ..transfers.downloads.result import Downloaded
    from ..transfers.progress import OnProgress
    from .checkpoint import Checkpoint, CheckpointCopy
    from .data_reference import LocalFile
    from .job import Job
    from .job_event import JobEvent
    from .log_lines import LogPart
    from .run_details import RunDetails
    from .spec import JobKind, JobSpec, PlannedRequest, TrainingData
    from .step import JobStep

ListView = Literal["ActiveOnly", "ArchivedOnly", "All"]


class PreparedJob(Protocol):
    """A job whose names are resolved and whose data is at the platform, ready to be created."""

    @property
    def name(self) -> str:
        """The job's name."""
        ...

    @property
    def model_id(self) -> str:
        """The base model's id, with its version."""
        ...

    @property
    def training_data(self) -> str:
        """The id of the training data."""
        ...

    @property
    def validation_data(self) -> str | None:
        """The id of the validation data."""
        ...

    @property
    def hyperparameters(self) -> Mapping[str, str]:
        """The hyperparameters that were chosen, as the service takes them."""
        ...

    @property
    def trained(self) -> Mapping[str, object]:
        """What decides what is trained, as JSON values; labels do not."""
        ...

    def variant(self, *, name: str, output_name: str, hyperparameters: Mapping[str, str] | None = None) -> PreparedJob:
        """Return the same job with another name and output, and other hyperparameters if there are any."""
        ...

    def differences(self, job: Job) -> tuple[str, ...]:
        """Return how an existing job differs from this one, a line per setting; empty if it is the same."""
        ...


class ResolvedJob(Protocol):
    """A job whose names, hyperparameters and model are resolved, and whose data is not at the platform yet."""

    @property
    def facts(self) -> ModelFacts | None:
        """What the catalogue knows of the model."""
        ...

    @property
    def rules(self) -> Mapping[str, Any]:
        """The arguments of `datasets.check` that say what the files are for: the model and the task, or the method."""
        ...

    def prepared(self, training_data: str | Dataset, validation_data: str | Dataset | None) -> PreparedJob:
        """Return the job with its data, uploaded or named by an id."""
        ...


class JobBackend(Protocol):
    """The operations on jobs of one platform. Errors are those of `maas_client.errors`; NotFound without such a job."""

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        ...

    @property
    def platform(self) -> str:
        """What the platform is called in messages."""
        ...

    @property
    def scope(self) -> str:
        """What names of jobs are unique in, such as the path of a workspace."""
        ...

    def job_name(self, reference: str) -> str:
        """Return the name of the job that a text names: itself, or the name in an id or URL of the platform.

        Raises InvalidInput for an id or URL that does not name a job, or one that is out of reach.
        """
        ...

    def hyperparameters(self, spec: JobSpec) -> Mapping[str, str]:
        """Return a spec's hyperparameters as `Job.hyperparameters` has them; raise InvalidHyperparameter."""
        ...

    def check_names(self, spec: JobSpec) -> None:
        """Raise InvalidInput for a name that the platform would not accept."""
        ...

    def reference(self, data: TrainingData) -> str | Dataset | LocalFile:
        """Return what names data at the platform, or the file to upload; raise InvalidInput for data at an address."""
        ...

    async def pinned(self, spec: JobSpec) -> JobSpec:
        """Return the spec with the model's newest version in the model's id, and data assets by version."""
        ...

    async def resolve(self, spec: JobSpec) -> ResolvedJob:
        """Check names and hyperparameters, and resolve the model."""
        ...

    async def check_fit(self, job: ResolvedJob) -> None:
        """Raise DoesNotFit for a job that cannot run on the compute it is meant for, NotFound without that."""
        ...

    async def plan(self, spec: JobSpec) -> PreparedJob:
        """Check the data and return the job with the ids that its files will have; upload nothing."""
        ...

    async def prepare(self, spec: JobSpec, *, on_progress: OnProgress | None = None) -> PreparedJob:
        """Resolve names, check the data and upload files."""
        ...

    async def put(self, job: PreparedJob, *, may_exist: bool) -> Job:
        """Create a prepared job once; return an equal one of this name, raise Conflict for a different one."""
        ...

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        """Return the request that would create the job, and create nothing."""
        ...

    async def get(self, name: str) -> Job:
        """Return a job."""
        ...

    async def find(self, name: str) -> Job | None:
        """Return a job, or None."""
        ...

    def list(self, *, tag: str | None, view: ListView, kind: JobKind) -> AsyncIterator[Job]:
        """Yield the jobs of a kind, newest first; raise NotOffered where there are none of it."""
        ...

    async def steps(self, name: str) -> tuple[JobStep, ...]:
        """Return the steps of a pipeline job that have begun, in their order; none for another job."""
        ...

    async def with_model(self, job: Job) -> Job:
        """Return a completed job with its tuned model, which is registered first where the job does not do it."""
        ...

    async def cancel(self, name: str) -> None:
        """Request that a job is canceled."""
        ...

    async def archive(self, name: str, *, archived: bool) -> None:
        """Archive a job, or restore it."""
        ...

    async def delete(self, name: str) -> None:
        """Delete an ended job; NotOffered where jobs can only be archived."""
        ...

    async def pause(self, name: str) -> None:
        """Request that a running job is paused, or raise NotOffered."""
        ...

    async def resume(self, name: str) -> None:
        """Request that a paused job continues, or raise NotOffered."""
        ...

    def events(self, name: str) -> AsyncIterator[JobEvent]:
        """Yield what the service has recorded about a job, newest first, or raise NotOffered."""
        ...

    def checkpoints(self, name: str) -> AsyncIterator[Checkpoint]:
        """Yield a job's checkpoints, newest first, or raise NotOffered."""
        ...

    async def copy_checkpoint(self, name: str, checkpoint: str, *, account_id: str, region: str) -> CheckpointCopy:
        """Copy a checkpoint to another account, or report how its copy stands; or raise NotOffered."""
        ...

    async def poll(self, name: str) -> tuple[Job, float | None]:
        """Return a job, without retries, and the seconds to wait that the service asks for."""
        ...

    async def details(self, name: str) -> RunDetails:
        """Return a run's times, warnings, log files and the reason of a failure."""
        ...

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return a run's metrics, each as points in the order of steps."""
        ...

    async def activity(self, name: str, offset: int) -> LogPart:
        """Return the lines of a job's log, from an offset on: of its standard output, or its events."""
        ...

    def check_has_logs(self, name: str) -> None:
        """Raise NotOffered where jobs have no logs; nothing is sent."""
        ...

    def log_lines(self, name: str, file: str | None) -> AsyncIterator[str]:
        """Yield the lines of a log file, by default standard output."""
        ...

    async def log_part(self, name: str, file: str | None, offset: int) -> LogPart:
        """Return the whole lines of a log file from a byte offset on."""
        ...

    async def download(
        self, name: str, folder: Path, options: Options, *, outputs: Sequence[str] | None, logs: bool
    ) -> Downloaded:
        """Download a job's outputs, by name or all there are, and its logs."""
        ...
