"""The jobs of a sweep, how many of them the budget allows, and their ranking. Decisions only."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

from ..core.errors import InvalidInput
from ..core.http_messages import json_body
from ..core.names import check_name
from ..core.plain_values import PlainValue
from ..jobs.job import Job
from ..jobs.phase import JobPhase
from ..rendering.html import card, escaped, pairs, state, table

if TYPE_CHECKING:
    from ..core.metrics import MetricPoint

MOST_JOBS = 1_000
"""Most jobs of a sweep; more are taken for a mistake."""

_DIGEST = 10
"""Characters of a job's digest: two of a thousand jobs have one digest once in two million sweeps, and then the second
is refused, for another job has its name."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One combination of a sweep's hyperparameters, as the service takes them, and the name of its job."""

    name: str
    hyperparameters: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The part of the job's name that distinguishes it from the others."""
        return self.name[-_DIGEST:]


@dataclass(frozen=True, slots=True)
class SweepOutcome(PlainValue):
    """The outcome of one combination.

    `job` is None if none was created. `eval_loss` is the lowest one measured, for the service keeps that checkpoint;
    `loss` is the last training loss; None for what was not measured. `cost` is the most it may cost, where there are
    prices.
    """

    cell: GridCell
    job: Job | None = None
    eval_loss: float | None = None
    loss: float | None = None
    cost: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.cell.name,
            "status": self.job.status.value if self.job else None,
            "hyperparameters": dict(self.cell.hyperparameters),
            "eval_loss": self.eval_loss,
            "loss": self.loss,
            "cost": self.cost,
            "output_model": self.job.output_model if self.job else None,
        }


@dataclass(frozen=True, slots=True)
class Sweep(PlainValue):
    """The result of a sweep: every combination, the best one first, and the currency of its costs."""

    outcomes: tuple[SweepOutcome, ...]
    currency: str = ""

    def _repr_html_(self) -> str:
        return sweep_html(self)

    @property
    def best(self) -> SweepOutcome | None:
        """The completed job with the lowest loss; None where none has completed."""
        first = self.outcomes[0] if self.outcomes else None
        return first if first and first.job and first.job.phase == JobPhase.DONE else None

    @property
    def missing(self) -> tuple[SweepOutcome, ...]:
        """The combinations without a job."""
        return tuple(outcome for outcome in self.outcomes if outcome.job is None)


@dataclass(slots=True)
class Slots:
    """The jobs that have not ended, at most `parallel`, and since when each has been stalled (seconds)."""

    parallel: int
    running: dict[str, Job] = field(default_factory=dict[str, Job])
    still: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def free(self) -> bool:
        """Whether another job may be created."""
        return len(self.running) < self.parallel

    def saw(self, job: Job, seconds: float) -> bool:
        """Record a job's state `seconds` into the sweep; return whether its status has changed."""
        before = self.running.pop(job.name, None)
        if not job.status.is_final:
            self.running[job.name] = job
        if job.phase == JobPhase.PAUSED:
            self.still.setdefault(job.name, seconds)
        else:
            self.still.pop(job.name, None)
        return before is None or before.status != job.status

    def stuck(self, seconds: float, patience: float) -> bool:
        """Return whether every running job has been stalled for longer than `patience`, in seconds."""
        return all(seconds - self.still.get(name, seconds) >= patience for name in self.running)


def grid(
    base: str, hyperparameters: Mapping[str, Any], to_wire: Callable[[Mapping[str, Any]], Mapping[str, str]]
) -> tuple[GridCell, ...]:
    """Return every combination of the values; one that is a list or tuple has several.

    The order is that of the values, the last hyperparameter's changing fastest. A name is the base and a digest of the
    parameters, so that the same ones always have the same name, and equal ones, such as 1e-4 and 0.0001, one job.
    `to_wire` checks one combination, and returns it as the service takes it.

    Raises InvalidInput for an invalid value or prefix of names, or more than a thousand jobs.
    """
    values = {name: _several(value) for name, value in hyperparameters.items()}
    count = math.prod(len(each) for each in values.values())
    if not 1 <= count <= MOST_JOBS:
        raise InvalidInput(f"the sweep has {count} combinations; from 1 to {MOST_JOBS} can be made")
    found: dict[str, GridCell] = {}
    for combination in product(*values.values()):
        sent = to_wire(dict(zip(values, combination, strict=True)))
        name = check_name("job", f"{base}-{_digest(sent)}")
        found.setdefault(name, GridCell(name, sent))
    return tuple(found.values())


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- anything may be a value


def affordable(costs: Sequence[float], limit: float | None) -> int:
    """Return how many jobs, from the first on, cost no more than the limit together. None of them is skipped."""
    total = 0.0
    for count, cost in enumerate(costs):
        total += cost
        if limit is not None and total > limit:
            return count
    return len(costs)


def losses(metrics: Mapping[str, Sequence[MetricPoint]]) -> tuple[float | None, float | None]:
    """Return the lowest validation loss and the last training loss; None for what has no finite value."""
    evaluated = [point.value for point in metrics.get("eval_loss", ()) if math.isfinite(point.value)]
    trained = [point.value for point in metrics.get("loss", ()) if math.isfinite(point.value)]
    return (min(evaluated) if evaluated else None), (trained[-1] if trained else None)


def best_first(outcomes: Sequence[SweepOutcome]) -> tuple[SweepOutcome, ...]:
    """Order completed jobs by validation loss, then those with a training loss alone; then all the others, as made.

    The two losses are never compared with each other: they are of different rows.
    """
    return tuple(sorted(outcomes, key=_rank))


def _rank(outcome: SweepOutcome) -> tuple[int, float]:
    if outcome.job is None:
        return 5, 0.0
    if outcome.job.phase != JobPhase.DONE:
        return 4, 0.0
    if outcome.eval_loss is not None:
        return 0, outcome.eval_loss
    return (1, outcome.loss) if outcome.loss is not None else (2, 0.0)


def _digest(sent: Mapping[str, str]) -> str:
    return hashlib.sha256(json_body(dict(sorted(sent.items())))).hexdigest()[:_DIGEST]


def sweep_html(sweep: Sweep) -> str:
    """Draw a sweep, the best job first."""
    rows = [
        [
            escaped(each.job.name if each.job else "-"),
            state(each.job.status.value if each.job else "not made"),
            pairs(each.cell.hyperparameters),
            *("-" if loss is None else f"{loss:.4g}" for loss in (each.eval_loss, each.loss)),
            "-" if each.cost is None else f"{each.cost:,.2f} {escaped(sweep.currency)}",
        ]
        for each in sweep.outcomes
    ]
    titles = ["job", "status", "hyperparameters", "eval loss", "loss", "costs at most"]
    return card(f"sweep of {len(rows)}, the best one first", table(titles, rows))
