"""Fine-tuning jobs: create, get, list, cancel, wait, download, and what run history knows of them."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from math import inf
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.arguments import COUNT, OFFSET, SECONDS, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.errors import MaasError
from ..core.local_files import check_path, reports_file_errors
from ..core.renamed_methods import RenamedMethods
from ..core.secret_arguments import takes_secrets
from ..core.secret_text import SecretAddress, is_address
from .errors import JobCanceled, JobFailed
from .job import Job, JobStatus

_LOG_TAIL = 20

if TYPE_CHECKING:
    from datetime import datetime

    from ..core.metrics import MetricPoint
    from ..datasets.rows.schemas import Task
    from ..transfers.downloads.result import Downloaded
    from ..transfers.progress import OnProgress
    from .backend import JobBackend, ListView
    from .hyperparameters import Hyperparameters
    from .log_lines import LogPart
    from .run_details import RunDetails
    from .spec import JobSpec, PlannedRequest, TrainingData
    from .view import JobView

RENAMED = {"events": "watch", "follow": "follow_logs", "views": "watch_views"}
"""Former names of methods."""


class AsyncJobs(RenamedMethods):
    """Fine-tuning jobs."""

    RENAMED = RENAMED

    def __init__(self, backend: JobBackend) -> None:
        self._backend = backend

    @takes_secrets("training_data", "validation_data", kind=SecretAddress, only=is_address)
    @reports_file_errors
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
            DatasetRefused: the service would refuse the file; no job was made.
            Conflict: another job has this name.

        The body is the one that azure-ai-ml 1.35.2 sends; the name is chosen before the first byte is sent, so that a
        lost reply is settled by reading the job back.
        """
        from .spec import JobSpec  # here: whoever lists or follows jobs needs it as little as the making

        spec = JobSpec(
            model=model,
            training_data=training_data,
            validation_data=validation_data,
            hyperparameters=hyperparameters,
            task=task,
            name=name,
            output_name=output_name,
            display_name=display_name,
            experiment=experiment,
            tags=tags or {},
            properties=properties or {},
            compute=compute,
            instance_types=instance_types,
            job_tier=job_tier,
            allow_retired=allow_retired,
        )
        return await self.submit(spec, on_progress=on_progress)

    @reports_file_errors
    async def submit(self, spec: JobSpec, *, on_progress: OnProgress | None = None) -> Job:
        """Create the job of a JobSpec; `on_progress`, the result and the errors are those of `create`."""
        prepared = await self._backend.prepare(spec, on_progress=on_progress)
        return await self._backend.put(prepared, may_exist=bool(spec.name))

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        """Return the request that would create a job, and create nothing.

        Files are checked and hashed, for their ids follow from their content, and are not uploaded. Nothing at all is
        sent for a model whose version is pinned; for any other one the registry is asked which version is its newest.

        Args:
            spec: the job; without a name, one is invented.

        Returns:
            Method, URL, headers (but what authorizes it) and the JSON body.

        Raises:
            UnknownModel, ModelRetired, InvalidHyperparameter, DatasetRefused: as for `create`.
        """
        return await self._backend.preview(spec)

    async def get(self, name: str) -> Job:
        """Return a job; raise NotFound without one."""
        return await self._backend.get(name)

    async def list(
        self,
        *,
        tag: str | None = None,
        view: ListView = "ActiveOnly",
    ) -> AsyncIterator[Job]:
        """Yield the workspace's fine-tuning jobs, newest first; pages are fetched as they are needed.

        `tag` keeps those that have it; `view` chooses archived ones. A job that makes no sense comes back with what
        could be read of it and its `raw` document, and never ends the listing.
        """
        async for job in self._backend.list(tag=tag, view=view):
            yield job

    async def cancel(self, name: str) -> Job:
        """Ask the service to cancel a job, and return the job as it is then: the end itself may take a while."""
        await self._backend.cancel(name)
        return await self.get(name)

    @takes_numbers(timeout=SECONDS, max_queue=SECONDS, patience=SECONDS)
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
        async for job in self.watch(name, timeout=timeout, max_queue=max_queue, patience=patience):
            if on_update is not None:
                on_update(job)
        if job.status == JobStatus.FAILED:
            raise await self._failure(job)
        if job.status == JobStatus.CANCELED:
            raise JobCanceled(job)
        return job

    @takes_numbers(timeout=SECONDS, max_queue=SECONDS, patience=SECONDS)
    async def watch(
        self,
        names: str | Sequence[str],
        *,
        timeout: float | None = None,
        max_queue: float | None = None,
        patience: float = 600.0,
    ) -> AsyncIterator[Job]:
        """Yield a job, or each of several, now and whenever its status has changed, until all have ended.

        An ended job is yielded, however it ended. Each job is polled as `wait` polls one, and arguments and errors are
        those of `wait`, for each job; an error ends the watch of its job alone, and the first one is raised when no
        other job is still being watched.
        """
        from ..http.polling import resume_note, start_clock
        from .wait import wait_for_job
        from .watch import watch

        wire, names = self._backend.wire, list(dict.fromkeys([names] if isinstance(names, str) else names))
        waits = [
            wait_for_job(name, start_clock(wire), timeout=timeout, max_queue=max_queue, patience=patience)
            for name in names
        ]
        resume = waits[0].resume if len(waits) == 1 else f"`maas jobs watch {' '.join(names)}`"
        with resume_note(" and ".join(wait.what for wait in waits), resume):
            async for job in watch(wire, self._backend.poll, list(zip(names, waits, strict=True))):
                yield job

    async def details(self, name: str) -> RunDetails:
        """Return what run history knows of a job: times, warnings, log files, and the reason of a failure."""
        return await self._backend.details(name)

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return a job's metrics (`loss`, `eval_loss`, `learning_rate`, …), each as points in the order of steps."""
        return await self._backend.metrics(name)

    async def view(self, name: str) -> JobView:
        """Return a job with its clocks, curves and alarms, as they stand: what a notebook draws."""
        from .view import JobView

        job, details, metrics = await self.get(name), await self.details(name), await self.metrics(name)
        return JobView(job, details, metrics, datetime.fromtimestamp(self._backend.wire.now(), UTC))

    @takes_numbers(every=SECONDS, timeout=SECONDS)
    async def watch_views(
        self, name: str, *, every: float = 5.0, timeout: float | None = None
    ) -> AsyncIterator[JobView]:
        """Yield a job with its clocks, curves and alarms, now and every so many seconds, until it has ended.

        An ended job is yielded, however it ended. Looks that fail are borne as `wait` bears them.

        Args:
            name: the job's name.
            every: seconds between two looks, at least one.
            timeout: seconds to look in all.

        Raises:
            NotFound: there is no such job.
            JobStalled: it does not respond, or is paused.
            WaitTimeout: it goes on; nothing was stopped.
        """
        from ..http.polling import resume_note, start_clock
        from .view_stream import views
        from .wait import wait_for_job

        wire = self._backend.wire
        wait = wait_for_job(name, start_clock(wire), timeout=timeout, max_queue=None, patience=600.0)
        with resume_note(wait.what, wait.resume):
            async for view in views(wire, wait, partial(self._backend.poll, name), self._backend, every=every):
                yield view

    async def logs(self, name: str, file: str | None = None) -> AsyncIterator[str]:
        """Yield the lines of a log file of a job, by default its standard output.

        Raises NotFound, naming the files there are, when there is no such file.
        """
        async for line in self._backend.log_lines(name, file):
            yield line

    @takes_numbers(offset=OFFSET)
    async def log_part(self, name: str, file: str | None = None, *, offset: int = 0) -> LogPart:
        """Return what a log file of a job has, in whole lines, from a byte on; its `offset` is where to go on.

        Raises NotFound, naming the files there are, when there is no such file (yet).
        """
        return await self._backend.log_part(name, file, offset)

    @takes_numbers(offset=OFFSET, tail=OFFSET, timeout=SECONDS)
    async def follow_logs(
        self,
        name: str,
        file: str | None = None,
        *,
        offset: int = 0,
        since: datetime | None = None,
        tail: int | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[str]:
        """Yield the lines of a log file as they are written, until the job has ended, each once whatever happens.

        Looks every 2 to 10 s, and goes on through an hour of errors.

        Args:
            name: the job's name.
            file: the log file, by default its standard output; there need not be one yet.
            offset: the byte to begin at, as `log_part` gives it.
            since: only lines from then on, by the time that a line begins with; one without belongs to the line before.
            tail: of the lines that are there already, only so many, the last ones.
            timeout: seconds to follow it in all.

        Raises:
            WaitTimeout: the job goes on.
            InvalidInput: `since` has no time zone.
            NotFound: there is no such job, or it has ended without the log file that was named.
        """
        from ..core.errors import InvalidInput
        from ..http.polling import resume_note, start_clock
        from .log_stream import follow
        from .wait import wait_for_job

        if since is not None and since.tzinfo is None:
            raise InvalidInput(f"since: {since} has no time zone, as in datetime.now(timezone.utc)")
        wire = self._backend.wire
        wait = wait_for_job(name, start_clock(wire), timeout=timeout, max_queue=None, patience=inf)
        fetch = partial(self.log_part, name, file)
        with resume_note(wait.what, f"`maas jobs logs {name} --follow`"):
            look, is_named = partial(self._backend.poll, name), file is not None
            async for line in follow(wire, wait, look, fetch, offset=offset, since=since, tail=tail, is_named=is_named):
                yield line

    @takes_numbers(parallel=COUNT)
    @reports_file_errors
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
        check_path(folder)
        from ..transfers.downloads.downloader import Options

        options = Options(overwrite=overwrite, parallel=parallel, on_progress=on_progress)
        named = (outputs,) if isinstance(outputs, str) else outputs
        return await self._backend.download(name, Path(folder), options, outputs=named, logs=logs)

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


class Jobs(RenamedMethods, Blocking[AsyncJobs]):
    """Fine-tuning jobs."""

    RENAMED = RENAMED

    create = blocking(AsyncJobs.create)
    submit = blocking(AsyncJobs.submit)
    preview = blocking(AsyncJobs.preview)
    get = blocking(AsyncJobs.get)
    list = blocking(AsyncJobs.list)
    cancel = blocking(AsyncJobs.cancel)
    wait = blocking(AsyncJobs.wait)
    watch = blocking(AsyncJobs.watch)
    details = blocking(AsyncJobs.details)
    metrics = blocking(AsyncJobs.metrics)
    view = blocking(AsyncJobs.view)
    watch_views = blocking(AsyncJobs.watch_views)
    logs = blocking(AsyncJobs.logs)
    log_part = blocking(AsyncJobs.log_part)
    follow_logs = blocking(AsyncJobs.follow_logs)
    download = blocking(AsyncJobs.download)
