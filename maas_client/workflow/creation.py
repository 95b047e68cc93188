"""Creating a job once: the same job is found again, whichever command or process created it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import Conflict, InvalidInput
from ..core.plain_values import PlainValue
from .eviction import continued, is_continued
from .lookup import newest_attempt
from .naming import base_of, names_of

if TYPE_CHECKING:
    from ..jobs.backend import JobBackend, PreparedJob
    from ..jobs.job import Job
    from ..jobs.spec import JobSpec
    from ..transfers.progress import OnProgress


@dataclass(frozen=True, slots=True)
class CreatedJob(PlainValue):
    """A job, and whether it existed already."""

    job: Job
    already: bool = False


async def create_once(jobs: JobBackend, spec: JobSpec, on_progress: OnProgress | None) -> CreatedJob:
    """Create a job, unless one of these settings exists under its own name or a name that a workflow gives.

    Raises Conflict if a job of one of these names has other settings.
    """
    request = await jobs.prepare(await jobs.pinned(spec), on_progress=on_progress)
    own = None if spec.name is None else await jobs.find(spec.name)
    if own is not None:
        refuse_other_settings(named(request, spec, own.name), own)
    try:
        names = names_of(base_of(spec), request.trained, jobs.scope)
        name, found = await newest_attempt(jobs, names, again=False, own=own)
    except InvalidInput:  # the name is too long to be followed by a digest, so no workflow has such a job
        name, found = spec.name or "", own
    if found is not None:
        refuse_other_settings(named(request, spec, found.name, continues=is_continued(found)), found)
        return CreatedJob(found, already=True)
    return CreatedJob(await jobs.put(named(request, spec, spec.name or name), may_exist=False))


async def job_of_own_name(jobs: JobBackend, request: PreparedJob, spec: JobSpec) -> Job | None:
    """Return the job that `create_once` created under the spec's own name; None without one of the same settings."""
    if spec.name is None or (job := await jobs.find(spec.name)) is None:
        return None
    return None if named(request, spec, spec.name).differences(job) else job


def named(request: PreparedJob, spec: JobSpec, name: str, *, continues: bool = False) -> PreparedJob:
    """Return the request under a name, with the output that belongs to it.

    A job that `continues` one that was evicted begins at its last checkpoint.
    """
    return request.variant(
        name=name,
        output_name=spec.output_name or f"{name}-model",
        hyperparameters=continued(request.hyperparameters) if continues else None,
    )


def refuse_other_settings(request: PreparedJob, existing: Job) -> None:
    """Raise Conflict if an existing job of the request's name has other settings, which the message lists."""
    if others := request.differences(existing):
        raise Conflict(
            f"create job {request.name!r}",
            status=409,
            detail=f"a job of this name has other settings: {'; '.join(others)}",
            hint="Use the same settings, or another name.",
        )
