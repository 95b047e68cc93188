"""A job backend in memory: a job walks through the statuses that the test gives, one for each poll."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from maas_client import Downloaded, Job, JobSpec, JobStatus, LogPart, MetricPoint, NotFound, PlannedRequest, RunDetails
from maas_client.jobs.backend import PreparedJob
from maas_client.wire import Wire


@dataclass(frozen=True)
class Prepared:
    """A job that is ready to be created."""

    name: str
    hyperparameters: Mapping[str, str] = field(default_factory=dict[str, str])

    def variant(self, *, name: str, hyperparameters: Mapping[str, str], output_name: str) -> Prepared:
        return replace(self, name=name, hyperparameters=hyperparameters)


@dataclass
class FakeBackend:
    """Implements JobBackend with no service behind it."""

    wire: Wire
    statuses: Sequence[JobStatus] = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.COMPLETED)
    lines: Sequence[str] = ("epoch 1", "epoch 2")
    polls: dict[str, int] = field(default_factory=dict[str, int])

    async def prepare(self, spec: JobSpec, *, on_progress: object = None) -> Prepared:
        return Prepared(spec.name or "job-1")

    async def put(self, job: PreparedJob, *, may_exist: bool) -> Job:
        self.polls[job.name] = 0
        return await self.get(job.name)

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        return PlannedRequest("POST", "memory:", {}, {"name": spec.name})

    async def get(self, name: str) -> Job:
        if name not in self.polls:
            raise NotFound(f"GET {name}", status=404)
        return Job(name=name, status=self.statuses[min(self.polls[name], len(self.statuses) - 1)])

    async def list(self, *, tag: str | None, view: str) -> AsyncIterator[Job]:
        for name in self.polls:
            yield await self.get(name)

    async def cancel(self, name: str) -> None:
        self.statuses, self.polls[name] = (JobStatus.CANCELED,), 0

    async def poll(self, name: str) -> tuple[Job, float | None]:
        job = await self.get(name)
        self.polls[name] += 1
        return job, None

    async def details(self, name: str) -> RunDetails:
        return RunDetails("Failed", "", "", "OutOfMemory", "the GPU has no memory left", (), {})

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        return {"loss": (MetricPoint(1, 0.5),), "eval_loss": (MetricPoint(1, 0.75),)}

    async def log_lines(self, name: str, file: str | None) -> AsyncIterator[str]:
        for line in self.lines:
            yield line

    async def log_part(self, name: str, file: str | None, offset: int) -> LogPart:
        return LogPart(tuple(self.lines[offset:]), len(self.lines))

    async def download(
        self, name: str, folder: Path, options: object, *, outputs: Sequence[str] | None, logs: bool
    ) -> Downloaded:
        return Downloaded(path=folder, files=())
