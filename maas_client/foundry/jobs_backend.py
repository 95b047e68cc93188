"""Fine-tuning jobs of a Foundry account: the v1 API, and the dated one where v1 lacks an operation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import BadRequest, Conflict, NotFound, NotOffered, ServiceError
from ..core.surfaces import SURFACE_TITLES
from ..http.polling import POLL_TIMEOUT
from ..http.retry import NO_RETRY, retry_after
from ..jobs.phase import JobPhase
from ..wire import Wire
from .connection import FoundryConnection
from .job_directory import JobDirectory, job_name, path_of
from .job_reading import FoundryJob

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint
    from ..datasets.dataset import Dataset
    from ..datasets.resource import AsyncDatasets
    from ..jobs.backend import ListView, PreparedJob, ResolvedJob
    from ..jobs.checkpoint import Checkpoint, CheckpointCopy
    from ..jobs.data_reference import LocalFile
    from ..jobs.job import Job
    from ..jobs.job_event import JobEvent
    from ..jobs.log_lines import LogPart
    from ..jobs.run_details import RunDetails
    from ..jobs.spec import JobKind, JobSpec, PlannedRequest, TrainingData
    from ..jobs.step import JobStep
    from ..transfers.downloads.options import Options
    from ..transfers.downloads.result import Downloaded
    from ..transfers.progress import OnProgress
    from .job_runs import FoundryRuns
    from .submission import FoundrySubmission, ResolvedFoundryJob

PLATFORM, OTHER_PLATFORM = SURFACE_TITLES["foundry"], SURFACE_TITLES["azureml"]
"""What messages call this platform, and the other one."""


@contextmanager
def _by_name(name: str, job_id: str) -> Generator[None]:
    """Let an error say the name that the caller uses in place of the id; the request that it ends with is kept."""
    try:
        yield
    except ServiceError as error:
        said, request, rest = str(error).partition(f"({error.request}")
        error.args = (said.replace(job_id, name) + request + rest,)
        raise


class FoundryJobs:
    """Implements JobBackend. `datasets` is only called where there is data: listing jobs does not need it."""

    def __init__(self, connection: FoundryConnection, datasets: Callable[[], AsyncDatasets]) -> None:
        self._connection, self._datasets = connection, datasets
        self._directory = JobDirectory(connection)

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        return self._connection.wire

    @property
    def platform(self) -> str:
        """What the platform is called in messages."""
        return PLATFORM

    @property
    def scope(self) -> str:
        """The account's URL, and its project's if one is used: each has jobs of its own."""
        settings = self._connection.settings
        return f"{settings.account_url}/{settings.project}".rstrip("/")

    @cached_property
    def _submission(self) -> FoundrySubmission:
        from .submission import FoundrySubmission  # here: listing or watching jobs does not need it

        return FoundrySubmission(self._connection, self._directory, self._datasets)

    @cached_property
    def _runs(self) -> FoundryRuns:
        from .job_runs import FoundryRuns

        return FoundryRuns(self._connection)

    def job_name(self, reference: str) -> str:
        """Return the name or id of a job, or the id in a URL of the portal."""
        return job_name(reference)

    def hyperparameters(self, spec: JobSpec) -> Mapping[str, str]:
        """Return a spec's hyperparameters as strings; raise InvalidHyperparameter for one that its method lacks."""
        from .submission import hyperparameters_of

        return hyperparameters_of(spec).as_text()

    def check_names(self, spec: JobSpec) -> None:
        """Raise InvalidInput for a name or label that would not be accepted."""
        from .submission import check_names

        check_names(spec)

    def reference(self, data: TrainingData) -> str | Dataset | LocalFile:
        """Return what names data at the service, or the file to upload; raise InvalidInput for data at an address."""
        from ..jobs.training_data import not_remote
        from .submission import reference

        return not_remote(reference(data))

    async def pinned(self, spec: JobSpec) -> JobSpec:
        """Return the spec with the model's id, and the data at the service as datasets."""
        return await self._submission.pinned(spec)

    async def resolve(self, spec: JobSpec) -> ResolvedFoundryJob:
        """Check all that can be checked before a request, and choose the model's id, the method and the tier."""
        return await self._submission.resolve(spec)

    async def check_fit(self, job: ResolvedJob) -> None:
        """Accept every job: it is trained on the service's own machines."""

    async def plan(self, spec: JobSpec) -> PreparedJob:
        """Check the data and return the job, in which files that are not uploaded have no id; upload nothing."""
        return await self._submission.plan(spec)

    async def prepare(self, spec: JobSpec, *, on_progress: OnProgress | None = None) -> PreparedJob:
        """Resolve names, check the data and upload files."""
        return await self._submission.prepare(spec, on_progress)

    async def put(self, job: PreparedJob, *, may_exist: bool) -> Job:
        """Create a prepared job once; return an equal one of this name, raise Conflict for a different one."""
        from .job_request import FoundryJobRequest

        assert isinstance(job, FoundryJobRequest), "a job is created by the backend that has prepared it"
        return await self._submission.put(job, may_exist=may_exist)

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        """Return the request that would create the job, and create nothing."""
        return await self._submission.preview(spec)

    async def get(self, name: str) -> Job:
        """Return a job by its name or id."""
        return await self._directory.get(name)

    async def find(self, name: str) -> Job | None:
        """Return a job by its name or id, or None."""
        return await self._directory.find(name)

    async def list(self, *, tag: str | None, view: ListView, kind: JobKind = "fine_tuning") -> AsyncIterator[Job]:
        """Yield the account's jobs, newest first; pages are fetched as they are needed.

        `tag` keeps those with such a tag, or with `TAG=VALUE` of it. Jobs cannot be archived, so that there are none of
        these.
        """
        if kind != "fine_tuning":
            raise self._not_offered("jobs.list of pipelines")
        if view == "ArchivedOnly":
            return
        name, has_value, value = (tag or "").partition("=")
        async for job in self._directory.all():
            if not tag or (name in job.tags and (not has_value or job.tags[name] == value)):
                yield job

    async def steps(self, name: str) -> tuple[JobStep, ...]:
        """Raise NotOffered."""
        raise self._not_offered(f"jobs.children (of {name!r})")

    async def with_model(self, job: Job) -> Job:
        """Return a job as it is: its tuned model is made by the service."""
        return job

    async def cancel(self, name: str) -> None:
        """Cancel a job, which the service does at once; one that is canceled already stays so."""
        await self._act(name, "cancel", {"cancelled", "canceled"})

    async def archive(self, name: str, *, archived: bool) -> None:
        """Raise NotOffered."""
        what = "jobs.archive" if archived else "jobs.restore"
        raise self._not_offered(
            f"{what} (of {name!r})", instead=f"`maas jobs delete {name}` deletes a job; an account keeps 100 at most."
        )

    async def delete(self, name: str) -> None:
        """Delete an ended job, by the dated API: v1 has no such operation."""
        job_id = (await self._directory.get(name)).id
        with _by_name(name, job_id):
            try:
                # Assumption: A job that was created by the v1 API, below a project or not, can be deleted by the
                #   account's dated API.
                # Shown wrong by: 404 for the deletion of a job that is there.
                # Verified by: delete tuning job
                # If wrong: NotFound; the job stays, and counts among the hundred of the account.
                await self._connection.request("DELETE", path_of(job_id), base="dated")
            except NotFound:
                if await self._connection.find(path_of(job_id)) is not None:
                    raise  # the job is there, and the API is not
        self._directory.forget(name)

    async def pause(self, name: str) -> None:
        """Request that a running job is paused."""
        await self._act(name, "pause", {"pausing", "paused"})

    async def resume(self, name: str) -> None:
        """Request that a paused job continues."""
        await self._act(name, "resume", {"resuming", "running"})

    async def events(self, name: str) -> AsyncIterator[JobEvent]:
        """Yield what the service has recorded about a job, newest first; pages are fetched as they are needed."""
        async for event in self._runs.events.newest_first(await self._id_of(name)):
            yield event

    async def checkpoints(self, name: str) -> AsyncIterator[Checkpoint]:
        """Yield a job's checkpoints, the last step first."""
        from .checkpoints import checkpoints

        async for checkpoint in checkpoints(self._connection, await self._id_of(name)):
            yield checkpoint

    async def copy_checkpoint(self, name: str, checkpoint: str, *, account_id: str, region: str) -> CheckpointCopy:
        """Copy a checkpoint to another account, or report how its copy stands."""
        from .checkpoints import copy_checkpoint

        job_id = await self._id_of(name)
        with _by_name(name, job_id):
            return await copy_checkpoint(self._connection, job_id, checkpoint, account_id=account_id, region=region)

    async def poll(self, name: str) -> tuple[Job, float | None]:
        """Return a job, without retries, and the seconds to wait that the service asks for."""
        if (job_id := self._directory.known_id(name)) is None:
            return await self._directory.get(name), None  # the list has the job as a whole
        path = path_of(job_id)
        try:
            document, reply = await self._connection.request("GET", path, policy=NO_RETRY, timeout=POLL_TIMEOUT)
        except NotFound:
            self._directory.forget(name)
            return await self._directory.get(name), None
        return FoundryJob.read(document), retry_after(reply)

    async def details(self, name: str) -> RunDetails:
        """Return a run's times, warnings, stage, billed tokens and the reason of a failure."""
        return await self._runs.details(await self._directory.get(name))

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return a run's metrics, each as points in the order of steps: of its events, and of its results table."""
        return await self._runs.metrics(await self._id_of(name))

    async def activity(self, name: str, offset: int) -> LogPart:
        """Return a job's events as lines, from the event on whose number is the offset."""
        return await self._runs.events.lines(await self._id_of(name), offset)

    def check_has_logs(self, name: str) -> None:
        """Raise NotOffered."""
        raise self._no_logs(name)

    async def log_lines(self, name: str, file: str | None) -> AsyncIterator[str]:
        """Raise NotOffered."""
        del file
        raise self._no_logs(name)
        yield  # so that this is an iterator

    async def log_part(self, name: str, file: str | None, offset: int) -> LogPart:
        """Raise NotOffered."""
        del file, offset
        raise self._no_logs(name)

    async def download(
        self, name: str, folder: Path, options: Options, *, outputs: Sequence[str] | None, logs: bool
    ) -> Downloaded:
        """Download a job's results tables to `results` below the folder; its model stays at the service."""
        if outputs:
            raise self._not_offered(
                f"the download of the output {outputs[0]!r}",
                instead=f"The tuned model stays at the service; `maas deploy {name}` deploys it.",
            )
        from ..transfers.downloads.result import Downloaded

        job = await self._directory.get(name)
        found = [
            await self._datasets().download(
                file_id,
                folder / "results" / f"{file_id}.csv",
                overwrite=options.overwrite,
                parallel=options.parallel,
                on_progress=options.on_progress,
            )
            for file_id in (job.result_files if logs else ())
        ]
        return Downloaded(path=folder, files=tuple(file for each in found for file in each.files))

    async def _id_of(self, name: str) -> str:
        return await self._directory.id_of(name)

    async def _act(self, name: str, action: str, done: set[str]) -> None:
        """Send an action on a job. It may be repeated: one that is refused because it was taken before is done."""
        job_id = await self._id_of(name)
        try:
            with _by_name(name, job_id):
                await self._connection.request("POST", path_of(job_id, action), repeatable=True)
        except NotFound:
            self._directory.forget(name)
            raise await self._directory.missing(name) from None
        except (BadRequest, Conflict):
            job = await self._directory.get(name)
            # Assumption: An action that the status of a job does not allow is refused with 400 or 409.
            # Shown wrong by: Another status of the second cancellation, or a finding about "the cancellation of a job
            #   that is canceled already".
            # Verified by: cancel tuning job
            # If wrong: Canceling a job that is canceled already is an error.
            # Also in: mock_server/resources/foundry_errors.py
            if job.status.value.lower() not in done or (action == "resume" and job.phase == JobPhase.PAUSED):
                raise

    def _not_offered(self, operation: str, *, instead: str = "") -> NotOffered:
        return NotOffered(operation, PLATFORM, offered_by=[OTHER_PLATFORM], instead=instead)

    def _no_logs(self, name: str) -> NotOffered:
        return self._not_offered(
            f"the log of a job ({name!r})", instead=f"`maas jobs events {name}` shows what the service has recorded."
        )
