"""Fine-tuning jobs: create, get, list, cancel, wait, download, and what run history knows of them."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Union

from .arm import Arm, segment
from .blocking import Blocking, blocking
from .documents import dig, text
from .errors import (
    Conflict,
    DatasetRefused,
    InvalidInput,
    JobCanceled,
    JobFailed,
    MaasError,
)
from .job import Job, JobStatus, plain_name
from .names import check_name, invent_name
from .policy import ONCE, poll_intervals, retry_after
from .workspace import AsyncWorkspace

TrainingData = Union[str, "PathLike[str]", "Dataset"]

_TASKS: Mapping[str, str] = {"chat": "chatCompletion", "text": "textCompletion"}
_LOG_TAIL = 20

if TYPE_CHECKING:
    from .datasets.resource import AsyncDatasets, Dataset
    from .datasets.rows import Task
    from .downloads.result import Downloaded
    from .hyperparameters import Hyperparameters
    from .job_request import JobRequest
    from .model_facts import ModelFacts
    from .runs import MetricPoint, RunDetails, Runs
    from .uploads.progress import OnProgress

logger = logging.getLogger("maas_client")


class AsyncJobs:
    """Fine-tuning jobs."""

    def __init__(self, arm: Arm, workspace: AsyncWorkspace, datasets: Callable[[], AsyncDatasets]) -> None:
        self._arm, self._workspace, self._datasets = arm, workspace, datasets

    async def create(
        self,
        *,
        model: str,
        training_data: TrainingData,
        validation_data: TrainingData | None = None,
        hyperparameters: Hyperparameters | Mapping[str, Any] | None = None,
        task: Task = "chat",
        name: str | None = None,
        output_name: str | None = None,
        display_name: str | None = None,
        experiment: str | None = None,
        tags: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
        compute: str | None = None,
        instance_types: Sequence[str] = (),
        job_tier: str | None = None,
        allow_retired: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Job:
        """Create a hosted fine-tuning job.

        Args:
            model: a base model's name (`Phi-3-mini-4k-instruct`) or id (`azureml://registries/…/versions/N`).
            training_data: a JSONL file (checked and uploaded first), an uploaded Dataset, a data asset's id or
                `name:version`, or an `azureml://` URI.
            validation_data: the same for validation; without it the service splits the training data 80/20.
            hyperparameters: what to train with; the service chooses the rest.
            task: chat completion or text completion.
            name: the job's name; invented when left out. Creating the same job twice under one name makes one job.
            output_name: the tuned model's name, by default the job's.
            display_name: what Studio shows, by default the name.
            experiment: the experiment that Studio lists the job under.
            tags: searchable labels.
            properties: more labels, which cannot be changed later.
            compute: your own compute cluster, by name or id (Model-as-a-Platform); serverless without it.
            instance_types: VM sizes to train on, in place of a cluster.
            job_tier: Spot, Basic, Standard or Premium.
            allow_retired: go on with a model whose fine-tuning has been retired.
            on_progress: called with a Progress (bytes) while a file is uploaded.

        Returns:
            The job as the service accepted it.

        Raises:
            UnknownModel: neither the catalogue nor the registry has the model.
            ModelRetired: its fine-tuning has ended, and the live registry no longer offers it.
            InvalidHyperparameter: a name or value is wrong; nothing was sent.
            DatasetRefused: the service would refuse the file; nothing was sent.
            Conflict: another job has this name.

        The body is the one that azure-ai-ml 1.35.2 sends; the name is chosen before the first byte is sent, so that a
        lost reply is settled by reading the job back.
        """
        from .base_models import BaseModels  # here: whoever lists or follows jobs needs neither
        from .job_request import JobRequest

        own = bool(compute or instance_types)
        if task not in _TASKS:
            raise InvalidInput(f"there is no task {task!r}; the tasks are {' and '.join(map(repr, _TASKS))}")
        wanted = _typed(hyperparameters).to_wire(serverless=not own)
        asked_name = name and check_name("job", name)
        output_name = output_name and check_name("model", output_name)
        models = BaseModels(self._workspace, self._arm.wire)
        model_uri, facts = await models.for_training(model, serverless=not own, allow_retired=allow_retired)
        name = asked_name or invent_name(f"ft-{plain_name(model_uri)}")
        training, validation = await self._both(training_data, validation_data, task, facts, on_progress)
        request = JobRequest(
            name=name,
            model_uri=model_uri,
            training_data=training,
            validation_data=validation,
            task=_TASKS[task],
            hyperparameters=wanted,
            output_name=output_name or f"{name}-model",
            display_name=display_name,
            experiment=experiment,
            tags=tags or {},
            properties=properties or {},
            compute_id=self._compute_id(compute),
            instance_types=instance_types,
            job_tier=job_tier,
        )
        return await self._create(request, may_exist=asked_name is not None)

    async def _create(self, request: JobRequest, *, may_exist: bool) -> Job:
        """PUT the job; take an equal one under this name for it, and refuse to touch another one."""
        path = f"/jobs/{segment(request.name)}"
        body = request.to_document()
        document = await self._arm.find(path) if may_exist else None
        if document is None:
            document, reply = await self._arm.create(path, body)
            if reply is not None:
                return Job.read(document)
        if _fingerprint(document) != _fingerprint(body):
            raise Conflict(
                f"create job {request.name!r}", status=409, detail="another job has this name; choose a new one"
            )
        return Job.read(document)

    async def get(self, name: str) -> Job:
        """Return a job; raise NotFound without one."""
        return Job.read(await self._arm.get(f"/jobs/{segment(name)}"))

    async def list(
        self,
        *,
        tag: str | None = None,
        view: Literal["ActiveOnly", "ArchivedOnly", "All"] = "ActiveOnly",
    ) -> AsyncIterator[Job]:
        """Yield the workspace's fine-tuning jobs, newest first; pages are fetched as they are needed.

        `tag` keeps those that have it; `view` chooses archived ones. A job that makes no sense comes back with what
        could be read of it and its `raw` document, and never ends the listing.
        """
        query = {"listViewType": view, "jobType": "FineTuning"} | ({"tag": tag} if tag else {})
        async for document in self._arm.pages("/jobs", query):
            if text(document, "properties", "jobType") in {"FineTuning", ""}:
                yield Job.read(document)

    async def cancel(self, name: str) -> Job:
        """Ask the service to cancel a job, and return the job as it is then: the end itself may take a while."""
        await self._arm.request("POST", f"/jobs/{segment(name)}/cancel", repeatable=True)
        return await self.get(name)

    async def wait(
        self,
        name: str,
        *,
        timeout: float | None = None,
        max_queue: float | None = None,
        patience: float = 600.0,
        on_update: Callable[[Job], object] | None = None,
    ) -> Job:
        """Wait until a job has completed, from this process or any other: the name is all it takes.

        Looks after 2 s, then less and less often up to once a minute, and goes on through an hour of errors. Hours that
        the machine spends asleep count as waited, and never as an outage. Ctrl-C leaves the job alone.

        Args:
            name: the job's name.
            timeout: seconds to wait in all; without it, for as long as it takes.
            max_queue: seconds of this wait that the job may spend before it starts to train.
            patience: seconds that a NotResponding or Paused job is given to come back.
            on_update: called with the job whenever its status has changed.

        Returns:
            The completed job.

        Raises:
            JobFailed: with the reason that run history keeps, and the end of the log.
            JobCanceled: somebody canceled it.
            JobStalled: it does not respond, or is paused.
            WaitTimeout: it goes on; nothing was stopped.
        """
        job = Job()
        async for job in self.events(name, timeout=timeout, max_queue=max_queue, patience=patience):
            if on_update is not None:
                on_update(job)
        if job.status == JobStatus.FAILED:
            raise await self._failure(job)
        if job.status == JobStatus.CANCELED:
            raise JobCanceled(job)
        return job

    async def events(
        self,
        name: str,
        *,
        timeout: float | None = None,
        max_queue: float | None = None,
        patience: float = 600.0,
    ) -> AsyncIterator[Job]:
        """Yield a job now and whenever its status has changed, until it has ended.

        Arguments and errors are those of `wait`, except that an ended job is yielded, however it ended.
        """
        from .job_wait import wait_for_job
        from .looks import look_once, rest, time_passing
        from .waiting import asked_by, telling_how_to_resume

        wire, intervals = self._arm.wire, poll_intervals()
        wait = wait_for_job(name, time_passing(wire), timeout=timeout, max_queue=max_queue, patience=patience)
        with telling_how_to_resume(wait.what, wait.resume):
            while True:
                look = await look_once(wire, wait, partial(self._look, name))
                if look is not None:
                    if wait.saw(look[0]):
                        yield look[0]
                    if look[0].status.is_final:
                        return
                asked = asked_by(wait.trouble) if look is None else look[1]
                wait.tick(wire.now(), wire.clock())
                if (end := wait.over()) is not None:
                    raise end
                pause = wait.pause(next(intervals), asked)
                await rest(wire, wait, pause)
                if wait.is_early(pause, asked):
                    raise wait.over() or wait.out_of_time()

    async def _look(self, name: str) -> tuple[Job, float | None]:
        """Look at a job once, for a wait; return it, and the seconds that the service asks to be left alone."""
        from .waiting import LOOK_TIMEOUT

        path = f"/jobs/{segment(name)}"
        document, reply = await self._arm.request("GET", path, patience=ONCE, timeout=LOOK_TIMEOUT)
        return Job.read(document), retry_after(reply)

    async def details(self, name: str) -> RunDetails:
        """Return what run history knows of a job: times, warnings, log files, and the reason of a failure."""
        return await self._runs().details(name)

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return a job's metrics (`loss`, `eval_loss`, `learning_rate`, …), each as points in the order of steps."""
        return await self._runs().metrics(name)

    async def logs(self, name: str, file: str | None = None) -> AsyncIterator[str]:
        """Yield the lines of a log file of a job, by default its standard output.

        Raises NotFound, naming the files there are, when there is no such file.
        """
        async for line in self._runs().log_lines(name, file):
            yield line

    async def download(
        self,
        name: str,
        folder: str | PathLike[str],
        *,
        outputs: str | Sequence[str] | None = None,
        logs: bool = True,
        overwrite: bool = False,
        parallel: int = 4,
        on_progress: OnProgress | None = None,
    ) -> Downloaded:
        """Download what a job has made: its tuned model, and what it wrote.

        Files come as `datasets.download` brings them. They go where azure-ai-ml 1.35.2 puts them: outputs to
        `named-outputs/NAME` below the folder, logs and whatever else the run wrote to `artifacts`.

        Args:
            name: the job's name.
            folder: the folder to write to, made as needed.
            outputs: the outputs that are wanted, by name, such as `registered_model`; every one that there is without
                it, and none for `()`.
            logs: whether to download what the run wrote; while it goes on, its logs as they are.
            overwrite: replace files that are there with other content.
            parallel: ranges, or small files, under way at once.
            on_progress: called with a Progress, in bytes, possibly from another thread; `sent` came over the network,
                and `resumed` was here already.

        Returns:
            Each file with its path, its size, and what its content was held to.

        Raises:
            NotFound: there is no such job or output, or it has no files yet.
            InvalidInput: the job has not ended, so that there is no output; or as for `datasets.download`.
            Conflict, UnexpectedReply, TransportError, ServiceError: as for `datasets.download`.
        """
        from .downloads.downloader import Options
        from .downloads.job_files import JobFiles

        files = JobFiles(self._arm, self._workspace, await self.get(name))
        options = Options(overwrite=overwrite, parallel=parallel, on_progress=on_progress)
        named = (outputs,) if isinstance(outputs, str) else outputs
        return await files.bring(Path(folder), options, outputs=named, logs=logs)

    def _runs(self) -> Runs:
        from .runs import Runs

        return Runs(self._workspace, self._arm.channel)

    async def _failure(self, job: Job) -> JobFailed:
        """The error for a failed job; a reason that cannot be had does not hide that it failed."""
        code = reason = ""
        tail: deque[str] = deque(maxlen=_LOG_TAIL)
        with suppress(MaasError):
            details = await self.details(job.name)
            code, reason = details.error_code, details.error_message
            async for line in self.logs(job.name):
                tail.append(line)
        return JobFailed(job, code=code, reason=reason, log_tail=tuple(tail))

    async def _both(
        self,
        training: TrainingData,
        validation: TrainingData | None,
        task: Task,
        facts: ModelFacts | None,
        on_progress: OnProgress | None,
    ) -> tuple[str, str | None]:
        """The URIs or ARM ids of the data. Files are uploaded, and neither is before both have been checked."""
        model = facts.name if facts else None
        rows, more = self._reference(training), None if validation is None else self._reference(validation)
        if isinstance(more, _File):
            report = await self._datasets().check(more.path, model=model, task=task, role="validation")
            if not report.ok:
                raise DatasetRefused(report.refusal(more.path), report)
        upload = self._datasets().upload if isinstance(rows, _File) or isinstance(more, _File) else None
        if upload is not None and isinstance(rows, _File):
            rows = (await upload(rows.path, model=model, task=task, on_progress=on_progress)).id
        if upload is not None and isinstance(more, _File):
            more = (await upload(more.path, check=False, on_progress=on_progress)).id
        return str(rows), more if more is None else str(more)

    def _reference(self, data: TrainingData) -> str | _File:
        """The URI or ARM id that names data in the workspace, or the file that is to be uploaded."""
        if not isinstance(data, str | PathLike):
            return data.id
        reference = fspath(data)
        if reference.startswith(("azureml://", "/subscriptions/")):
            return reference
        if (asset := _asset(reference)) is not None:
            return f"{self._arm.settings.workspace_path}/data/{segment(asset[0])}/versions/{segment(asset[1])}"
        return _File(reference)

    def _compute_id(self, compute: str | None) -> str | None:
        if compute is None or compute.startswith("/"):
            return compute
        return f"{self._arm.settings.workspace_path}/computes/{segment(compute)}"


class Jobs(Blocking[AsyncJobs]):
    """Fine-tuning jobs."""

    create = blocking(AsyncJobs.create)
    get = blocking(AsyncJobs.get)
    list = blocking(AsyncJobs.list)
    cancel = blocking(AsyncJobs.cancel)
    wait = blocking(AsyncJobs.wait)
    events = blocking(AsyncJobs.events)
    details = blocking(AsyncJobs.details)
    metrics = blocking(AsyncJobs.metrics)
    logs = blocking(AsyncJobs.logs)
    download = blocking(AsyncJobs.download)


class _File(NamedTuple):
    """A file to upload."""

    path: str


_ASSET = re.compile(r"([A-Za-z0-9][\w.-]*):([\w.-]+)")


def _asset(reference: str) -> tuple[str, str] | None:
    """The name and version of `[azureml:]NAME:VERSION`, unless a file is called so."""
    found = _ASSET.fullmatch(reference.removeprefix("azureml:"))
    return (found[1], found[2]) if found and not Path(reference).exists() else None


def _typed(hyperparameters: Hyperparameters | Mapping[str, Any] | None) -> Hyperparameters:
    from .hyperparameters import Hyperparameters

    if isinstance(hyperparameters, Hyperparameters):
        return hyperparameters
    return Hyperparameters.parse(hyperparameters or {})


def _fingerprint(body: Mapping[str, Any]) -> object:
    from .job_request import FINGERPRINT

    return dig(body, "properties", "properties", FINGERPRINT)
