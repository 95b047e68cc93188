"""Which attempt at a job is the newest, and whether there is one."""

from __future__ import annotations

from itertools import count

from ..jobs.backend import JobBackend
from ..jobs.job import Job, JobStatus
from ..jobs.phase import JobPhase
from .naming import JobNames

_ENDED_BADLY = frozenset({JobPhase.FAILED, JobPhase.CANCELED})


def _has_ended_badly(job: Job) -> bool:
    """Return whether the same job may be tried again."""
    return job.phase in _ENDED_BADLY or job.status == JobStatus.CANCEL_REQUESTED


async def newest_attempt(
    jobs: JobBackend, names: JobNames, *, again: bool, own: Job | None = None
) -> tuple[str, Job | None]:
    """Return the name of the newest attempt and its job, None without one.

    With `again`, a failed or canceled attempt is followed by the next one. `own` is an attempt before the first, which
    has the name that was chosen for the job.
    """
    if own is not None and not _has_ended_badly(own):
        return own.name, own
    name = names.of(1)
    job = await jobs.find(name)
    if job is None and own is not None and not again:
        return own.name, own
    for number in count(2):
        if job is None or not _has_ended_badly(job):
            break
        later = names.of(number)
        found = await jobs.find(later)
        if found is None:
            return (later, None) if again else (name, job)
        name, job = later, found
    return name, job
