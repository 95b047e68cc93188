"""The steps of a workflow, the updates about them, and their result."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue
from ..endpoints.endpoint import endpoint_fields
from ..jobs.errors import JobCanceled, JobFailed
from ..jobs.job import job_fields
from ..openai_api.chat_completions import reply_parts
from ..rendering.html import card, escaped

if TYPE_CHECKING:
    from ..datasets.check.report import CheckReport
    from ..datasets.dataset import Dataset
    from ..endpoints.endpoint import Endpoint
    from ..jobs.job import Job
    from ..openai_api.chat_completions import Completion

Step = Literal["check", "upload", "create", "train", "deploy", "answer", "chat"]

STEPS: tuple[Step, ...] = ("check", "upload", "create", "train", "deploy", "answer", "chat")
"""In their order: `create` makes the job, `train` follows it, `answer` waits until the endpoint does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUpdate(PlainValue):
    """An update about a step; `text` describes it.

    `already` means that the step was done by an earlier run.
    """

    step: Step
    state: Literal["began", "goes on", "done"]
    text: str = ""
    already: bool = False
    job: Job | None = None
    endpoint: Endpoint | None = None


OnStep = Callable[[StepUpdate], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowResult(PlainValue):
    """The result of a workflow.

    Reports are None for data that is in Azure already, endpoint and reply where the work ended before. `prompt` is what
    the endpoint was asked. `made` are the steps that had something to do; the others had been done before.
    """

    training_report: CheckReport | None
    validation_report: CheckReport | None
    training_data: Dataset | str
    validation_data: Dataset | str | None
    job: Job
    endpoint: Endpoint | None = None
    prompt: str | None = None
    reply: Completion | None = None
    made: tuple[Step, ...] = ()

    def _repr_html_(self) -> str:
        return workflow_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; of a report its totals."""
        return {
            "job": self.job.model_dump(mode="json"),
            "training": _data(self.training_data, self.training_report),
            "validation": None if self.validation_data is None else _data(self.validation_data, self.validation_report),
            "endpoint": self.endpoint.model_dump(mode="json") if self.endpoint else None,
            "prompt": self.prompt,
            "reply": self.reply.model_dump(mode="json") if self.reply else None,
            "made": list(self.made),
        }


def _data(data: Dataset | str, report: CheckReport | None) -> dict[str, Any]:
    found = {"rows": report.rows, "kept": report.kept, "dropped": report.dropped} if report else {}
    return {"id": data if isinstance(data, str) else data.id, **found}


class Done(Protocol):
    """Records that a step is done."""

    def __call__(
        self, text: str, *, already: bool = False, job: Job | None = None, endpoint: Endpoint | None = None
    ) -> None:
        """Describe the result; `already` if there was nothing to do."""
        ...


class Steps:
    """Reports the steps up to the last requested one, and records which of them had something to do."""

    def __init__(self, until: Step, on_step: OnStep | None) -> None:
        if until not in STEPS[2:]:
            raise InvalidInput(f"{until!r} is not a last step; choose one of {', '.join(STEPS[2:])}")
        self._until, self._on_step = until, on_step
        self.made: list[Step] = []

    def includes(self, step: Step) -> bool:
        """Whether a step is requested."""
        return STEPS.index(step) <= STEPS.index(self._until)

    def progress(self, step: Step, text: str, *, job: Job | None = None, endpoint: Endpoint | None = None) -> None:
        """Report a step's progress."""
        self._report(StepUpdate(step=step, state="goes on", text=text, job=job, endpoint=endpoint))

    @contextmanager
    def step(self, step: Step) -> Generator[Done]:
        """Report that a step begins; an error that ends it gets a note with the step and how to resume."""

        def done(text: str, *, already: bool = False, job: Job | None = None, endpoint: Endpoint | None = None) -> None:
            if not already:
                self.made.append(step)
            self._report(StepUpdate(step=step, state="done", text=text, already=already, job=job, endpoint=endpoint))

        try:
            self._report(StepUpdate(step=step, state="began"))
            yield done
        except GeneratorExit:
            raise
        except BaseException as error:
            error.add_note(f"this was step {STEPS.index(step) + 1} of {len(STEPS)}, {step}; {_going_on(error)}")
            raise

    def _report(self, update: StepUpdate) -> None:
        if self._on_step is not None:
            self._on_step(update)


def _going_on(error: BaseException) -> str:
    if isinstance(error, JobFailed | JobCanceled):
        return "the same call with `again=True` creates another job"
    return "the same call resumes there, and repeats nothing"


def workflow_html(result: WorkflowResult) -> str:
    """Draw the result of a workflow: the job, its endpoint, and the answer."""
    parts = [job_fields(result.job)]
    if result.endpoint is not None:
        parts += [f"<p>endpoint {escaped(result.endpoint.name)}</p>", endpoint_fields(result.endpoint)]
    if result.reply is not None:
        parts += [f"<p>{escaped(result.prompt)}</p>", *reply_parts(result.reply)]
    return card(f"job {result.job.name}", *parts)
