"""Foundry's fine-tuning jobs: create, list, get, cancel, delete."""

import base64
import uuid

from starlette.responses import Response

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import child, text
from mock_server.http.routing import Call, empty_response, json_response
from mock_server.resources import foundry_jobs, foundry_planning, foundry_submission
from mock_server.resources.foundry_errors import quota_exceeded, unexpected_state
from mock_server.resources.foundry_jobs import MAX_JOBS, MAX_QUEUED, Job
from mock_server.surfaces.foundry.bases import Offer, created, is_stable, json_body, offers
from mock_server.surfaces.foundry.cursors import page
from mock_server.surfaces.foundry.job_object import to_json

PAGE = 20


async def create(call: Call) -> Response:
    """Create a job; the same body again creates another one."""
    body = await json_body(call)
    submission = foundry_submission.parse(call.world, body, stable=is_stable(call))
    _check_quota(call)
    document = await foundry_planning.plan_document(call.world, submission)
    job_id = _new_id(passed_through=child(document, "course").get("passed_through") is True)
    call.world.store.put(foundry_jobs.KIND, "", job_id, document)
    return created(call, to_json(foundry_jobs.get(call.world, job_id, call.now)))


async def list_jobs(call: Call) -> Response:
    """List the jobs, newest first; `metadata[key]=value` keeps those that have this pair."""
    wanted = {key[9:-1]: value for key, value in call.query.items() if key.startswith("metadata[") and key[-1] == "]"}
    found = foundry_jobs.all_jobs(call.world, call.now)
    kept = [job for job in found if all(_has(job, key, value) for key, value in wanted.items())]
    return json_response(page(call, kept, name=lambda job: job.id, show=to_json, limit=PAGE))


async def get(call: Call) -> Response:
    """Return one job."""
    return json_response(to_json(find(call)))


async def cancel(call: Call) -> Response:
    """Cancel a job, at once; rejected for one that has ended."""
    job = find(call)
    if job.is_final:
        raise unexpected_state(f"The job {job.id} has the status {job.status} and cannot be cancelled.")
    return json_response(to_json(foundry_jobs.cancel(call.world, job)))


async def delete(call: Call) -> Response:
    """Delete a job that has ended."""
    job = find(call)
    if not job.is_final:
        raise ServiceError(409, "conflict", f"The job {job.id} has the status {job.status}: cancel it first.")
    foundry_jobs.delete(call.world, job)
    return empty_response(204)


def find(call: Call) -> Job:
    """Return the job in the path."""
    return foundry_jobs.get(call.world, call.params["job"], call.now)


def _new_id(*, passed_through: bool) -> str:
    """Return the id of a new job; OpenAI's platform uses letters of both cases."""
    if passed_through:
        return "ftjob-" + base64.b64encode(uuid.uuid4().bytes, b"Ab").decode().rstrip("=")[:24]
    return f"ftjob-{uuid.uuid4().hex}"


def _has(job: Job, key: str, value: str) -> bool:
    return text(child(child(job.document, "shown"), "metadata"), key, "\0") == value


def _check_quota(call: Call) -> None:
    """Reject a job beyond the limits of the resource; more than can run at once are queued instead."""
    jobs = foundry_jobs.all_jobs(call.world, call.now)
    rule = call.world.fault_rule
    if rule is not None and rule.job == "quota":
        raise quota_exceeded(rule.reason or "The resource has reached its limit of jobs.")
    if len(jobs) >= MAX_JOBS:
        raise quota_exceeded(f"The resource has reached its limit of {MAX_JOBS} jobs, finished ones included.")
    if sum(job.begun is None and not job.is_final for job in jobs) >= MAX_QUEUED:
        raise quota_exceeded(f"The resource has reached its limit of {MAX_QUEUED} queued jobs.")


JOBS = "/fine_tuning/jobs"
OFFERS: tuple[Offer, ...] = (
    *offers("foundry.jobs.create", "POST", JOBS, create),
    *offers("foundry.jobs.list", "GET", JOBS, list_jobs),
    *offers("foundry.jobs.get", "GET", JOBS + "/{job}", get),
    *offers("foundry.jobs.cancel", "POST", JOBS + "/{job}/cancel", cancel),
    *offers("foundry.jobs.delete", "DELETE", JOBS + "/{job}", delete, on="D"),
)
