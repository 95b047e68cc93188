"""A pipeline job's progress as a pure function of its steps and the time since its creation.

The steps run one after the other. Each has a plan of its own, as a fine-tuning job has, from the time on at which it
begins; one that fails is the last. The pipeline's reason says which step failed, never why: that is in the step.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from mock_server.core.json_values import Json, child, is_array, is_object, number, text
from mock_server.training import simulation
from mock_server.training.simulation import CANCEL_SHARE, Plan, State

LEAD, TAIL = 0.05, 0.03  # shares of a pipeline's nominal duration before its first step and after its last
TRAINING_SHARE = 0.5
SERVERLESS = "serverless"
"""Where a step runs that has a machine of its own, without a cluster."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a pipeline: where it runs, from when on, and its plan."""

    name: str
    node: str  # of the pipeline job, whose component it is a step of
    run: str
    component: str
    title: str
    target: str  # a cluster's name, or SERVERLESS
    instance_type: str
    nodes: int
    begin: float  # seconds after the pipeline's creation
    plan: Plan
    is_training: bool = False
    gpus: int = 1  # that it uses of each machine
    gpu_memory: float = 0.0  # GiB that it needs of each of them

    @property
    def end(self) -> float:
        """Return when it ends if it is not canceled, in seconds after the pipeline's creation."""
        return self.begin + simulation.duration(self.plan)


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of a pipeline, or of one of its nodes, and how long it takes before the first and after the last."""

    steps: tuple[Step, ...]
    lead: float
    tail: float
    seconds: float  # its nominal duration

    @property
    def failed_step(self) -> Step | None:
        """Return the step that fails."""
        return next((step for step in self.steps if step.plan.failure), None)

    @property
    def training(self) -> Step | None:
        """Return the step that trains, if one before it has not failed."""
        return next((step for step in self.steps if step.is_training), None)

    @property
    def stopping(self) -> float:
        """Return how many seconds a cancellation takes."""
        return self.seconds * CANCEL_SHARE


def duration(course: Course) -> float:
    """Return after how many seconds a pipeline ends if it is not canceled."""
    failed = course.failed_step
    return failed.end if failed else _last_end(course) + course.tail


def state_at(course: Course, elapsed: float, canceled: float | None = None) -> State:
    """Return the state `elapsed` seconds after the creation, with cancellation requested after `canceled` seconds."""
    end = duration(course)
    if canceled is not None and canceled < end and elapsed >= canceled:
        started, stop = _started(course, canceled), canceled + course.stopping
        return State("Canceled", started, stop) if elapsed >= stop else State("CancelRequested", started)
    started = _started(course, elapsed)
    if elapsed >= end:
        return State("Failed" if course.failed_step else "Completed", started, end)
    if started is None:
        return State("NotStarted" if elapsed < course.lead / 2 else "Preparing")
    return State("Running" if elapsed < _last_end(course) else "Finalizing", started)


def failure_message(course: Course) -> str | None:
    """Return what a pipeline says of its failure: which of its nodes failed, in the service's words."""
    failed = course.failed_step
    if failed is None:
        return None
    return (
        f"Pipeline has failed child jobs. Failed nodes: /{failed.node}/{failed.name}. For more details and logs, "
        "please go to the job detail page and check the child jobs."
    )


def of_node(course: Course, node: str) -> Course | None:
    """Return the course of one node, from the beginning of its first step on; None if it never begins."""
    steps = [step for step in course.steps if step.node == node]
    if not steps:
        return None
    begin = steps[0].begin
    return Course(tuple(replace(step, begin=step.begin - begin) for step in steps), 0.0, 0.0, course.seconds)


def begun(course: Course, elapsed: float, canceled: float | None) -> list[Step]:
    """Return the steps that have begun: no step begins after a cancellation."""
    until = elapsed if canceled is None else min(elapsed, canceled)
    return [step for step in course.steps if step.begin <= until]


def failed_at(course: Course, elapsed: float, reason: str) -> Course:
    """Return a course in which the step that runs now, or the first, fails now."""
    steps = begun(course, elapsed, None) or [replace(course.steps[0], begin=elapsed)]
    last = steps[-1]
    plan = replace(last.plan, failure=reason, failed_at=elapsed - last.begin)
    return replace(course, steps=(*steps[:-1], replace(last, plan=plan)))


def step_seconds(total: float, count: int, *, is_training: bool) -> float:
    """Return the nominal duration of one step of a pipeline with one training step."""
    others = max(1, count - 1)
    return total * (TRAINING_SHARE if is_training else (1 - TRAINING_SHARE - LEAD - TAIL) / others)


def to_json(course: Course) -> Json:
    """Return a course as JSON, for the store."""
    return {**asdict(course), "steps": [asdict(step) for step in course.steps]}


def from_json(saved: Json) -> Course:
    """Read a course from the store."""
    steps: object = saved.get("steps")
    found: Sequence[Json] = [each for each in steps if is_object(each)] if is_array(steps) else []
    lead, tail, seconds = (number(saved.get(name)) or 0.0 for name in ("lead", "tail", "seconds"))
    return Course(tuple(_step(each) for each in found), lead, tail, seconds)


def _step(saved: Json) -> Step:
    return Step(
        name=text(saved, "name"),
        node=text(saved, "node"),
        run=text(saved, "run"),
        component=text(saved, "component"),
        title=text(saved, "title"),
        target=text(saved, "target"),
        instance_type=text(saved, "instance_type"),
        nodes=int(number(saved.get("nodes")) or 1),
        begin=number(saved.get("begin")) or 0.0,
        plan=simulation.plan_from_document({"plan": child(saved, "plan")}),
        is_training=saved.get("is_training") is True,
        gpus=int(number(saved.get("gpus")) or 1),
        gpu_memory=number(saved.get("gpu_memory")) or 0.0,
    )


def _last_end(course: Course) -> float:
    return course.steps[-1].end if course.steps else course.lead


def _started(course: Course, elapsed: float) -> float | None:
    return course.lead if elapsed >= course.lead else None
