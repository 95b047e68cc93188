"""What happens while a pipeline job runs: its steps, the one that failed, its metrics, and the model it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..azure.arm import Arm
from ..core.json_fields import text
from ..core.url_paths import segment
from ..pipelines.job_document import OUTPUT
from .job import Job
from .phase import JobPhase
from .pipeline_job import PipelineJob, job_of
from .run_details import RunDetails
from .step import JobStep, first_failed, training_step

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint
    from .run_history import RunHistory

MOST_KNOWN = 10_000
"""Jobs of which it is remembered whether they are pipelines."""


@dataclass(slots=True)
class PipelineRuns:
    """The runs of the pipeline jobs of one workspace. `known` says of the jobs that were read whether they are ones."""

    arm: Arm
    history: Callable[[], RunHistory]
    known: dict[str, bool] = field(default_factory=dict[str, bool])

    def saw(self, job: Job) -> Job:
        """Remember whether a job is a pipeline, and return it."""
        if len(self.known) < MOST_KNOWN:
            self.known[job.name] = isinstance(job, PipelineJob)
        return job

    async def steps(self, name: str) -> tuple[JobStep, ...]:
        """Return the steps of a pipeline job that have begun; none for a job of another kind.

        Raises NotFound if there is no such job.
        """
        if name not in self.known:
            self.saw(job_of(await self.arm.get(f"/jobs/{segment(name)}")))
        return await self.history().steps(name) if self.known.get(name, True) else ()

    async def with_reason(self, name: str, details: RunDetails) -> RunDetails:
        """Return the details of a failed pipeline with the reason of the step that failed first.

        The error of the pipeline itself only says that a step has failed.
        """
        if details.status != "Failed" or not await self._is_pipeline(name):
            return details
        step = first_failed(await self.history().steps(name))
        if step is None:
            return details
        its = await self.history().details(step.run)
        return replace(
            details,
            error_code=its.error_code or step.error_code or details.error_code,
            error_message=its.error_message or step.error_message or details.error_message,
            warnings=tuple(dict.fromkeys((*details.warnings, *its.warnings))),
            failed_step=step.name,
            failed_run=step.run,
        )

    async def metrics(self, name: str) -> dict[str, tuple[MetricPoint, ...]]:
        """Return the metrics of a pipeline's step that trains; none for a job of another kind."""
        if not await self._is_pipeline(name):
            return {}
        step = training_step(await self.history().steps(name))
        return {} if step is None else await self.history().metrics(step.run)

    async def with_model(self, job: Job) -> Job:
        """Return a completed job with its tuned model, which is registered unless the job does so itself."""
        if not isinstance(job, PipelineJob) or job.phase != JobPhase.DONE or not job.output_name:
            return job
        from ..registered_models.resource import AsyncModels

        model = await AsyncModels(self.arm).register(job.output_name, job=job.name, output=OUTPUT, tags=job.tags)
        return job.model_copy(update={"output_model": model.reference})

    async def _is_pipeline(self, name: str) -> bool:
        """Return whether a name is that of a pipeline job: a run that is no job of the workspace is none."""
        if name not in self.known:
            document = await self.arm.find(f"/jobs/{segment(name)}")
            if len(self.known) < MOST_KNOWN:
                self.known[name] = text(document, "properties", "jobType").lower() == "pipeline"
        return self.known.get(name, False)
