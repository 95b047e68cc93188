"""One run of a workflow: a method per step, which first reads what already exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from ..computes.errors import DoesNotFit
from ..core.errors import NotFound
from ..endpoints.endpoint import Endpoint
from ..http.polling import Elapsed
from ..jobs.errors import JobEvicted
from ..jobs.job import Job
from ..jobs.phase import JobPhase
from ..jobs.spec import JobSpec
from .creation import job_of_own_name, named, refuse_other_settings
from .data import DatasetStore, TrainingFiles
from .eviction import MOST_EVICTIONS, is_continued
from .first_prompt import GREETING, first_question, question_in
from .lookup import newest_attempt
from .naming import TAG, JobNames, base_of, names_of
from .steps import Steps, WorkflowResult

if TYPE_CHECKING:
    from ..endpoints.backend import EndpointBackend
    from ..endpoints.resource import AsyncEndpoints
    from ..http.outage import Outage
    from ..inference.chat import AsyncChat
    from ..jobs.backend import JobBackend, PreparedJob, ResolvedJob
    from ..jobs.resource import AsyncJobs
    from ..openai_api.chat_completions import Completion, Messages
    from ..transfers.progress import OnProgress

LONGEST_COMING_UP = 3600.0
"""Seconds to wait for an endpoint to answer, where the workflow has no timeout."""


@dataclass(frozen=True, slots=True)
class Services:
    """What a workflow is built on; resources are created when they are needed."""

    job_backend: JobBackend
    endpoint_backend: EndpointBackend
    datasets: Callable[[], DatasetStore]
    jobs: Callable[[], AsyncJobs]
    endpoints: Callable[[], AsyncEndpoints]
    chat: Callable[[], AsyncChat]


@dataclass(slots=True)
class WorkflowRun:
    """A workflow run, and its results so far."""

    tools: Services
    steps: Steps
    elapsed: Elapsed
    timeout: float | None
    spec: JobSpec
    data: list[TrainingFiles] = field(default_factory=list["TrainingFiles"])
    resolved: ResolvedJob | None = None
    request: PreparedJob | None = None
    names: JobNames = field(default_factory=lambda: JobNames("", ""))
    job: Job = field(default_factory=Job)
    endpoint: Endpoint | None = None
    prompt: str | None = None
    reply: Completion | None = None

    async def check(self) -> None:
        """Check that the job can be created: its names and numbers, its model, its files."""
        with self.steps.step("check") as done:
            jobs = self.tools.job_backend
            self.spec = await jobs.pinned(self.spec)
            self.resolved = await jobs.resolve(self.spec)
            await self._check_fit(self.resolved)
            self.data = [TrainingFiles(jobs.wire, jobs.reference(self.spec.training_data), "training")]
            if self.spec.validation_data is not None:
                self.data.append(TrainingFiles(jobs.wire, jobs.reference(self.spec.validation_data), "validation"))
            for each in self.data:
                if each.file is not None:
                    await each.check(self.tools.datasets(), self.resolved.rules)
            done("; ".join(words for each in self.data if (words := each.checked)) or "no local file")

    async def _check_fit(self, resolved: ResolvedJob) -> None:
        """Raise DoesNotFit or NotFound for compute on which a job cannot run, unless the job is there already."""
        jobs = self.tools.job_backend
        try:
            await jobs.check_fit(resolved)
        except (DoesNotFit, NotFound):
            planned = await jobs.plan(self.spec)
            names = names_of(base_of(self.spec), planned.trained, jobs.scope)
            own = await job_of_own_name(jobs, planned, self.spec)
            if (await newest_attempt(jobs, names, again=False, own=own))[1] is None:
                raise

    async def upload(self, on_progress: OnProgress | None) -> None:
        """Upload the files, each as it was checked."""
        with self.steps.step("upload") as done:
            for each in self.data:
                if each.file is not None:
                    self.steps.progress("upload", each.file.name)
                    await each.upload(self.tools.datasets(), on_progress)
            sets = [each.uploaded for each in self.data if each.uploaded]
            words = ", ".join(f"{each.name}:{each.version}" for each in sets) or "no local file"
            done(words, already=not any(each.bytes_sent for each in sets))

    async def create(self, *, again: bool) -> None:
        """Create the job, unless it exists."""
        assert self.resolved is not None
        jobs = self.tools.job_backend
        with self.steps.step("create") as done:
            request = self.resolved.prepared(self.data[0].data, self.data[1].data if self.data[1:] else None)
            self.names = names_of(base_of(self.spec), request.trained, jobs.scope)
            own = await job_of_own_name(jobs, request, self.spec)
            name, existing = await newest_attempt(jobs, self.names, again=again, own=own)
            self.request = request
            request = named(request, self.spec, name, continues=existing is not None and is_continued(existing))
            if existing is None:
                self.steps.progress("create", name, job=Job(name=name))  # first: who interrupts it knows what to cancel
                self.job = await jobs.put(request, may_exist=False)
                done(self.job.name, job=self.job)
                return
            refuse_other_settings(request, existing)
            self.job = existing
            done(f"{name}: {existing.status.value}", already=True, job=existing)

    async def train(self, max_queue: float | None, max_evictions: int = MOST_EVICTIONS) -> None:
        """Wait until the job has completed; continue from the last checkpoint of one that is evicted."""
        with self.steps.step("train") as done:
            already, evictions = self.job.phase == JobPhase.DONE, 0
            if already:
                self.job = await self.tools.job_backend.with_model(self.job)
            while self.job.phase != JobPhase.DONE:
                try:
                    self.job = await self.tools.jobs().wait(
                        self.job.name,
                        timeout=self._left(),
                        max_queue=max_queue,
                        on_update=self._saw_job,
                        on_outage=self._saw_outage,
                    )
                except JobEvicted as evicted:
                    if evictions >= max_evictions:
                        raise
                    evictions += 1
                    await self._go_on_after(evicted)
            done(f"{self.job.output_model or 'no model'}", already=already, job=self.job)

    async def _go_on_after(self, evicted: JobEvicted) -> None:
        """Create the job that continues from the last checkpoint of one that was evicted, unless it exists."""
        assert self.request is not None
        jobs = self.tools.job_backend
        name, existing = await newest_attempt(jobs, self.names, again=True, own=evicted.job)
        request = named(self.request, self.spec, name, continues=existing is None or is_continued(existing))
        text = f"{evicted.job.name} lost its low-priority nodes; going on from its last checkpoint as {name}"
        self.steps.progress("train", text, job=existing or Job(name=name))
        if existing is None:
            existing = await jobs.put(request, may_exist=False)
        else:
            refuse_other_settings(request, existing)
        self.job = existing

    async def deploy(
        self,
        endpoint_name: str | None,
        *,
        sku: str | None = None,
        capacity: int | None = None,
        model_format: str | None = None,
        instance_type: str | None = None,
        instance_count: int | None = None,
    ) -> None:
        """Create an endpoint for the job's model, unless one serves it; with `instance_type` an online one."""
        with self.steps.step("deploy") as done:
            model, name = self.job.output_model or "", endpoint_name or self.names.endpoint(self.job.name)
            self.steps.progress("deploy", name, endpoint=Endpoint(name=name))
            there = await self.tools.endpoint_backend.find(name)
            if there is None and (other := await self.tools.endpoint_backend.serving(model)) is not None:
                self.endpoint = other  # one deployment of a tuned model is all that the service allows
            else:
                self.endpoint = await self.tools.endpoints().create(
                    model=model,
                    name=name,
                    tags={TAG: self.job.name},
                    sku=sku,
                    capacity=capacity,
                    model_format=model_format,
                    allow_unlisted=self.spec.allow_unlisted,
                    instance_type=instance_type,
                    instance_count=instance_count,
                    **self._until_it_answers(),
                )
                other = there
            done(self.endpoint.name, already=other is not None, endpoint=self.endpoint)

    def _until_it_answers(self) -> dict[str, Any]:
        """Return the time limit and the callback for the creation of an online endpoint, which ends with an answer."""

        def saw(endpoint: Endpoint) -> None:
            self.steps.progress("deploy", f"{endpoint.provisioning_state}, {endpoint.state}", endpoint=endpoint)

        left = self._left()
        return {"on_update": saw} | ({} if left is None else {"timeout": left})

    async def answer(self) -> None:
        """Wait until the endpoint answers a chat call."""
        assert self.endpoint is not None
        with self.steps.step("answer") as done:
            already, left = self.endpoint.is_online, self._left()
            self.endpoint = await self.tools.endpoints().wait(
                self.endpoint,
                timeout=LONGEST_COMING_UP if left is None else left,
                on_update=self._saw_endpoint,
            )
            done(self.endpoint.scoring_url, already=already, endpoint=self.endpoint)

    async def ask(self, prompt: str | None) -> None:
        """Ask the endpoint a question, and keep the answer."""
        assert self.endpoint is not None
        assert self.resolved is not None
        with self.steps.step("chat") as done:
            messages, facts = await self._question(prompt), self.resolved.facts
            self.prompt = messages if isinstance(messages, str) else question_in(messages)
            merge = None if facts is None else not facts.template.renders("system")
            self.reply = await self.tools.chat().complete(self.endpoint, messages, merge_system=merge)
            done(self.reply.text)

    def result(self) -> WorkflowResult:
        """Return the results."""
        training, validation = self.data[0], self.data[1] if self.data[1:] else None
        return WorkflowResult(
            training_report=training.report,
            validation_report=validation.report if validation else None,
            training_data=training.data,
            validation_data=validation.data if validation else None,
            job=self.job,
            endpoint=self.endpoint,
            prompt=self.prompt,
            reply=self.reply,
            made=tuple(self.steps.made),
        )

    async def _question(self, prompt: str | None) -> Messages:
        files = [each.file for each in reversed(self.data) if each.file is not None]
        if prompt is not None or not files:
            return GREETING if prompt is None else prompt
        return await self.tools.job_backend.wire.call(partial(first_question, files[0]))

    def _left(self) -> float | None:
        """Return the remaining seconds of the timeout."""
        wire = self.tools.job_backend.wire
        self.elapsed.advance(wire.now(), wire.clock())
        return None if self.timeout is None else max(self.timeout - self.elapsed.seconds, 0.0)

    def _saw_job(self, job: Job) -> None:
        self.job = job
        self.steps.progress("train", job.status.value, job=job)

    def _saw_outage(self, outage: Outage) -> None:
        status = self.job.status.value
        if outage.error is None:
            self.steps.progress("train", f"{status}; the service answers again after {outage.seconds:.0f} s")
            return
        silent = f"no answer for {outage.seconds:.0f} s, retrying in {outage.retry_in:.0f} s"
        self.steps.progress("train", f"{status}; {silent}: {outage.error}")

    def _saw_endpoint(self, endpoint: Endpoint) -> None:
        self.steps.progress("answer", f"{endpoint.provisioning_state}, {endpoint.state}", endpoint=endpoint)
