"""What happens during a Foundry job: events, checkpoints and their copies, pause and resume."""

import math
import uuid

from starlette.responses import Response

from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, is_array, is_object, number, text
from mock_server.core.scope import NAMESPACE
from mock_server.http.routing import Call, json_response
from mock_server.resources import foundry_jobs, foundry_models_made, foundry_results
from mock_server.resources.foundry_errors import invalid_payload, not_found, unexpected_state
from mock_server.resources.foundry_jobs import Job
from mock_server.surfaces.foundry.bases import Offer, is_stable, json_body, offers, resource_not_found
from mock_server.surfaces.foundry.cursors import page
from mock_server.surfaces.foundry.job_object import to_json
from mock_server.surfaces.foundry.jobs import JOBS, find
from mock_server.training import foundry_course, foundry_events, foundry_measures
from mock_server.training.foundry_events import Event
from mock_server.training.foundry_measures import Checkpoint

EVENTS_PAGE, CHECKPOINTS_PAGE = 20, 10
ENQUEUED = Event("enqueued", -math.inf, "Job enqueued. Waiting for jobs ahead to complete.")
COPY_HEADER = "aoai-copy-ft-checkpoints"
COPY_KIND = "foundry-copy"
COPYING = 120.0  # seconds of the published run
CANNOT_PAUSE = "gpt-5"


async def list_events(call: Call) -> Response:
    """List a job's events, newest first."""
    job = find(call)
    events = [ENQUEUED]
    if job.elapsed is not None:
        results, validation = foundry_results.file_id(job.id), "validation_file" in job.document["shown"]
        events += foundry_events.events(job.course, job.elapsed, results, validation=validation)

    def show(event: Event) -> Json:
        seconds = job.created if event is ENQUEUED else (job.begun or job.created) + event.seconds
        return {
            "object": "fine_tuning.job.event",
            "id": _event_id(job, event),
            "created_at": int(seconds),
            "level": event.level,
            "message": event.message,
            # Assumption: The events of a job have no `data`.
            # Shown wrong by: An event with `data`.
            # Verified by: newest tuning job, tuning job results
            # If wrong: The mock server's events lack what Azure's have; the client does not read it.
            "type": event.kind,
        }

    newest_first = events[::-1]
    return json_response(
        page(call, newest_first, name=lambda event: _event_id(job, event), show=show, limit=EVENTS_PAGE)
    )


async def list_checkpoints(call: Call) -> Response:
    """List a job's checkpoints, newest first."""
    job = find(call)

    def show(checkpoint: Checkpoint) -> Json:
        made = foundry_models_made.find(call.world, _checkpoint_id(job, checkpoint))
        measured = foundry_measures.measures(job.course, checkpoint.step)
        return {
            "id": _checkpoint_id(job, checkpoint),
            "object": "fine_tuning.job.checkpoint",
            "created_at": int((job.begun or job.created) + checkpoint.seconds),
            "fine_tuned_model_checkpoint": made.name if made else "",
            "fine_tuning_job_id": job.id,
            "step_number": checkpoint.step,
            "metrics": {name: value for name, value in measured.items() if math.isfinite(value)},
        }

    found = foundry_jobs.checkpoints(job)
    return json_response(
        page(call, found, name=lambda one: _checkpoint_id(job, one), show=show, limit=CHECKPOINTS_PAGE)
    )


async def copy_checkpoint(call: Call) -> Response:
    """Copy a checkpoint to another account; the copy shows up in no list of this one."""
    if not call.headers.get(COPY_HEADER):
        raise invalid_payload(f"The header {COPY_HEADER}: preview is required.", COPY_HEADER)
    body = await json_body(call)
    for name in ("destinationResourceId", "region"):
        if not text(body, name):
            raise invalid_payload(f"{name} is required.", name)
    job, checkpoint = _find_checkpoint(call)
    name = _checkpoint_id(job, checkpoint)
    stored = (call.world.store.get(COPY_KIND, "", name) or {}).get("copies")
    copy = {"destination": body["destinationResourceId"], "region": body["region"], "started": call.now}
    copies = [*(stored if is_array(stored) else []), copy]
    call.world.store.put(COPY_KIND, "", name, {"copies": copies[-100:]})
    return json_response(_copies(call, job, checkpoint))


async def copy_status(call: Call) -> Response:
    """Return how far the copies of a checkpoint are."""
    return json_response(_copies(call, *_find_checkpoint(call)))


async def pause(call: Call) -> Response:
    """Pause a running job that has done at least one step."""
    job = _find_new(call)
    if text(job.document, "base").startswith(CANNOT_PAUSE + "-"):
        raise invalid_payload(f"Jobs of {text(job.document, 'base')} cannot be paused.")
    if job.status != "running" or not foundry_course.steps_done(job.course, job.elapsed or 0.0):
        message = f"The job {job.id} has the status {job.status}: only a running job with a step done can be paused."
        raise unexpected_state(message)
    return json_response(to_json(foundry_jobs.pause(call.world, job)))


async def resume(call: Call) -> Response:
    """Resume a paused job."""
    job = _find_new(call)
    if job.status not in ("pausing", "paused") or not job.course.pauses:
        raise unexpected_state(f"The job {job.id} has the status {job.status}: only a paused job can be resumed.")
    return json_response(to_json(foundry_jobs.resume(call.world, job)))


def _find_new(call: Call) -> Job:
    """Return the job in the path; the stable dated version does not know this operation."""
    if is_stable(call):
        raise resource_not_found()
    return find(call)


def _find_checkpoint(call: Call) -> tuple[Job, Checkpoint]:
    job, name = find(call), call.params["checkpoint"]
    for checkpoint in foundry_jobs.checkpoints(job):
        if _checkpoint_id(job, checkpoint) == name:
            return job, checkpoint
    raise not_found("FineTuningJobCheckpoint", name)


def _copies(call: Call, job: Job, checkpoint: Checkpoint) -> Json:
    stored = (call.world.store.get(COPY_KIND, "", _checkpoint_id(job, checkpoint)) or {}).get("copies")
    if not is_array(stored):
        raise ServiceError(404, "notFound", "This checkpoint has not been copied.")
    made = foundry_models_made.find(call.world, _checkpoint_id(job, checkpoint))
    done = job.course.scaled(COPYING)
    return {
        "checkpointedModelName": made.name if made else "",
        "fineTuningJobId": job.id,
        "copiedAccountDetails": [
            {
                "destinationResourceId": text(copy, "destination"),
                "region": text(copy, "region"),
                "status": "InProgress" if call.now < (number(copy.get("started")) or 0.0) + done else "Completed",
            }
            for copy in stored
            if is_object(copy)
        ],
    }


def _checkpoint_id(job: Job, checkpoint: Checkpoint) -> str:
    return foundry_models_made.id_of_checkpoint(job.id, checkpoint.step)


def _event_id(job: Job, event: Event) -> str:
    return f"ftevent-{uuid.uuid5(NAMESPACE, f'{event.key} of {job.id}').hex}"


ONE = JOBS + "/{job}"
OFFERS: tuple[Offer, ...] = (
    *offers("foundry.jobs.events", "GET", ONE + "/events", list_events),
    *offers("foundry.jobs.pause", "POST", ONE + "/pause", pause),
    *offers("foundry.jobs.resume", "POST", ONE + "/resume", resume),
    *offers("foundry.checkpoints.list", "GET", ONE + "/checkpoints", list_checkpoints),
    *offers("foundry.checkpoints.copy", "POST", ONE + "/checkpoints/{checkpoint}/copy", copy_checkpoint, on="AB"),
    *offers("foundry.checkpoints.copy_status", "GET", ONE + "/checkpoints/{checkpoint}/copy", copy_status, on="AB"),
)
