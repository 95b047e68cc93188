"""`maas jobs compare`: the curves of several jobs over each other, what they did differently, and which did best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from ...core.timestamps import moment
from ...jobs.alarms import Alarm, alarms
from ..app.exit_codes import Failed
from ..app.options import Command, output_option
from ..app.session import Session, pass_session
from ..output.durations import format_duration
from ..output.printer import Printer

if TYPE_CHECKING:
    from ... import Job, MaasClient, MetricPoint

MAX_DRAWING_LINES = 16
"""Lines of the drawing at most."""

CURVES = {"loss": "loss", "eval_loss": "eval loss"}
"""The metrics that can be compared, and what they are called."""


@dataclass(frozen=True, slots=True)
class ComparedJob:
    """One of the jobs, the letter that stands for it, what it has measured, and how long it has trained."""

    letter: str
    job: Job
    metrics: Mapping[str, Sequence[MetricPoint]]
    ran: timedelta | None

    def best(self, metric: str) -> MetricPoint | None:
        """Return the point with the least value of a metric."""
        finite = [point for point in self.metrics.get(metric, ()) if math.isfinite(point.value)]
        return min(finite, key=lambda point: point.value, default=None)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What its curves warn of."""
        return alarms(self.metrics)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON writes it."""
        best = {metric: self.best(metric) for metric in CURVES}
        return {
            "name": self.job.name,
            "status": self.job.status.value,
            "model": self.job.model,
            "training_data": self.job.training_data,
            "validation_data": self.job.validation_data,
            "hyperparameters": self.job.hyperparameters,
            "seconds": None if self.ran is None else self.ran.total_seconds(),
            "best": {metric: point and {"step": point.step, "value": point.value} for metric, point in best.items()},
            "alarms": [alarm.to_dict() for alarm in self.alarms],
        }


@click.command(
    cls=Command,
    help="""Compare jobs: their losses over each other, the hyperparameters that differ, the best loss of each.

    A terminal gets the curves, too; svg is them as a picture. The table begins with the job that has the least
    validation loss, or training loss where none has one. A warning tells of a loss that is no number, runs away, or
    rises on the validation set only.

    \b
    Example:
      maas jobs compare ft-a ft-b
      maas jobs compare ft-a ft-b --metric eval_loss --output svg > losses.svg
    """,
)
@click.argument("names", nargs=-1, required=True, metavar="NAME NAME...")
@click.option("--metric", type=click.Choice(list(CURVES)), default="loss", help="The curves that are drawn (loss).")
@output_option("svg", help="How data is written; svg is the curves as a picture.")
@pass_session
def compare(session: Session, names: Sequence[str], metric: str, output: str) -> None:
    """Compare jobs."""
    from ...rendering.curve_overlay_svg import LETTERS

    names = list(dict.fromkeys(names))
    if not 2 <= len(names) <= len(LETTERS):
        raise Failed(f"2 to {len(LETTERS)} jobs can be compared, and {len(names)} are named", code=2)
    with session.client() as maas:
        jobs = [_load(maas, letter, name) for letter, name in zip(LETTERS, names, strict=False)]
    printer, ranked = session.printer, ranking(jobs)
    if output == "svg":
        _write_svg(jobs, metric)
    elif printer.is_json:
        printer.rows(ranked, {}, ComparedJob.to_dict)
    else:
        if printer.output == "auto" and printer.is_live:
            _draw_curves(jobs, metric)
        _print_table(printer, jobs, ranked)
    for each in ranked:
        for alarm in each.alarms:
            printer.note(f"warning: {each.job.name}: {alarm}")


def _load(maas: MaasClient, letter: str, name: str) -> ComparedJob:
    job, details = maas.jobs.get(name), maas.jobs.details(name)
    started, ended = moment(details.started), moment(details.ended)
    ran = (ended or datetime.now(UTC)) - started if started is not None else None
    return ComparedJob(letter, job, maas.jobs.metrics(name), ran)


def _print_table(printer: Printer, jobs: Sequence[ComparedJob], ranked: Sequence[ComparedJob]) -> None:
    """Write a line for each job; where a terminal is too narrow for that a column, and else one after the other."""
    differing = differences([each.job for each in jobs])
    titles = ["", "job", "status", *differing, "ran", "best loss", "best eval loss"]
    rows = [
        [
            each.letter,
            each.job.name,
            each.job.status.value,
            *(values[jobs.index(each)] for values in differing.values()),
            "-" if each.ran is None else format_duration(each.ran),
            *("-" if (best := each.best(metric)) is None else f"{best.value:.4g} at {best.step}" for metric in CURVES),
        ]
        for each in ranked
    ]
    across = ["", *(f"{letter}  {name}" for letter, name, *_ in rows)]
    down = [list(facts) for facts in zip(titles[2:], *(row[2:] for row in rows), strict=True)]
    columns = get_terminal_size().columns
    if not printer.is_live or _width([titles, *rows]) <= columns:
        printer.table(titles, rows)
    elif _width([across, *down]) <= columns:
        printer.table(across, down)
    else:
        for title, row in zip(across[1:], rows, strict=True):
            printer.record({}, {"job": title, **dict(zip(titles[2:], row[2:], strict=True))})
            printer.line("")


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return the characters that a table takes, with what stands between its columns."""
    return sum(max(map(len, column)) + 3 for column in zip(*rows, strict=True))


def _write_svg(jobs: Sequence[ComparedJob], metric: str) -> None:
    """Write the curves as an SVG; raise Failed where there is nothing to draw."""
    from ...rendering.curve_overlay_svg import overlay_svg

    if not any(each.metrics.get(metric) for each in jobs):
        raise Failed(f"none of the jobs has measured any {CURVES[metric]} yet")
    series = {each.job.name: each.metrics.get(metric, ()) for each in jobs}
    click.echo(overlay_svg(series, title=f"{CURVES[metric]} of {len(jobs)} jobs"), nl=False)


def _draw_curves(jobs: Sequence[ComparedJob], metric: str) -> None:
    """Draw the curves over each other, each in its letter; nothing where nothing was measured."""
    from ...rendering.curves import overlaid
    from ..output.curve_plot import plot
    from ..output.rich_tables import print_drawing

    size = get_terminal_size()
    letters = {f"{each.job.name} ({CURVES[metric]})": each.letter for each in jobs}
    series = dict(zip(letters, (each.metrics.get(metric, ()) for each in jobs), strict=True))
    shown = overlaid(series, columns=size.columns)
    if shown is not None:
        marks = "".join(letters[curve.name] for curve in shown.curves)
        height = min(MAX_DRAWING_LINES, max(size.lines - len(jobs) - 6, 6))
        print_drawing(plot(shown, width=size.columns - 2, height=height, marks=marks))


def ranking(jobs: Sequence[ComparedJob]) -> list[ComparedJob]:
    """Return the jobs, the best first; those that have measured nothing come last."""
    metric = "eval_loss" if any(each.best("eval_loss") for each in jobs) else "loss"
    return sorted(jobs, key=lambda each: best.value if (best := each.best(metric)) else math.inf)


def differences(jobs: Sequence[Job]) -> dict[str, list[str]]:
    """Return what the jobs were given differently, by its name: a value for each job, a dash for none."""
    given: dict[str, list[str]] = {"model": [job.model for job in jobs]}
    given["training data"] = [_asset(job.training_data) for job in jobs]
    given["validation data"] = [_asset(job.validation_data) for job in jobs]
    for name in sorted({name for job in jobs for name in job.hyperparameters}):
        given[name] = [job.hyperparameters.get(name, "-") for job in jobs]
    return {name: values for name, values in given.items() if len(set(values)) > 1}


def _asset(data: str) -> str:
    """Return the name and the version of a data asset, as far as its id has them."""
    return data.rpartition("/data/")[2].replace("/versions/", ":") or "-"
