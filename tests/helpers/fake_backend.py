"""A job backend in memory: a job walks through the statuses that the test gives, one for each poll."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from maas_client import (
    Dataset,
    Downloaded,
    Job,
    JobSpec,
    JobStatus,
    LogPart,
    MetricPoint,
    NotFound,
    PlannedRequest,
    RunDetails,
)
from maas_client.datasets.local import LocalDatasets
from maas_client.errors import NotOffered
from maas_client.jobs.backend import PreparedJob
from maas_client.jobs.checkpoint import Checkpoint, CheckpointCopy
from maas_client.jobs.data_reference import LocalFile
from maas_client.jobs.job_event import JobEvent
from maas_client.jobs.step import JobStep
from maas_client.wire import Wire


@dataclass(frozen=True)
class Prepared:
    """Implements PreparedJob and ResolvedJob."""

    name: str
    model_id: str = "m"
    training_data: str = "data:1"
    validation_data: str | None = None
    hyperparameters: Mapping[str, str] = field(default_factory=dict[str, str])
    facts: None = None

    @property
    def rules(self) -> Mapping[str, Any]:
        return {"task": "chat"}

    @property
    def trained(self) -> Mapping[str, object]:
        return {"model": self.model_id, "data": self.training_data, "numbers": dict(self.hyperparameters)}

    def prepared(self, training_data: str | Dataset, validation_data: str | Dataset | None) -> Prepared:
        ids = [data.id if isinstance(data, Dataset) else data for data in (training_data, validation_data)]
        return replace(self, training_data=ids[0] or "", validation_data=ids[1])

    def variant(self, *, name: str, output_name: str, hyperparameters: Mapping[str, str] | None = None) -> Prepared:
        return replace(self, name=name, hyperparameters=hyperparameters or {})

    def differences(self, job: Job) -> tuple[str, ...]:
        return ()


@dataclass
class FakeBackend:
    """Implements JobBackend with no service behind it."""

    wire: Wire
    statuses: Sequence[JobStatus] = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.COMPLETED)
    lines: Sequence[str] = ("epoch 1", "epoch 2")
    polls: dict[str, int] = field(default_factory=dict[str, int])
    scope: str = "memory"
    platform: str = "memory"

    def job_name(self, reference: str) -> str:
        return reference.removeprefix("memory://")

    def hyperparameters(self, spec: JobSpec) -> Mapping[str, str]:
        return {name: str(value) for name, value in dict(spec.hyperparameters or {}).items()}

    def check_names(self, spec: JobSpec) -> None:
        """Accept every name."""

    def reference(self, data: object) -> str | LocalFile:
        return LocalFile(str(data)) if isinstance(data, Path) else str(data)

    async def pinned(self, spec: JobSpec) -> JobSpec:
        return spec

    async def resolve(self, spec: JobSpec) -> Prepared:
        return Prepared(spec.name or "job-1", spec.model)

    async def check_fit(self, job: object) -> None:
        pass

    async def plan(self, spec: JobSpec) -> Prepared:
        return Prepared(spec.name or "job-1", spec.model)

    async def prepare(self, spec: JobSpec, *, on_progress: object = None) -> Prepared:
        return Prepared(spec.name or "job-1", spec.model)

    async def put(self, job: PreparedJob, *, may_exist: bool) -> Job:
        self.polls[job.name] = 0
        return await self.get(job.name)

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        return PlannedRequest("POST", "memory:", {}, {"name": spec.name})

    async def find(self, name: str) -> Job | None:
        return await self.get(name) if name in self.polls else None

    async def get(self, name: str) -> Job:
        if name not in self.polls:
            raise NotFound(f"GET {name}", status=404)
        status = self.statuses[min(self.polls[name], len(self.statuses) - 1)]
        return Job(name=name, status=status, output_model=f"{name}-model:1")

    async def list(self, *, tag: str | None, view: str, kind: str) -> AsyncIterator[Job]:
        for name in self.polls:
            yield await self.get(name)

    async def steps(self, name: str) -> tuple[JobStep, ...]:
        return ()

    async def with_model(self, job: Job) -> Job:
        return job

    async def cancel(self, name: str) -> None:
        self.statuses, self.polls[name] = (JobStatus.CANCELED,), 0

    async def archive(self, name: str, *, archived: bool) -> None:
        await self.get(name)

    async def delete(self, name: str) -> None:
        raise NotOffered("jobs.delete", self.platform)

    async def pause(self, name: str) -> None:
        raise NotOffered("jobs.pause", self.platform)

    async def resume(self, name: str) -> None:
        raise NotOffered("jobs.resume", self.platform)

    async def events(self, name: str) -> AsyncIterator[JobEvent]:
        raise NotOffered("jobs.events", self.platform)
        yield

    async def checkpoints(self, name: str) -> AsyncIterator[Checkpoint]:
        raise NotOffered("jobs.checkpoints", self.platform)
        yield

    async def copy_checkpoint(self, name: str, checkpoint: str, *, account_id: str, region: str) -> CheckpointCopy:
        raise NotOffered("jobs.copy_checkpoint", self.platform)

    async def poll(self, name: str) -> tuple[Job, float | None]:
        job = await self.get(name)
        self.polls[name] += 1
        return job, None

    async def details(self, name: str) -> RunDetails:
        return RunDetails("Failed", "", "", "OutOfMemory", "the GPU has no memory left", (), {})

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        return {"loss": (MetricPoint(1, 0.5),), "eval_loss": (MetricPoint(1, 0.75),)}

    async def activity(self, name: str, offset: int) -> LogPart:
        return await self.log_part(name, None, offset)

    def check_has_logs(self, name: str) -> None:
        assert self.lines

    async def log_lines(self, name: str, file: str | None) -> AsyncIterator[str]:
        for line in self.lines:
            yield line

    async def log_part(self, name: str, file: str | None, offset: int) -> LogPart:
        return LogPart(tuple(self.lines[offset:]), len(self.lines))

    async def download(
        self, name: str, folder: Path, options: object, *, outputs: Sequence[str] | None, logs: bool
    ) -> Downloaded:
        return Downloaded(path=folder, files=())


class FakeDatasets(LocalDatasets):
    """Implements DatasetStore: files are checked as ever, and uploaded at once."""

    async def upload(self, source: Path, **options: object) -> Dataset:
        return Dataset(id=f"{source.stem}:1", name=source.stem, version="1", bytes_sent=source.stat().st_size)
