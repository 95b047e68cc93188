"""The whole job in one call: check, upload, create, train, deploy, probe, ask. Completed steps are not repeated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..core.arguments import COUNT, OFFSET, SECONDS, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.errors import InvalidInput
from ..core.local_files import reports_file_errors
from ..http.polling import start_clock
from ..jobs.spec import JobSpec
from ..jobs.training_rows import with_files
from .creation import CreatedJob, create_once, job_of_own_name
from .eviction import MOST_EVICTIONS
from .lookup import newest_attempt
from .naming import WorkflowPlan, base_of, names_of
from .runner import Services, WorkflowRun
from .steps import OnStep, Step, Steps, WorkflowResult

if TYPE_CHECKING:
    from ..transfers.progress import OnProgress


class AsyncWorkflow:
    """Whole jobs. Their only state is what they create, with names derived from model, data and hyperparameters."""

    def __init__(self, tools: Services) -> None:
        self._tools = tools

    async def plan(self, spec: JobSpec, *, endpoint_name: str | None = None) -> WorkflowPlan:
        """Return what `run` would use, and what of it already exists. Nothing is created or changed.

        Arguments and errors are those of `run`.
        """
        jobs, endpoints = self._tools.job_backend, self._tools.endpoint_backend
        async with with_files(jobs.wire, self._whole(spec, endpoint_name)) as named:
            spec = await jobs.pinned(named)
            planned = await jobs.plan(spec)
        names = names_of(base_of(spec), planned.trained, jobs.scope)
        own = await job_of_own_name(jobs, planned, spec)
        job_name, job = await newest_attempt(jobs, names, again=False, own=own)
        name = endpoint_name or names.endpoint(job_name)
        return WorkflowPlan(
            job_name=job_name,
            endpoint_name=name,
            model=planned.model_id,
            training_data=planned.training_data,
            validation_data=planned.validation_data,
            hyperparameters=planned.hyperparameters,
            job=job,
            endpoint=await endpoints.find(name),
        )

    @reports_file_errors
    async def create(self, spec: JobSpec, *, on_progress: OnProgress | None = None) -> CreatedJob:
        """Create the job of a JobSpec once; `create` and `run` find each other's jobs.

        A job of the same settings is found under `spec.name` and under the names that `run` derives. A new job is named
        `spec.name`, or as by `run` without one. Unlike `jobs.submit`, the same spec never creates a second job, even
        without a name, and the result says whether the job existed already.

        Args:
            spec: the job. A hyperparameter has one value.
            on_progress: called with a TransferProgress (bytes) while a file is uploaded.

        Returns:
            The job, and whether it existed.

        Raises:
            Conflict: a job of one of these names has other settings, which the message lists.
            UnknownModel, ModelRetired, InvalidHyperparameter, DatasetRefused, InvalidInput: as for `jobs.create`.
        """
        return await create_once(self._tools.job_backend, self._whole(spec, None), on_progress)

    @takes_numbers(
        timeout=SECONDS, max_queue=SECONDS, max_evictions=OFFSET, capacity=COUNT, endpoint_instance_count=COUNT
    )
    @reports_file_errors
    async def run(
        self,
        spec: JobSpec,
        *,
        until: Step = "chat",
        endpoint_name: str | None = None,
        sku: str | None = None,
        capacity: int | None = None,
        model_format: str | None = None,
        endpoint_instance_type: str | None = None,
        endpoint_instance_count: int | None = None,
        prompt: str | None = None,
        again: bool = False,
        timeout: float | None = None,
        max_queue: float | None = None,
        max_evictions: int = MOST_EVICTIONS,
        on_step: OnStep | None = None,
        on_progress: OnProgress | None = None,
    ) -> WorkflowResult:
        """Check and upload the data, train, deploy the tuned model and ask it a question; the same call resumes.

        Each step first asks the service what is there: content is uploaded once, a job that trains the same on the same
        is followed to its end or taken as it is, and an endpoint that serves its model is used. So the same call, in
        any process, continues after any interruption, and once all is done it makes nothing. A job's name is
        `spec.name`, `run-MODEL` without one, and a digest of model version, data, hyperparameters and compute. A job
        of the same settings whose name is `spec.name` alone, as `create` makes one, is found, too. A model without a
        version means the registry's newest, of which a new one makes a new job: pin it for work of days.

        Args:
            spec: the job, as `JobFile.spec` gives it. A hyperparameter has one value.
            until: the last step to do, from `create` on: `create` does not wait, `train` does not deploy.
            endpoint_name: the endpoint's name, made of the job's without it.
            sku, capacity, model_format: Foundry: of the deployment, as for `endpoints.create`.
            endpoint_instance_type: own compute: serve on machines of this size, by a managed online endpoint.
            endpoint_instance_count: own compute: how many of these, 1 by default.
            prompt: what to ask the endpoint; without it the first question of the validation data, or training data.
            again: if the job failed or was canceled, create another one.
            timeout: seconds to wait in all; without it, for as long as training takes, and an hour for the endpoint.
            max_queue: seconds of this wait that the job may spend before it starts to train.
            max_evictions: how often to continue from the last checkpoint, with another job of the same settings, after
                the low-priority nodes of a job were taken away; 0 to raise JobEvicted at once.
            on_step: called with a StepUpdate when a step begins, progresses, or is done.
            on_progress: called with a TransferProgress (bytes) while a file is uploaded, possibly from another thread.

        Returns:
            Every part: reports, data, job, endpoint and answer.

        Raises:
            DatasetRefused: the service would refuse a file; nothing was uploaded, and no job created.
            FileChanged: a file changed after it was checked; no job was created.
            Conflict: a job of this name has other settings, which the message lists; or an endpoint of this
                name serves another model, or cannot become ready.
            JobFailed, JobCanceled, JobStalled, EndpointFailed, WaitTimeout: as for `jobs.wait` and `endpoints.wait`.
            UnknownModel, ModelRetired, InvalidInput: as for `jobs.create`.

        A note on each error (`__notes__`) names the step and how to resume.
        """
        steps = Steps(until, on_step)
        clock = start_clock(self._tools.job_backend.wire)
        async with with_files(self._tools.job_backend.wire, self._whole(spec, endpoint_name)) as named:
            work = WorkflowRun(self._tools, steps, clock, timeout, named)
            await work.check()
            await work.upload(on_progress)
            await work.create(again=again)
            if steps.includes("train"):
                await work.train(max_queue, max_evictions)
            if steps.includes("deploy"):
                await work.deploy(
                    endpoint_name,
                    sku=sku,
                    capacity=capacity,
                    model_format=model_format,
                    instance_type=endpoint_instance_type,
                    instance_count=endpoint_instance_count,
                )
            if steps.includes("answer"):
                await work.answer()
            if steps.includes("chat"):
                await work.ask(prompt)
        return work.result()

    def _whole(self, spec: JobSpec, endpoint_name: str | None) -> JobSpec:
        """Return the job; raise InvalidInput for an invalid name, and for several values of a hyperparameter."""
        if endpoint_name:
            self._tools.endpoint_backend.check_name(endpoint_name)
        self._tools.job_backend.check_names(spec)
        chosen = spec.hyperparameters
        values = chosen.items() if isinstance(chosen, Mapping) else ()
        several = [name for name, value in values if isinstance(value, list | tuple)]
        if several:
            raise InvalidInput(
                f"{', '.join(several)}: several values require a sweep; a workflow takes one value of each"
            )
        return spec


class Workflow(Blocking[AsyncWorkflow]):
    """Whole jobs."""

    plan = blocking(AsyncWorkflow.plan)
    create = blocking(AsyncWorkflow.create)
    run = blocking(AsyncWorkflow.run)
