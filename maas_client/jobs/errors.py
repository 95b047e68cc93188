"""Jobs that did not complete, each with its last known state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.errors import MaasError
from ..core.redaction import redact

if TYPE_CHECKING:
    from .job import Job

_EVICTION = re.compile(r"preemption|pre-?empted", re.IGNORECASE)
"""In the code or the reason of a job whose low-priority nodes were taken away: `PreemptionError` on the wire."""


class JobError(MaasError):
    """A job that did not complete; `job` is its last known state."""

    def __init__(self, job: Job, message: str) -> None:
        self.job = job
        super().__init__(message)


class JobFailed(JobError):
    """The job failed; `code` and `reason` are the service's own, `log_tail` the end of its log, or its last events.

    Of a pipeline they are those of the step that failed first, whose name `step` is.
    """

    def __init__(
        self, job: Job, *, code: str = "", reason: str = "", log_tail: Sequence[str] = (), step: str = ""
    ) -> None:
        code, reason = redact(code), redact(reason)
        self.code, self.reason, self.log_tail = code, reason, tuple(redact(line) for line in log_tail)
        self.step = step
        text = ": ".join(part for part in (code, reason) if part) or "the service gave no reason"
        ended = text if text.endswith((".", "!", "?")) else f"{text}."
        see = f"`maas jobs {job.recorded_in} {job.name}` shows what it did."
        super().__init__(job, f"job {job.name!r} {self.how}{f' in step {step}' if step else ''}: {ended} {see}")

    how = "failed"
    """What became of the job, for the message."""


class JobEvicted(JobFailed):
    """The job failed because its low-priority nodes were taken away; another one can continue from its last checkpoint.

    `workflow.run` and `maas run` do so; elsewhere set the hyperparameter `resume_from_checkpoint`.
    """

    how = "was evicted"


def failure_of(job: Job, *, code: str, reason: str, log_tail: Sequence[str], step: str = "") -> JobFailed:
    """Return the error for a failed job: JobEvicted if its nodes were taken away."""
    is_evicted = _EVICTION.search(code) or _EVICTION.search(reason)
    return (JobEvicted if is_evicted else JobFailed)(job, code=code, reason=reason, log_tail=log_tail, step=step)


class JobCanceled(JobError):
    """The job was canceled."""

    def __init__(self, job: Job) -> None:
        super().__init__(job, f"job {job.name!r} was canceled")


class JobStalled(JobError):
    """The job is NotResponding or Paused and has been for longer than the wait allows."""
