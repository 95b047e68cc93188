"""A stored job, or a step of one, at a given time of its workspace's clock: its state, its metrics and its log."""

from dataclasses import dataclass

from mock_server.core.json_values import Json, child, iso, number, text
from mock_server.training import checkpoints, pipeline_course, simulation
from mock_server.training.pipeline_course import Course, Step
from mock_server.training.simulation import PHASES, Plan, Point, State

USER_ERROR = "UserError"
PHASE_MESSAGES = {
    "Preparing": "Preparing the environment.",
    "Queued": "Waiting in the queue.",
    "Running": "Starting the fine-tuning.",
    "Finalizing": "The activity completed successfully. Finalizing run...",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run is in a pipeline: it is a node, or a step of a node."""

    parent: str
    root: str
    step: Step | None = None  # None: a node


@dataclass(frozen=True, slots=True)
class Job:
    """A job at a given time of its workspace's clock; one with a course is a pipeline or a node of one."""

    name: str
    document: Json
    plan: Plan
    created: float
    elapsed: float
    canceled: float | None
    course: Course | None = None
    place: Place | None = None

    @property
    def state(self) -> State:
        """Return its state."""
        if self.course is not None:
            return pipeline_course.state_at(self.course, self.elapsed, self.canceled)
        return simulation.state_at(self.plan, self.elapsed, self.canceled)

    @property
    def properties(self) -> Json:
        """Return its properties as submitted."""
        return child(self.document, "properties")

    @property
    def failure(self) -> str | None:
        """Return why it fails; of a pipeline, only which of its steps."""
        return self.plan.failure if self.course is None else pipeline_course.failure_message(self.course)

    @property
    def failure_code(self) -> str:
        """Return the code of its failure."""
        is_evicted = self.course is None and self.plan.evicted is not None
        return checkpoints.PREEMPTION_ERROR if is_evicted else USER_ERROR

    @property
    def duration(self) -> float:
        """Return after how many seconds it ends if it is not canceled."""
        return simulation.duration(self.plan) if self.course is None else pipeline_course.duration(self.course)

    @property
    def stopping(self) -> float:
        """Return how many seconds its cancellation takes."""
        return self.plan.seconds * simulation.CANCEL_SHARE if self.course is None else self.course.stopping

    def moment(self, seconds: float | None) -> str | None:
        """Format a time given in seconds since the creation."""
        return None if seconds is None else iso(self.created + seconds)


def job_at(name: str, document: Json, now: float) -> Job:
    """Return a stored job at a given time."""
    created = number(document.get("created")) or 0.0
    canceled = number(document.get("canceled"))
    course = pipeline_course.from_json(child(document, "course")) if "course" in document else None
    return Job(name, document, simulation.plan_from_document(document), created, now - created, canceled, course)


def points(job: Job) -> list[Point]:
    """Return every metric value logged so far: only what trains logs any."""
    if job.course is not None or (job.place is not None and job.place.step and not job.place.step.is_training):
        return []
    return simulation.metrics(job.plan, job.elapsed, job.canceled)


def log_lines(job: Job) -> list[str]:
    """Return the log until now: what a user would read in `std_log.txt`."""
    stop = min(job.elapsed, job.state.ended if job.state.ended is not None else job.elapsed)
    if job.canceled is not None:
        stop = min(stop, job.canceled)
    if job.course is not None:
        return _pipeline_lines(job, job.course, stop)
    messages = PHASE_MESSAGES
    if job.place is not None and job.place.step and not job.place.step.is_training:
        messages = PHASE_MESSAGES | {"Running": f"Starting {job.place.step.name}."}
    written = [
        (simulation.seconds_until(job.plan, share), 0, messages[name])
        for name, share in PHASES
        if name in messages and simulation.seconds_until(job.plan, share) <= stop
    ]
    running = simulation.seconds_until(job.plan, PHASES[simulation.RUNNING][1])
    if running <= stop and messages is PHASE_MESSAGES:
        resumed = job.plan.resumed
        written += [(running, 1, f"Loading the checkpoint of step {resumed}.")] if resumed else []
        warning = text(job.document.get("result") or {}, "warning")
        written += [(running, 1, f"WARNING: {warning}")] if warning else []
        written.append(
            (running, 1, f"Training on {job.plan.rows} rows for {job.plan.epochs:g} epochs, {job.plan.steps} steps.")
        )
    written += [
        (point.seconds, 2, f"step {point.step}: {point.name} = {point.value:.6g}") for point in _until(job, stop)
    ]
    if job.plan.failure and job.state.status == "Failed":
        written.append((stop, 3, f"ERROR: {job.plan.failure}"))
    return [f"{job.moment(seconds)} {sentence}" for seconds, _, sentence in sorted(written, key=lambda line: line[:2])]


def _until(job: Job, stop: float) -> list[Point]:
    return [point for point in points(job) if point.seconds <= stop]


def _pipeline_lines(job: Job, course: Course, stop: float) -> list[str]:
    """Return what a pipeline logs: which steps it has begun and ended."""
    written: list[tuple[float, str]] = []
    for step in pipeline_course.begun(course, stop, job.canceled):
        written.append((step.begin, f"Step {step.name} was submitted to {step.target} as {step.run}."))
        if step.end <= stop:
            end = "failed" if step.plan.failure else "completed"
            written.append((step.end, f"Step {step.name} {end}."))
    if job.state.status == "Completed":
        written.append((stop, PHASE_MESSAGES["Finalizing"]))
    return [f"{job.moment(seconds)} {sentence}" for seconds, sentence in written]
