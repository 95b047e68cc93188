"""Jobs of an Azure Machine Learning workspace: Resource Manager, run history and the datastores."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..azure.arm import Arm
from ..core.errors import BadRequest, InvalidInput, MaasError, NotFound, NotOffered
from ..core.json_fields import Document, text
from ..core.surfaces import SURFACE_TITLES, not_offered
from ..core.url_paths import segment
from ..http.retry import NO_RETRY, retry_after
from ..wire import Wire
from .job import Job
from .pipeline_job import job_of

if TYPE_CHECKING:
    from ..azure.workspace import AsyncWorkspace
    from ..core.metrics import MetricPoint
    from ..datasets.dataset import Dataset
    from ..datasets.resource import AsyncDatasets
    from ..transfers.downloads.options import Options
    from ..transfers.downloads.result import Downloaded
    from ..transfers.progress import OnProgress
    from .any_submission import AnySubmission
    from .backend import ListView, PreparedJob, ResolvedJob
    from .checkpoint import Checkpoint, CheckpointCopy
    from .data_reference import LocalFile
    from .job_event import JobEvent
    from .log_lines import LogPart
    from .pipeline_runs import PipelineRuns
    from .run_details import RunDetails
    from .run_history import RunHistory
    from .spec import JobKind, JobSpec, PlannedRequest, TrainingData
    from .step import JobStep

_KINDS: Mapping[JobKind, str] = {"fine_tuning": "FineTuning", "pipeline": "Pipeline"}
"""What a kind of job is called here, and on the wire."""


class AzureMLJobs:
    """Implements JobBackend. `workspace` and `datasets` are only called where they are needed: listing jobs is not."""

    def __init__(
        self, arm: Arm, workspace: Callable[[], AsyncWorkspace], datasets: Callable[[], AsyncDatasets]
    ) -> None:
        self._arm, self._workspace, self._datasets = arm, workspace, datasets

    @property
    def wire(self) -> Wire:
        """The I/O: it sends requests, sleeps and has the clock."""
        return self._arm.wire

    @property
    def platform(self) -> str:
        """What the platform is called in messages."""
        return SURFACE_TITLES["azureml"]

    @property
    def scope(self) -> str:
        """The path of the workspace."""
        return self._arm.settings.workspace_path

    @cached_property
    def _submission(self) -> AnySubmission:
        from .any_submission import AnySubmission  # here: listing or watching jobs does not need it
        from .pipeline_submission import PipelineSubmission
        from .submission import JobSubmission

        jobs = JobSubmission(self._arm, self._workspace(), self._datasets)
        return AnySubmission(jobs, PipelineSubmission(jobs))

    @cached_property
    def _history(self) -> RunHistory:
        from .run_history import RunHistory

        return RunHistory(self._workspace(), self._arm.channel)

    @cached_property
    def _pipelines(self) -> PipelineRuns:
        from .pipeline_runs import PipelineRuns

        return PipelineRuns(self._arm, lambda: self._history)

    def job_name(self, reference: str) -> str:
        """Return the name of a job of the workspace from its name, its ARM id or the URL that Studio shows."""
        from .job_reference import job_name

        return job_name(reference, self._arm.settings)

    def hyperparameters(self, spec: JobSpec) -> Mapping[str, str]:
        """Return a spec's hyperparameters as strings, in the pipeline's vocabulary; raise InvalidHyperparameter.

        Raises InvalidInput for a pipeline job, whose inputs are checked against its component.
        """
        if spec.kind != "fine_tuning":
            raise InvalidInput("a sweep creates fine-tuning jobs; create a pipeline job for each combination")
        from .submission import hyperparameters_of

        return hyperparameters_of(spec)

    def check_names(self, spec: JobSpec) -> None:
        """Raise InvalidInput for a name that the service would not accept."""
        from .submission import check_names

        check_names(spec)

    def reference(self, data: TrainingData) -> str | Dataset | LocalFile:
        """Return the id of data in the workspace, or the file to upload; raise InvalidInput for data at an address."""
        return self._submission.jobs.here(data)

    async def pinned(self, spec: JobSpec) -> JobSpec:
        """Return the spec with the model's newest version in the model's id, and data assets by version."""
        return await self._submission.pinned(spec)

    async def resolve(self, spec: JobSpec) -> ResolvedJob:
        """Check names and hyperparameters, and resolve the model."""
        return await self._submission.resolve(spec)

    async def check_fit(self, job: ResolvedJob) -> None:
        """Raise DoesNotFit for a job that cannot run on the user's own compute, NotFound without such a cluster."""
        await self._submission.check_fit(job)

    async def plan(self, spec: JobSpec) -> PreparedJob:
        """Check the data and return the job with the ids that its files will have; upload nothing."""
        return await self._submission.plan(spec)

    async def prepare(self, spec: JobSpec, *, on_progress: OnProgress | None = None) -> PreparedJob:
        """Resolve names, check the data and upload files."""
        return await self._submission.request(spec, on_progress=on_progress)

    async def put(self, job: PreparedJob, *, may_exist: bool) -> Job:
        """Create a prepared job once; return an equal one of this name, raise Conflict for a different one."""
        return self._pipelines.saw(await self._submission.put(job, may_exist=may_exist))

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        """Return the request that would create the job, and create nothing."""
        return await self._submission.preview(spec)

    async def get(self, name: str) -> Job:
        """Return a job."""
        async with self._display_names_explained(name):
            return self._pipelines.saw(job_of(await self._arm.get(f"/jobs/{segment(name)}")))

    async def find(self, name: str) -> Job | None:
        """Return a job, or None."""
        document = await self._arm.find(f"/jobs/{segment(name)}")
        return None if document is None else self._pipelines.saw(job_of(document))

    async def list(self, *, tag: str | None, view: ListView, kind: JobKind) -> AsyncIterator[Job]:
        """Yield the workspace's jobs of one kind, newest first; pages are fetched as they are needed."""
        wanted = _KINDS[kind]
        # Assumption: The list of jobs has the newest first, and only jobs of the type that `jobType` asks for.
        # Shown wrong by: A page on which `systemData.createdAt` rises, or a job of another type.
        # Verified by: list jobs
        # If wrong: Jobs of another type are left out nevertheless; `--limit` shows others than the newest.
        query = {"listViewType": view, "jobType": wanted} | ({"tag": tag} if tag else {})
        async for document in self._arm.pages("/jobs", query):
            if text(document, "properties", "jobType") in {wanted, ""}:
                yield job_of(document)

    async def steps(self, name: str) -> tuple[JobStep, ...]:
        """Return the steps of a pipeline job that have begun; none for another job."""
        async with self._display_names_explained(name):
            return await self._pipelines.steps(name)

    async def with_model(self, job: Job) -> Job:
        """Return a completed job with its tuned model, which is registered first where the job does not do it."""
        return await self._pipelines.with_model(job)

    async def cancel(self, name: str) -> None:
        """Request that a job is canceled."""
        async with self._display_names_explained(name):
            # Assumption: A job that is canceled already takes another cancellation with status 200.
            # Shown wrong by: 400 or 409 for the second cancellation.
            # Verified by: cancel job, cancel pipeline job
            # If wrong: Where the answer to a cancellation was lost, the repeated request raises BadRequest although the
            #   job is being canceled.
            # Also in: mock_server/surfaces/jobs.py
            await self._arm.request("POST", f"/jobs/{segment(name)}/cancel", repeatable=True)

    async def archive(self, name: str, *, archived: bool) -> None:
        """Hide a job's run, or show it again, as azure-ai-ml 1.35.2 does (`_job_operations.py`)."""
        job = await self.get(name)
        await self._history.hide(job.name, job.experiment or "Default", hidden=archived)

    async def delete(self, name: str) -> None:
        """Raise NotOffered."""
        raise self._not_offered("jobs.delete", instead=f"`maas jobs archive {name}` hides a job from listings.")

    async def pause(self, name: str) -> None:
        """Raise NotOffered."""
        raise self._not_offered(f"jobs.pause (of {name!r})", instead="jobs.cancel ends a job.")

    async def resume(self, name: str) -> None:
        """Raise NotOffered."""
        raise self._not_offered(f"jobs.resume (of {name!r})")

    async def events(self, name: str) -> AsyncIterator[JobEvent]:
        """Raise NotOffered."""
        raise self._not_offered("jobs.events", instead=f"`maas jobs logs {name}` has what the job wrote.")
        yield  # so that this is an iterator

    async def checkpoints(self, name: str) -> AsyncIterator[Checkpoint]:
        """Raise NotOffered."""
        raise self._not_offered(f"jobs.checkpoints (of {name!r})")
        yield  # as above

    async def copy_checkpoint(self, name: str, checkpoint: str, *, account_id: str, region: str) -> CheckpointCopy:
        """Raise NotOffered."""
        del checkpoint, account_id, region
        raise self._not_offered(f"jobs.copy_checkpoint (of {name!r})")

    def _not_offered(self, operation: str, *, instead: str = "") -> NotOffered:
        return not_offered(operation, "azureml", offered_by="foundry", instead=instead)

    async def poll(self, name: str) -> tuple[Job, float | None]:
        """Return a job, without retries, and the seconds to wait that the service asks for."""
        from ..http.polling import POLL_TIMEOUT

        async with self._display_names_explained(name):
            path = f"/jobs/{segment(name)}"
            document, reply = await self._arm.request("GET", path, policy=NO_RETRY, timeout=POLL_TIMEOUT)
        return self._pipelines.saw(job_of(document)), retry_after(reply)

    async def details(self, name: str) -> RunDetails:
        """Return a run's times, warnings, log files and the reason of a failure."""
        async with self._display_names_explained(name):
            return await self._pipelines.with_reason(name, await self._history.details(name))

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return a run's metrics, each as points in the order of steps; of a pipeline those of the step that trains."""
        async with self._display_names_explained(name):
            return await self._history.metrics(name) or await self._pipelines.metrics(name)

    async def activity(self, name: str, offset: int) -> LogPart:
        """Return the whole lines of a job's standard output from a byte offset on."""
        return await self.log_part(name, None, offset)

    def check_has_logs(self, name: str) -> None:
        """Accept every job."""

    async def log_lines(self, name: str, file: str | None) -> AsyncIterator[str]:
        """Yield the lines of a log file, by default standard output."""
        async with self._display_names_explained(name):
            log = await self._history.log(name, file)
        async with aclosing(self._history.lines_of(name, log)) as lines:
            async for line in lines:
                yield line

    async def log_part(self, name: str, file: str | None, offset: int) -> LogPart:
        """Return the whole lines of a log file from a byte offset on."""
        async with self._display_names_explained(name):
            return await self._history.log_part(name, file, offset)

    async def download(
        self, name: str, folder: Path, options: Options, *, outputs: Sequence[str] | None, logs: bool
    ) -> Downloaded:
        """Download a job's outputs, by name or all there are, and its logs."""
        from .files import JobDownloads

        files = JobDownloads(self._arm, self._workspace(), await self.get(name))
        return await files.download(folder, options, outputs=outputs, logs=logs)

    @asynccontextmanager
    async def _display_names_explained(self, name: str) -> AsyncGenerator[None]:
        """Raise NotFound with the job that is displayed by this name, if the error is due to a display name."""
        from .display_names import may_be_display_name

        try:
            yield
        except (NotFound, BadRequest, InvalidInput) as error:
            if not may_be_display_name(name, error):
                raise
            explained = await self._explained(name, error)
            if explained is error:
                raise
            raise explained from None

    async def _explained(self, name: str, error: MaasError) -> MaasError:
        """Return the error with the jobs that are displayed by a name; the original one if that adds nothing."""
        from ..core.missing_names import PAGES, with_names
        from .display_names import is_displayed_as, no_such_job

        documents = self._arm.pages("/jobs", {"listViewType": "All"}, most=PAGES)
        try:
            jobs = [job_of(document) async for document in documents if _is_ours(document)]
        except MaasError:
            return error
        displayed = [job for job in jobs if is_displayed_as(job.display_name, name) and job.name != name]
        if isinstance(error, NotFound) and not displayed:
            return with_names(error, name, [job.name for job in jobs if job.name != name])
        return no_such_job(name, self._arm.settings.workspace, displayed)


def _is_ours(document: Document) -> bool:
    """Return whether a job is of a kind that this client makes; an absent kind is that of fine-tuning jobs."""
    return text(document, "properties", "jobType").lower() in {"finetuning", "pipeline", ""}
