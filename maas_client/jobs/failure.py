"""Why a job failed, and the end of what it wrote, as an error."""

from __future__ import annotations

from collections import deque
from contextlib import suppress

from ..core.errors import MaasError
from .backend import JobBackend
from .errors import JobFailed, failure_of
from .job import Job
from .log_lines import LogPart

LOG_TAIL = 20
"""Lines of a log that an error has."""


async def read_failure(backend: JobBackend, job: Job) -> JobFailed:
    """Return the error for a failed job; a reason that cannot be had does not hide that it failed.

    Of a pipeline they are the reason and the log of the step that failed first: its own say only that one has.
    """
    code = reason = step = ""
    tail: deque[str] = deque(maxlen=LOG_TAIL)
    with suppress(MaasError):
        details = await backend.details(job.name)
        code, reason, step = details.error_code, details.error_message, details.failed_step
        part = LogPart((), 0, more=True)
        while part.more:
            part = await backend.activity(details.failed_run or job.name, part.offset)
            tail.extend(part.lines)
        tail.extend(filter(None, [part.rest]))
    return failure_of(job, code=code, reason=reason, log_tail=tuple(tail), step=step)
