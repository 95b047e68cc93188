"""Creating a job once, though the service makes a job of every request: after doubt, the list of jobs decides.

A request that creates a job has no idempotency key, and its URL no name. So each carries the job's name and the digest
of what is trained in its metadata, and whenever its outcome is unknown the jobs are listed before anything is repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TypeVar

from ..azure.arm import CREATE_ATTEMPTS
from ..core.errors import (
    Conflict,
    CredentialError,
    MaasError,
    ReplyLost,
    ServiceError,
    ServiceUnavailable,
    TransportError,
    UnexpectedReply,
)
from ..core.json_fields import text
from ..core.timestamps import parse_timestamp
from ..http.error_responses import with_budget_note
from ..http.polling import retry_after_of
from ..http.retry import LONGEST_WAIT, NON_IDEMPOTENT
from ..http.retry_budget import RETRY_AFTER_TIMEOUT
from .connection import FoundryConnection
from .job_directory import JOBS, JobDirectory, path_of
from .job_reading import FoundryJob
from .job_request import FoundryJobRequest

logger = logging.getLogger("maas_client")

# Assumption: A job is in the list within ten seconds of its creation.
# Shown wrong by: A list without the job that was created, later than that.
# Verified by: create tuning job
# If wrong: After a lost answer a second job is created; one of the two is canceled if both are seen.
LOOKS = (2.0, 8.0)
"""Seconds before each look at the list: a request whose response was lost may still be in progress."""

RECENT = 3600.0
"""Seconds: a job that is younger may be the one in doubt. Clocks differ, so it is more than a request takes."""

E = TypeVar("E", bound=MaasError)


async def create_job(connection: FoundryConnection, directory: JobDirectory, request: FoundryJobRequest) -> FoundryJob:
    """Create a job; after doubt return the one of this name and content that the list has, or repeat the request.

    Raises:
        ReplyLost, ServiceError: the job could not be created, or it is unknown whether it was. Then the message says
            so, and nothing was repeated.
    """
    body = request.to_document()
    attempts = 1 if connection.channel.options.max_retries == 0 else CREATE_ATTEMPTS
    for attempt in range(1, attempts + 1):
        began = connection.wire.now()
        try:
            document, reply = await connection.request("POST", JOBS, body, repeatable=False, policy=NON_IDEMPOTENT)
            if text(document, "id"):
                directory.remember(request.name, document)
                job = FoundryJob.read(document)
                return job if attempt == 1 else await _without_twin(connection, directory, request, job)
            raise UnexpectedReply(f"POST {JOBS}", status=reply.status, detail="the response names no job")
        except (ReplyLost, ServiceUnavailable, Conflict, UnexpectedReply) as doubt:
            if (found := await _look(connection, directory, request, doubt, since=began - RECENT)) is not None:
                return found
            if attempt == attempts or isinstance(doubt, Conflict | UnexpectedReply):
                raise
            if not await connection.channel.budget.take(RETRY_AFTER_TIMEOUT):
                raise with_budget_note(doubt) from None
            logger.info("job %r was not created; sent again after: %s", request.name, type(doubt).__name__)
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _without_twin(
    connection: FoundryConnection, directory: JobDirectory, request: FoundryJobRequest, job: FoundryJob
) -> FoundryJob:
    """Return the job that a repeated request made, or the first request's, if that came through after all.

    The other one is canceled then, before it trains; what cannot be read or canceled is left as it is, with a warning.
    """
    try:
        twins = [each async for each in directory.all() if is_own(each, request) and each.id != job.id]
        for first in twins:
            await connection.request("POST", path_of(job.id, "cancel"), repeatable=True)
            directory.remember(request.name, first.raw)
            logger.warning("job %r was made twice; %s was canceled, and %s continues", request.name, job.id, first.id)
            return first
    except (TransportError, ServiceError, CredentialError) as error:
        logger.warning("whether job %r was made twice could not be found out: %s", request.name, error)
    return job


async def _look(
    connection: FoundryConnection,
    directory: JobDirectory,
    request: FoundryJobRequest,
    doubt: ReplyLost | ServiceError,
    *,
    since: float,
) -> FoundryJob | None:
    """Return the job that a request in doubt has made, or None if it certainly made none; raise the doubt otherwise."""
    asked = retry_after_of(doubt) or 0.0
    if asked > LONGEST_WAIT:
        raise _unresolved(doubt, request, "the service asks for a longer pause than a call waits")
    for pause in LOOKS:
        await connection.wire.sleep(max(pause, asked))
        try:
            jobs = [job async for job in directory.all()]
        except (TransportError, ServiceError, CredentialError) as unread:
            raise _unresolved(doubt, request, "the jobs cannot be listed") from unread
        if (found := own_job(jobs, request)) is not None:
            return found
        if unnamed := unnamed_jobs(jobs, request, since=since):
            raise _unresolved(doubt, request, f"the job {unnamed[0].id}, which has no name, may be the one")
    return None


def own_job(jobs: Sequence[FoundryJob], request: FoundryJobRequest) -> FoundryJob | None:
    """Return the newest job of a request's name and content, or None."""
    return next((job for job in jobs if is_own(job, request)), None)


def is_own(job: FoundryJob, request: FoundryJobRequest) -> bool:
    """Return whether a job is a request's, by the name and the content in its metadata."""
    return job.name == request.name and job.fingerprint == request.fingerprint


def unnamed_jobs(jobs: Sequence[FoundryJob], request: FoundryJobRequest, *, since: float) -> list[FoundryJob]:
    """Return the jobs that may be a request's without saying so: of its model and file, young, and without metadata."""
    return [
        job
        for job in jobs
        if not job.fingerprint
        and job.name == job.id
        and job.training_data == request.training_data
        and job.model.lower() == request.model_id.lower()
        and _is_younger(job, since)
    ]


def _is_younger(job: FoundryJob, since: float) -> bool:
    created = parse_timestamp(job.created_at)
    return created is None or created.timestamp() >= since


def _unresolved(doubt: E, request: FoundryJobRequest, why: str) -> E:
    """Return the error of a request that was not repeated, with why, and what to do."""
    todo = (
        f"It is unknown whether the job was created: {why}. Nothing was repeated. Look with `maas jobs list`; the "
        f"job's name is {request.name}, and once it is listed, the same call with this name finds it."
    )
    doubt.args = (f"{doubt}. {todo}",)
    return doubt
