"""The course of a Foundry job as a pure function of its plan and the time: status, stages, steps done, end.

The times are those of a published run of 3 Oct 2026 (microsoft-foundry/fine-tuning, `Demos/SFT_Bug_Detection`), scaled
to the seconds that the server's jobs take. Nothing here is stored or waits, so a restart changes nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from mock_server.core.json_values import Json, child, is_array, number, text
from mock_server.training import simulation
from mock_server.training.simulation import Plan

PREPROCESSING, PREPROCESSED, STARTED, IMPORTED, GPUS, TRAINING = 8.0, 9.0, 23.0, 40.0, 499.0, 676.0
FIRST_STEP, RESULTS, LAST_STEP, TRAINED, SAFETY, PASSED, END = 1188.0, 1209.0, 2046.0, 3010.0, 3026.0, 4558.0, 4560.0
"""When each stage begins, in seconds of the published run."""
DATA_FAILED, SERVICE_FAILED = 20.0, 1700.0
PAUSING, RESUMING = 60.0, 60.0
"""How long it takes to pause a job and to resume it, in seconds of the published run."""
FAILURES = {"data": DATA_FAILED, "service": SERVICE_FAILED, "model": PASSED}
"""When a job fails that fails in its data checks, in training, or in the safety evaluation of its model."""
FINAL = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Course:
    """What determines a job's progress; times are seconds since it was given a place among the running jobs."""

    plan: Plan
    method: str = "supervised"
    stage: str = ""  # where it fails, if the plan has a failure
    code: str = ""  # of the failure
    pauses: Sequence[tuple[float, float | None]] = field(default_factory=tuple)  # when paused, and when resumed
    canceled: float | None = None
    passed_through: bool = False  # served by OpenAI's platform, with its statuses
    bom: bool = False  # its results file begins with a byte order mark

    def scaled(self, published: float) -> float:
        """Return a duration of the published run in seconds of this job."""
        return published / END * self.plan.seconds

    @property
    def end(self) -> float:
        """Return when it ends in the published run's time, unless it is canceled."""
        return FAILURES[self.stage] if self.plan.failure and self.plan.failed_at is None else END

    @property
    def frozen(self) -> Sequence[tuple[float, float]]:
        """Return the times in which the job does not train, from the pause to the end of the resumption."""
        return [
            (begin, math.inf if resumed is None else resumed + self.scaled(RESUMING)) for begin, resumed in self.pauses
        ]


def status_at(course: Course, elapsed: float | None) -> str:
    """Return the status; `elapsed` is None for a job that waits for a place among the running ones."""
    if elapsed is None:
        waiting = "queued" if course.passed_through else "pending"
        return waiting if course.canceled is None else "cancelled"
    if course.canceled is not None and course.canceled <= min(elapsed, elapsed_at(course, course.end)):
        return "cancelled"
    if course.plan.failed_at is not None and elapsed >= course.plan.failed_at:
        return "failed"
    published = published_time(course, elapsed)
    if published >= course.end:
        return "failed" if course.plan.failure else "succeeded"
    for begin, resumed in course.pauses:
        if begin <= elapsed and (resumed is None or elapsed < resumed + course.scaled(RESUMING)):
            if resumed is not None and elapsed >= resumed:
                return "resuming"
            return "pausing" if elapsed < begin + course.scaled(PAUSING) else "paused"
    hold = course.plan.hold
    if hold is not None and _is_held(course, elapsed):
        return {"Queued": "queued", "Paused": "paused"}.get(hold.status, "running")
    if published >= STARTED:
        return "running"
    if not course.passed_through:
        return "pending"
    return "validating_files" if published < PREPROCESSED else "queued"


def published_time(course: Course, elapsed: float) -> float:
    """Return how far the job is, as a time of the published run; it stands still while the job is paused or held."""
    if not course.plan.seconds:
        return END
    active = _active(course, elapsed)
    hold = course.plan.hold
    if hold is not None and active > hold.share * course.plan.seconds:
        active = max(hold.share * course.plan.seconds, active - hold.seconds)
    return active / course.plan.seconds * END


def elapsed_at(course: Course, published: float) -> float:
    """Return when the job reaches a time of the published run; infinite if a pause without end is before it."""
    elapsed = course.scaled(published)
    hold = course.plan.hold
    if hold is not None and elapsed > hold.share * course.plan.seconds:
        elapsed += hold.seconds
    for begin, end in course.frozen:
        if elapsed > begin:
            elapsed += end - begin
    return elapsed


def finished_at(course: Course) -> float:
    """Return when the job ends, canceled or not; infinite while it is paused."""
    end = elapsed_at(course, course.end)
    return min(time for time in (end, course.canceled, course.plan.failed_at) if time is not None)


def steps_done(course: Course, elapsed: float) -> int:
    """Return how many steps are done by a time."""
    until = min(elapsed, finished_at(course))
    published = published_time(course, until)
    if published < FIRST_STEP:
        return 0
    share = min(1.0, (published - FIRST_STEP) / (LAST_STEP - FIRST_STEP))
    return min(course.plan.steps, 1 + int(share * (course.plan.steps - 1) + 1e-9))


def step_time(course: Course, step: int) -> float:
    """Return when a step is done, as a time of the published run."""
    return FIRST_STEP + (LAST_STEP - FIRST_STEP) * (step - 1) / max(1, course.plan.steps - 1)


def is_held(course: Course, elapsed: float, seconds: float) -> bool:
    """Return whether the job is in a pause without end, or held by a fault rule for at least some seconds."""
    paused = any(begin <= elapsed and resumed is None for begin, resumed in course.pauses)
    hold = course.plan.hold
    return paused or (hold is not None and hold.seconds >= seconds and _is_held(course, elapsed))


def course_to_json(course: Course) -> Json:
    """Return a course as JSON, for the store."""
    return {
        "plan": simulation.plan_to_json(course.plan),
        "method": course.method,
        "stage": course.stage,
        "code": course.code,
        "pauses": [list(pause) for pause in course.pauses],
        "canceled": course.canceled,
        "passed_through": course.passed_through,
        "bom": course.bom,
    }


def course_from_document(document: Json) -> Course:
    """Read a course from the store."""
    saved = child(document, "course")
    pauses: object = saved.get("pauses")
    return Course(
        plan=simulation.plan_from_document(saved),
        method=text(saved, "method", "supervised"),
        stage=text(saved, "stage"),
        code=text(saved, "code"),
        pauses=tuple((number(begin) or 0.0, number(end)) for begin, end in (pauses if is_array(pauses) else [])),
        canceled=number(saved.get("canceled")),
        passed_through=saved.get("passed_through") is True,
        bom=saved.get("bom") is True,
    )


def _active(course: Course, elapsed: float) -> float:
    return elapsed - sum(max(0.0, min(elapsed, end) - begin) for begin, end in course.frozen)


def _is_held(course: Course, elapsed: float) -> bool:
    hold = course.plan.hold
    return hold is not None and 0 <= _active(course, elapsed) - hold.share * course.plan.seconds < hold.seconds
