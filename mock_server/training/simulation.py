"""A job's progress as a pure function of its plan and the time since its creation: state, metrics, end.

Nothing here is stored or waits. The plan and the time determine the state, so a restart changes nothing.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace

from mock_server.core.json_values import Json, child, is_object, number

# Assumption: A job is NotStarted, Preparing, Queued, Running and Finalizing before it is Completed, in this order.
# Shown wrong by: Another status, or another order.
# Verified by: create job, job to its end
# If wrong: The mock server's jobs take another course than Azure's; the client takes any.

# At which share of a job's nominal duration each state begins; the last is the end.
PHASES = (("NotStarted", 0.0), ("Preparing", 0.03), ("Queued", 0.12), ("Running", 0.25), ("Finalizing", 0.92))
QUEUED, RUNNING, FINALIZING = 2, 3, 4
FAILURE_SHARE = 0.40
CANCEL_SHARE = 0.04
LOG_EVERY = 10  # steps, fixed by the published pipeline
MAX_POINTS = 2_000
FOREVER = 1e12  # seconds
ORDER = (
    "NotStarted",
    "Preparing",
    "Queued",
    "Running",
    "Finalizing",
    "CancelRequested",
    "Canceled",
    "Failed",
    "Completed",
)
LOSSES = ("loss", "eval_loss")
TERMINAL = frozenset({"Completed", "Failed", "Canceled"})


@dataclass(frozen=True, slots=True)
class Hold:
    """A state in which a job stays for a while, from a share of its nominal duration on, before it continues."""

    status: str
    share: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Broken:
    """Losses that are not numbers: from which step on, which value they have, and whether JSON has it as text."""

    step: int
    value: str
    quoted: bool


HOLDS = {"queue": ("Queued", 0.2), "stall": ("NotResponding", 0.5), "pause": ("Paused", 0.5)}


@dataclass(frozen=True, slots=True)
class Plan:
    """The inputs that determine a job's progress."""

    seed: str
    seconds: float
    rows: int
    tokens: int
    validation_rows: int = 0
    epochs: float = 1.0
    batch_size: int = 1
    learning_rate: float = 3e-4
    failure: str | None = None
    failed_at: float | None = None  # seconds after the creation, for a job that was failed by hand
    hold: Hold | None = None
    broken: Broken | None = None
    waits: float = 0.0  # seconds in the queue until a cluster's nodes are ready
    evicted: float | None = None  # at which share of its nominal duration it loses its nodes
    resumed: int = 0  # the step of the checkpoint that it continues from

    @property
    def steps(self) -> int:
        """Return the number of optimizer steps."""
        return max(1, math.ceil(self.rows / self.batch_size * self.epochs))


@dataclass(frozen=True, slots=True)
class State:
    """A job's state at one time; the times are seconds since its creation."""

    status: str
    started: float | None = None
    ended: float | None = None

    @property
    def terminal(self) -> bool:
        """Return whether the state is final."""
        return self.status in TERMINAL


@dataclass(frozen=True, slots=True)
class Point:
    """One value of one metric."""

    name: str
    step: int
    seconds: float
    value: float


def state_at(plan: Plan, elapsed: float, canceled: float | None = None) -> State:
    """Return the state `elapsed` seconds after the creation, with cancellation requested after `canceled` seconds."""
    end = duration(plan)
    if canceled is not None and canceled < end and elapsed >= canceled:
        started = _started(plan, min(elapsed, canceled))
        stop = canceled + plan.seconds * CANCEL_SHARE
        return State("Canceled", started, stop) if elapsed >= stop else State("CancelRequested", started)
    if elapsed >= end:
        return State("Failed" if plan.failure else "Completed", _started(plan, end), end)
    if plan.hold and 0 <= elapsed - seconds_until(plan, plan.hold.share) < plan.hold.seconds:
        return State(plan.hold.status, _started(plan, elapsed))
    reached = [name for name, share in PHASES if elapsed >= seconds_until(plan, share)]
    return State(reached[-1] if reached else "NotStarted", _started(plan, elapsed))


def duration(plan: Plan) -> float:
    """Return after how many seconds the job ends if it is not canceled."""
    if plan.failed_at is not None:
        return plan.failed_at
    return seconds_until(plan, end_share(plan))


def end_share(plan: Plan) -> float:
    """Return at which share of its nominal duration a job ends."""
    return plan.evicted if plan.evicted is not None else FAILURE_SHARE if plan.failure else 1.0


def seconds_until(plan: Plan, share: float) -> float:
    """Return after how many seconds a share of the nominal duration is done, with time on hold and for nodes."""
    hold_seconds = plan.hold.seconds if plan.hold and share > plan.hold.share else 0.0
    return plan.seconds * share + hold_seconds + (plan.waits if share > PHASES[QUEUED][1] else 0.0)


def metrics(plan: Plan, elapsed: float, canceled: float | None = None) -> list[Point]:
    """Return every metric value logged so far, in order of time."""
    if plan.failure and plan.failed_at is None and plan.evicted is None:
        return []
    until = min(time for time in (elapsed, canceled, plan.failed_at, _eviction(plan)) if time is not None)
    return [_broken(plan, point) for point in _points(plan) if point.seconds <= until]


HYPERPARAMETERS = (
    ("epochs", ("num_train_epochs", "n_epochs"), 1.0, 1e-3),
    ("batch_size", ("per_device_train_batch_size", "batch_size"), 1.0, 1.0),
    ("learning_rate", ("learning_rate",), 3e-4, 0.0),
)


def with_hyperparameters(plan: Plan, requested: Json) -> Plan:
    """Return the plan with its hyperparameters, read from an unvalidated map.

    The service accepts any map; a value that it cannot use fails the job when training would begin.
    """
    read: dict[str, float] = {}
    for field, names, default, minimum in HYPERPARAMETERS:
        name = next((name for name in names if name in requested), None)
        value = default if name is None else number(requested[name])
        if value is None or value < minimum:
            given = requested[name] if name else default
            message = f"Invalid value {str(given)[:60]!r} for the hyperparameter {name}."
            return replace(plan, failure=plan.failure or message)
        read[field] = value
    return replace(plan, epochs=read["epochs"], batch_size=int(read["batch_size"]), learning_rate=read["learning_rate"])


def plan_to_json(plan: Plan) -> Json:
    """Return a plan as JSON, for the store."""
    return asdict(plan)


def plan_from_document(document: Json) -> Plan:
    """Read a plan from the store."""
    saved = child(document, "plan")
    hold, broken = saved.get("hold"), saved.get("broken")
    values: Json = {field.name: saved[field.name] for field in fields(Plan) if field.name in saved}
    values["hold"] = Hold(**hold) if is_object(hold) else None
    values["broken"] = Broken(**broken) if is_object(broken) else None
    return Plan(**values)


def with_broken_loss(plan: Plan, *, step: int | None, value: str, quoted: bool) -> Plan:
    """Return the plan of a job whose losses are not numbers, from a step on, by default half of the training."""
    return replace(plan, broken=Broken(plan.steps // 2 if step is None else step, value, quoted))


def with_fault(plan: Plan, kind: str, *, seconds: float | None, reason: str | None) -> Plan:
    """Return the plan of a job that fails, or is held for some seconds or without end."""
    if kind == "fail":
        return replace(plan, failure=reason or "The job failed because of a fault rule.")
    status, share = HOLDS[kind]
    return replace(plan, hold=Hold(status, share, FOREVER if seconds is None else seconds))


def losses_at(plan: Plan, step: int) -> tuple[float, float]:
    """Return the losses on the training and on the validation data after a step; NaN or infinite if a rule says so."""
    training = Point("loss", step, 0.0, _training_loss(plan, step))
    evaluation = Point("eval_loss", step, 0.0, _evaluation_loss(plan, step))
    return _broken(plan, training).value, _broken(plan, evaluation).value


def _training_loss(plan: Plan, step: int) -> float:
    return round(_loss(plan, step) * (1 + 0.06 * _noise(plan, "loss", step)), 4)


def _evaluation_loss(plan: Plan, step: int) -> float:
    noise = 1 + 0.02 * _noise(plan, "eval", step)
    return round((_loss(plan, step) + 0.06 * plan.epochs * step / plan.steps) * noise, 4)


def share_of(plan: Plan, step: int) -> float:
    """Return at which share of a job's nominal duration a step is done."""
    begin, end = PHASES[RUNNING][1], PHASES[FINALIZING][1]
    return begin + (end - begin) * (step - plan.resumed) / max(1, plan.steps - plan.resumed)


def _eviction(plan: Plan) -> float | None:
    return None if plan.evicted is None else seconds_until(plan, plan.evicted)


def _started(plan: Plan, elapsed: float) -> float | None:
    begin = seconds_until(plan, PHASES[RUNNING][1])
    return begin if elapsed >= begin else None


def _broken(plan: Plan, point: Point) -> Point:
    if plan.broken is None or point.name not in LOSSES or point.step < plan.broken.step:
        return point
    return replace(point, value=float(plan.broken.value))


def _points(plan: Plan) -> Iterator[Point]:
    end = PHASES[FINALIZING][1]
    interval = max(LOG_EVERY, math.ceil(plan.steps / MAX_POINTS))
    per_epoch = max(1, math.ceil(plan.rows / plan.batch_size))
    logged = set(range(interval, plan.steps + 1, interval)) | {plan.steps}
    every = per_epoch * max(1, math.ceil(plan.steps / per_epoch / MAX_POINTS))
    evaluated = set(range(every, plan.steps + 1, every)) | {plan.steps} if plan.validation_rows else set[int]()
    if plan.resumed:
        yield Point(
            "checkpoint_load_step", plan.resumed, seconds_until(plan, share_of(plan, plan.resumed)), plan.resumed
        )
    for step in sorted(step for step in logged | evaluated if step > plan.resumed):
        at = seconds_until(plan, share_of(plan, step))
        if step in logged:
            yield Point("loss", step, at, _training_loss(plan, step))
            yield Point("learning_rate", step, at, plan.learning_rate * (1 + math.cos(math.pi * step / plan.steps)) / 2)
            yield Point(
                "grad_norm", step, at, round(0.4 + _loss(plan, step) * (1 + 0.3 * _noise(plan, "norm", step)), 4)
            )
            yield Point("epoch", step, at, round(plan.epochs * step / plan.steps, 4))
        if step in evaluated:
            yield Point("eval_loss", step, at, _evaluation_loss(plan, step))
    last = seconds_until(plan, end)
    took = last - seconds_until(plan, PHASES[RUNNING][1])
    yield Point("train_runtime", plan.steps, last, round(took, 3))
    yield Point("train_samples_per_second", plan.steps, last, round(plan.rows * plan.epochs / max(took, 1e-9), 3))
    yield Point("train_steps_per_second", plan.steps, last, round(plan.steps / max(took, 1e-9), 3))


def _loss(plan: Plan, step: int) -> float:
    """Decay from about 2.4 to a floor that is lower for more rows; a higher rate is faster, until it diverges."""
    floor = 0.35 + 1.2 / math.log10(plan.rows + 10)
    pace = min(plan.learning_rate, 1e-3) * 60.0 * math.sqrt(plan.batch_size)
    burst = max(0.0, math.log10(max(plan.learning_rate, 1e-12) / 5e-3)) * step / plan.steps * 4.0
    return floor + (2.4 - floor) * math.exp(-pace * step) + burst


def _noise(plan: Plan, name: str, step: int) -> float:
    digest = hashlib.blake2b(f"{plan.seed}:{name}:{step}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**31 - 1.0
