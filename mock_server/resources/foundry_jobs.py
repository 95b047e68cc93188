"""Foundry's jobs as stored, their state at a given time, and the models that they made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mock_server.core.json_values import Json, child, number, text
from mock_server.resources import foundry_models_made, foundry_results
from mock_server.resources.foundry_errors import not_found
from mock_server.resources.foundry_models_made import TunedModel
from mock_server.state.world import World
from mock_server.training import foundry_course, foundry_measures
from mock_server.training.foundry_course import FINAL, Course
from mock_server.training.foundry_measures import Checkpoint
from mock_server.training.foundry_models import DEVELOPER
from mock_server.training.foundry_places import Places

KIND = "foundry-job"
MAX_JOBS, MAX_QUEUED = 100, 20
AT_ONCE, DEVELOPER_AT_ONCE = 3, 5
"""How many jobs run at once, and how many of the developer tier; the others wait."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job at a given time; `begun` is when it got a place among the running ones, None while it waits for one."""

    id: str
    document: Json
    course: Course
    begun: float | None
    now: float

    @property
    def created(self) -> float:
        """Return when it was created."""
        return number(self.document.get("created")) or 0.0

    @property
    def elapsed(self) -> float | None:
        """Return the seconds since it got its place."""
        return None if self.begun is None else self.now - self.begun

    @property
    def status(self) -> str:
        """Return its status."""
        return foundry_course.status_at(self.course, self.elapsed)

    @property
    def is_final(self) -> bool:
        """Return whether it has ended."""
        return self.status in FINAL

    @property
    def finished(self) -> float | None:
        """Return when it ended, or None."""
        if not self.is_final:
            return None
        canceled = number(self.document.get("canceled"))
        if self.status == "cancelled" and canceled is not None:
            return canceled
        return (self.begun or self.created) + foundry_course.finished_at(self.course)


def all_jobs(world: World, now: float) -> list[Job]:
    """Return the jobs, newest first, after registering what those that ended since have made."""
    stored = list(world.store.all(KIND, ""))
    places = {True: Places(DEVELOPER_AT_ONCE), False: Places(AT_ONCE)}
    jobs = [_place(world, job_id, document, now, places) for job_id, document in reversed(stored)]
    return jobs[::-1]


def find(world: World, job_id: str, now: float) -> Job | None:
    """Return one job, or None."""
    return next((one for one in all_jobs(world, now) if one.id == job_id), None)


def get(world: World, job_id: str, now: float) -> Job:
    """Return one job; raises the service's 404 if there is none."""
    job = find(world, job_id, now)
    if job is None:
        raise not_found("FineTuningJob", job_id)
    return job


def save(world: World, job: Job, **changes: object) -> Job:
    """Store a job with changed members of its document; returns it as it is now."""
    document = {**job.document, **changes}
    world.store.put(KIND, "", job.id, document)
    return get(world, job.id, job.now)


def cancel(world: World, job: Job) -> Job:
    """Cancel a job, at once."""
    canceled = job.elapsed if job.elapsed is not None else 0.0
    course = replace(job.course, canceled=canceled)
    return save(world, job, course=foundry_course.course_to_json(course), canceled=job.now)


def fail(world: World, job: Job, reason: str) -> Job:
    """Let a job fail now; its losses until now stay."""
    plan = replace(job.course.plan, failure=reason, failed_at=job.elapsed or 0.0)
    course = replace(job.course, plan=plan, stage="service", code="internalFailure")
    return save(
        world, job, course=foundry_course.course_to_json(course), begun=job.now if job.begun is None else job.begun
    )


def pause(world: World, job: Job) -> Job:
    """Pause a running job."""
    return _with_pauses(world, job, [*job.course.pauses, (job.elapsed or 0.0, None)])


def resume(world: World, job: Job) -> Job:
    """Resume a job that is paused or being paused."""
    *earlier, (begin, _) = job.course.pauses
    return _with_pauses(world, job, [*earlier, (begin, job.elapsed or 0.0)])


def _with_pauses(world: World, job: Job, pauses: Sequence[tuple[float, float | None]]) -> Job:
    course = replace(job.course, pauses=tuple(pauses))
    return save(world, job, course=foundry_course.course_to_json(course))


def delete(world: World, job: Job) -> None:
    """Delete a job; the models and files that it made stay."""
    world.store.delete(KIND, "", job.id)


def tuned_model(world: World, name: str) -> TunedModel | None:
    """Return the model that a job has made, by its name, its checkpoint's name or id; None if there is none.

    A deployment's `properties.model.name` is such a name.
    """
    all_jobs(world, world.now(""))
    return foundry_models_made.find(world, name)


def tuned_models(world: World) -> Sequence[TunedModel]:
    """Return the models that jobs have made, newest first, without those of checkpoints before the last."""
    all_jobs(world, world.now(""))
    return foundry_models_made.all_final(world)


def _place(world: World, job_id: str, document: Json, now: float, places: Mapping[bool, Places]) -> Job:
    """Return a job with the time at which it got a place; called for all jobs, oldest first.

    A time that has passed is stored, so that deleting an older job does not change what happened.
    """
    course = foundry_course.course_from_document(document)
    created, canceled = number(document.get("created")) or 0.0, number(document.get("canceled"))
    own = places[text(child(document, "shown"), "trainingType") == DEVELOPER]
    begun = number(document.get("begun"))
    if begun is None:
        begun = own.first_free(created)
        if canceled is not None and canceled <= begun:
            return Job(job_id, document, course, None, now)
        if begun <= now:
            document = {**document, "begun": begun}
            world.store.put(KIND, "", job_id, document)
    own.add(begun, course)
    job = Job(job_id, document, course, begun if begun <= now else None, now)
    return _settle(world, job)


def _settle(world: World, job: Job) -> Job:
    """Register what a job has made until now: its results file, its checkpoints and its model; each once."""
    if job.begun is None or job.elapsed is None or job.document.get("settled") is True:
        return job
    document = dict(job.document)
    if not document.get("results") and foundry_results.exists(job.course, job.elapsed):
        foundry_results.register(world, job.id, job.course, job.begun)
        document["results"] = True
    known: list[int] = document.get("checkpoints", [])
    new = [one for one in checkpoints(job) if one.step not in known or one.is_last]
    for checkpoint in new:
        foundry_models_made.register_checkpoint(world, job.id, document, checkpoint, job.begun)
    if new:
        document["checkpoints"] = sorted({*known, *(one.step for one in new)})
    if job.is_final:
        foundry_results.complete(world, job.id, job.course, job.now)
        if job.status == "succeeded":
            foundry_models_made.register(world, job.id, document, job.finished or job.now)
        document["settled"] = True
    if document == job.document:
        return job
    world.store.put(KIND, "", job.id, document)
    return replace(job, document=document)


def checkpoints(job: Job) -> list[Checkpoint]:
    """Return the checkpoints that a job has, the newest first."""
    return [] if job.elapsed is None else foundry_measures.checkpoints(job.course, job.elapsed)
