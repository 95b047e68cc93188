"""One way to make jobs of either kind: a fine-tuning job is submitted as one, a pipeline job as the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .pipeline_request import PipelineRequest
from .pipeline_spec import PipelineSpec
from .pipeline_submission import PipelineSubmission, ResolvedPipeline
from .request import JobRequest
from .submission import JobSubmission, ResolvedSpec

if TYPE_CHECKING:
    from ..transfers.progress import OnProgress
    from .backend import PreparedJob, ResolvedJob
    from .job import Job
    from .spec import JobSpec, PlannedRequest


@dataclass(frozen=True, slots=True)
class AnySubmission:
    """Makes jobs of one workspace: the part of JobBackend that comes before a job exists."""

    jobs: JobSubmission
    pipelines: PipelineSubmission

    async def pinned(self, spec: JobSpec) -> JobSpec:
        """Return the spec with its model's newest version, and that of its component and its data assets."""
        if isinstance(spec, PipelineSpec):
            return await self.pipelines.pinned(spec)
        return await self.jobs.pinned(spec)

    async def resolve(self, spec: JobSpec) -> ResolvedJob:
        """Check names and hyperparameters or inputs, and resolve the model."""
        if isinstance(spec, PipelineSpec):
            return await self.pipelines.resolve(spec)
        return await self.jobs.resolve(spec)

    async def check_fit(self, job: ResolvedJob) -> None:
        """Raise DoesNotFit for a job that cannot run on the user's own compute, NotFound without such a cluster."""
        if isinstance(job, ResolvedPipeline):
            await self.pipelines.check_fit(job)
            return
        assert isinstance(job, ResolvedSpec), "a job is checked by the backend that has resolved it"
        await self.jobs.check_fit(job)

    async def plan(self, spec: JobSpec) -> PreparedJob:
        """Check the data and return the job with the ids that its files will have; upload nothing."""
        if isinstance(spec, PipelineSpec):
            return await self.pipelines.plan(spec)
        return await self.jobs.plan(spec)

    async def request(self, spec: JobSpec, *, on_progress: OnProgress | None) -> PreparedJob:
        """Resolve names, check the data and upload files."""
        if isinstance(spec, PipelineSpec):
            return await self.pipelines.request(spec, on_progress=on_progress)
        return await self.jobs.request(spec, on_progress=on_progress)

    async def preview(self, spec: JobSpec) -> PlannedRequest:
        """Return the request that would create the job, and create nothing."""
        if isinstance(spec, PipelineSpec):
            return await self.pipelines.preview(spec)
        return await self.jobs.preview(spec)

    async def put(self, job: PreparedJob, *, may_exist: bool) -> Job:
        """Create a prepared job once; return an equal one of this name, raise Conflict for a different one."""
        if isinstance(job, PipelineRequest):
            return await self.pipelines.put(job, may_exist=may_exist)
        assert isinstance(job, JobRequest), "a job is created by the backend that has prepared it"
        return await self.jobs.put(job, may_exist=may_exist)
