"""`maas jobs compare`: the curves of several jobs over each other, what they did differently, and which did best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from ..alarms import alarms
from ..training_pace import moment
from .exits import Failed
from .moments import clock
from .options import Command
from .session import Session, pass_session

if TYPE_CHECKING:
    from .. import Job, MaasClient, MetricPoint

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CURVES = {"loss": "loss", "eval_loss": "eval loss"}
HEIGHT = 16


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the jobs, what it has measured, and how long it trained."""

    letter: str
    job: Job
    metrics: Mapping[str, Sequence[MetricPoint]]
    ran: timedelta | None

    def best(self, metric: str) -> MetricPoint | None:
        """Return the point with the least value of a metric."""
        finite = [point for point in self.metrics.get(metric, ()) if math.isfinite(point.value)]
        return min(finite, key=lambda point: point.value, default=None)


@click.command(
    cls=Command,
    help="""Compare jobs: their losses over each other, the hyperparameters that differ, the best loss of each.

    The table begins with the job that has the least validation loss, or training loss where none has one.

    \b
    Example:
      maas jobs compare ft-a ft-b
      maas jobs compare ft-a ft-b --metric eval_loss --output json
    """,
)
@click.argument("names", nargs=-1, required=True, metavar="NAME NAME...")
@click.option("--metric", type=click.Choice(list(CURVES)), default="loss", help="The curves that are drawn (loss).")
@pass_session
def compare(session: Session, names: Sequence[str], metric: str) -> None:
    """Compare jobs."""
    names = list(dict.fromkeys(names))
    if not 2 <= len(names) <= len(LETTERS):
        raise Failed(f"2 to {len(LETTERS)} jobs can be compared, and {len(names)} are named", code=2)
    with session.client() as maas:
        jobs = [_look(maas, letter, name) for letter, name in zip(LETTERS, names, strict=False)]
    printer, ranked = session.printer, ranking(jobs)
    if printer.is_json:
        printer.rows(ranked, {}, _document)
        return
    if printer.output == "auto" and session.printer.is_live:
        _draw(jobs, metric)
    differing = differences([each.job for each in jobs])
    titles = ["", "job", "status", *differing, "ran", "best loss", "best eval loss"]
    printer.table(titles, [_row(each, differing) for each in ranked])
    for each in ranked:
        for alarm in alarms(each.metrics):
            printer.note(f"warning: {each.job.name}: {alarm}")


def _look(maas: MaasClient, letter: str, name: str) -> Compared:
    job, details = maas.jobs.get(name), maas.jobs.details(name)
    began, ended = moment(details.started), moment(details.ended)
    ran = ended - began if began is not None and ended is not None else None
    return Compared(letter, job, maas.jobs.metrics(name), ran)


def ranking(jobs: Sequence[Compared]) -> list[Compared]:
    """Return the jobs, the best first; those that have measured nothing come last."""
    metric = "eval_loss" if any(each.best("eval_loss") for each in jobs) else "loss"
    return sorted(jobs, key=lambda each: best.value if (best := each.best(metric)) else math.inf)


def differences(jobs: Sequence[Job]) -> dict[str, list[str]]:
    """Return what the jobs were given differently, by its name: a value for each job."""
    given: dict[str, list[str]] = {"model": [job.model for job in jobs]}
    given["training data"] = [job.training_data.rpartition("/data/")[2] or job.training_data for job in jobs]
    for name in sorted({name for job in jobs for name in job.hyperparameters}):
        given[name] = [job.hyperparameters.get(name, "-") for job in jobs]
    return {name: values for name, values in given.items() if len(set(values)) > 1}


def _row(each: Compared, differing: Mapping[str, Sequence[str]]) -> list[str]:
    place = LETTERS.index(each.letter)
    found = [each.best("loss"), each.best("eval_loss")]
    return [
        each.letter,
        each.job.name,
        each.job.status.value,
        *(values[place] for values in differing.values()),
        "-" if each.ran is None else clock(each.ran),
        *("-" if best is None else f"{best.value:.4g} at {best.step}" for best in found),
    ]


def _document(each: Compared) -> dict[str, Any]:
    best = {metric: each.best(metric) for metric in CURVES}
    return {
        "name": each.job.name,
        "status": each.job.status.value,
        "model": each.job.model,
        "training_data": each.job.training_data,
        "hyperparameters": each.job.hyperparameters,
        "seconds": None if each.ran is None else each.ran.total_seconds(),
        "best": {metric: point and {"step": point.step, "value": point.value} for metric, point in best.items()},
        "alarms": [str(alarm) for alarm in alarms(each.metrics)],
    }


def _draw(jobs: Sequence[Compared], metric: str) -> None:
    """Draw the curves over each other, each in its letter; nothing where nothing was measured."""
    from ..curve import overlaid
    from .plot import plot
    from .screen import print_drawing

    size = get_terminal_size()
    series = {f"{each.job.name} ({CURVES[metric]})": each.metrics.get(metric, ()) for each in jobs}
    shown = overlaid(series, columns=size.columns)
    if shown is not None:
        marks = "".join(each.letter for each in jobs if each.metrics.get(metric))
        height = min(HEIGHT, max(size.lines - len(jobs) - 6, 6))
        print_drawing(plot(shown, width=size.columns - 2, height=height, marks=marks))
