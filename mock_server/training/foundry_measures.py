"""What a Foundry job measures, its results.csv and its checkpoints, as functions of its course and the time."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mock_server.training import foundry_course, simulation
from mock_server.training.foundry_course import Course
from mock_server.training.foundry_models import DPO, REINFORCEMENT, SUPERVISED
from mock_server.training.simulation import Plan

# Assumption: The results file of a running job can be read, and grows every ten steps.
# Shown wrong by: 404 or an empty content for a file that a `Created results file` event of a running job names.
# Verified by: newest tuning job
# If wrong: The mock server shows curves earlier than Azure does; the client falls back to the events.
EVERY = 10  # steps, between two events and between two times at which the results file grows
MAX_POINTS = 2_000
KEPT_CHECKPOINTS = 3
_SUPERVISED = ("step", "train_loss", "train_mean_token_accuracy", "valid_loss", "valid_mean_token_accuracy")
COLUMNS: Mapping[str, Sequence[str]] = {
    SUPERVISED: (*_SUPERVISED, "full_valid_loss", "full_valid_mean_token_accuracy"),
    # Assumption: The results table of a job with preference data has the columns of a supervised job's.
    # Shown wrong by: Another column in `results.csv` of such a job.
    # Verified by: newest tuning job
    # If wrong: The mock server's table differs; the client reads columns by their names, and keeps those that it does
    #   not know.
    DPO: (*_SUPERVISED, "full_valid_loss", "full_valid_mean_token_accuracy"),  # not documented
    REINFORCEMENT: (
        "step",
        "train_mean_reward",
        "full_valid_mean_reward",
        "completion_tokens_mean",
        "reasoning_tokens_mean",
        "mean_unresponsive_rewards",
        "train_sample_parse_error_count",
        "train_other_error_count",
    ),
}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint: after which step, and when in seconds since the job got its place; the last is the model itself."""

    step: int
    seconds: float
    is_last: bool


def shown_steps(plan: Plan) -> Iterator[int]:
    """Yield the steps that have an event: the first, every tenth, and the last; fewer of very many."""
    interval = EVERY * math.ceil(plan.steps / EVERY / MAX_POINTS)
    yield 1
    yield from range(interval, plan.steps, interval)
    if plan.steps > 1:
        yield plan.steps


def results_csv(course: Course, elapsed: float) -> str:
    """Return the results file as it is at a time: it grows at each tenth step."""
    plan, columns = course.plan, COLUMNS[course.method]
    done = foundry_course.steps_done(course, elapsed)
    until = done if done == plan.steps else done - done % EVERY
    stride = math.ceil(plan.steps / MAX_POINTS)
    steps = [step for step in range(stride, until + 1, stride) if step < plan.steps]
    steps += [plan.steps] if until == plan.steps else []
    rows = (",".join(_cell(measures(course, step).get(name)) for name in columns) for step in steps)
    return "".join(f"{line}\n" for line in (",".join(columns), *rows))


def measures(course: Course, step: int) -> dict[str, float]:
    """Return the values of one step by column; validation has values at evaluations only."""
    plan = course.plan
    training, evaluation = simulation.losses_at(plan, step)
    if course.method == REINFORCEMENT:
        return _rewards(plan, step, training, evaluation)
    found = {"step": step, "train_loss": training, "train_mean_token_accuracy": _accuracy(training)}
    if plan.validation_rows and (step % EVERY == 0 or step == plan.steps):
        found |= {"valid_loss": evaluation, "valid_mean_token_accuracy": _accuracy(evaluation)}
    if plan.validation_rows and _is_evaluated(plan, step):
        found |= {"full_valid_loss": evaluation, "full_valid_mean_token_accuracy": _accuracy(evaluation)}
    return found


def step_message(course: Course, step: int) -> str:
    """Return the text of a step's event."""
    if course.method == REINFORCEMENT:
        return f"Step {step}: training mean reward={measures(course, step)['train_mean_reward']}"
    return f"Step {step}: training loss={simulation.losses_at(course.plan, step)[0]}"


def checkpoints(course: Course, elapsed: float) -> list[Checkpoint]:
    """Return the checkpoints that exist at a time, the newest first.

    One for each epoch, of which the last three stay, once the job has ended; and one for each completed pause.
    """
    status, plan = foundry_course.status_at(course, elapsed), course.plan
    found: dict[int, float] = {}
    for begin, _ in course.pauses:
        ready = begin + course.scaled(foundry_course.PAUSING)
        step = foundry_course.steps_done(course, begin)
        if ready <= elapsed and step:
            found[step] = ready
    # Assumption: The checkpoints of the epochs are listed only once the job has ended, as a comment in a sample of
    #   Microsoft's says and its documentation does not.
    # Shown wrong by: A checkpoint of a running job that was never paused.
    # Verified by: newest tuning job
    # If wrong: The mock server lists checkpoints later than Azure does; the client lists what there is.
    if status in ("succeeded", "cancelled"):
        done = foundry_course.steps_done(course, elapsed)
        ends = [step for step in _evaluated(plan) if step <= done][-KEPT_CHECKPOINTS:]
        found |= {step: foundry_course.elapsed_at(course, foundry_course.step_time(course, step)) for step in ends}
    return [
        Checkpoint(step, found[step], is_last=step == plan.steps and status == "succeeded")
        for step in sorted(found, reverse=True)
    ]


def billed_tokens(plan: Plan) -> int:
    """Return the tokens that are billed, in whole thousands."""
    return max(1000, round(plan.tokens * plan.epochs / 1000) * 1000)


def _evaluated(plan: Plan) -> Sequence[int]:
    """Return the steps at which an epoch ends; only the last ones of very many."""
    per_epoch = max(1, math.ceil(plan.rows / plan.batch_size))
    ends = range(per_epoch, plan.steps, per_epoch)[-MAX_POINTS:]
    return [*ends, plan.steps]


def _is_evaluated(plan: Plan, step: int) -> bool:
    return step == plan.steps or step % max(1, math.ceil(plan.rows / plan.batch_size)) == 0


def _rewards(plan: Plan, step: int, training: float, evaluation: float) -> dict[str, float]:
    found: dict[str, float] = {
        "step": step,
        "train_mean_reward": _accuracy(training),
        "completion_tokens_mean": 180.0 + step % 7,
        "reasoning_tokens_mean": 320.0 - min(120, step),
        "mean_unresponsive_rewards": 0.0,
        "train_sample_parse_error_count": 0,
        "train_other_error_count": 0,
    }
    return found | ({"full_valid_mean_reward": _accuracy(evaluation)} if _is_evaluated(plan, step) else {})


def _accuracy(loss: float) -> float:
    return round(math.exp(-loss / 2), 4) if math.isfinite(loss) else math.nan


def _cell(value: float | None) -> str:
    return "" if value is None else str(value)
