"""`maas jobs compare`: overlaid loss curves, differing settings and a ranking of several jobs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from ...core.metrics import LOSSES
from ...core.timestamps import parse_timestamp
from ...jobs.alarms import Alarm, alarms
from ..app.exit_codes import Failed
from ..app.options import JOB, Command, output_option
from ..app.session import Session, pass_session
from ..output.durations import format_duration
from ..output.printer import Printer

if TYPE_CHECKING:
    from ... import Job, MaasClient, MetricPoint

MAX_DRAWING_LINES = 16
"""Maximum height of the plot, in lines."""


@dataclass(frozen=True, slots=True)
class ComparedJob:
    """A compared job: its letter in the plot, its metrics and its training time."""

    letter: str
    job: Job
    metrics: Mapping[str, Sequence[MetricPoint]]
    ran: timedelta | None

    def best(self, metric: str) -> MetricPoint | None:
        """Return the point with the lowest finite value of a metric."""
        finite = [point for point in self.metrics.get(metric, ()) if math.isfinite(point.value)]
        return min(finite, key=lambda point: point.value, default=None)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Alarms raised by the metrics."""
        return alarms(self.metrics)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        best = {metric: self.best(metric) for metric in LOSSES}
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
    help="""Compare jobs: overlaid loss curves, differing hyperparameters, and the best loss of each.

    On a terminal the curves are plotted; svg writes them as an image. Jobs are sorted by their lowest validation
    loss, or training loss if there is no validation loss. Warns about a loss that is NaN, diverges, or rises only on
    the validation set.

    \b
    Example:
      maas jobs compare ft-a ft-b
      maas jobs compare ft-a ft-b --metric eval_loss --output svg > losses.svg
    """,
)
@click.argument("names", nargs=-1, required=True, type=JOB, metavar="NAME NAME...")
@click.option("--metric", type=click.Choice(list(LOSSES)), default="loss", help="Metric to plot (loss).")
@output_option("svg", help="Output format; svg is an image of the curves.")
@pass_session
def compare(session: Session, names: Sequence[str], metric: str, output: str) -> None:
    """Compare jobs."""
    from ...rendering.curve_overlay_svg import LETTERS

    names = list(dict.fromkeys(names))
    if not 2 <= len(names) <= len(LETTERS):
        raise Failed(f"compare takes 2 to {len(LETTERS)} jobs, not {len(names)}", code=2)
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
    started, ended = parse_timestamp(details.started), parse_timestamp(details.ended)
    ran = (ended or datetime.now(UTC)) - started if started is not None else None
    return ComparedJob(letter, job, maas.jobs.metrics(name), ran)


def _print_table(printer: Printer, jobs: Sequence[ComparedJob], ranked: Sequence[ComparedJob]) -> None:
    """Print a row per job; on a narrow terminal a column per job, or one record after the other."""
    differing = differences([each.job for each in jobs])
    titles = ["", "job", "status", *differing, "ran", "best loss", "best eval loss"]
    rows = [
        [
            each.letter,
            each.job.name,
            each.job.status.value,
            *(values[jobs.index(each)] for values in differing.values()),
            "-" if each.ran is None else format_duration(each.ran),
            *("-" if (best := each.best(metric)) is None else f"{best.value:.4g} at {best.step}" for metric in LOSSES),
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
    """Return the width of a table in characters, including column separators."""
    return sum(max(map(len, column)) + 3 for column in zip(*rows, strict=True))


def _write_svg(jobs: Sequence[ComparedJob], metric: str) -> None:
    """Print the curves as SVG; raise Failed if there are no points."""
    from ...rendering.curve_overlay_svg import overlay_svg

    if not any(each.metrics.get(metric) for each in jobs):
        raise Failed(f"no {LOSSES[metric]} reported by any of the jobs yet")
    series = {each.job.name: each.metrics.get(metric, ()) for each in jobs}
    click.echo(overlay_svg(series, title=f"{LOSSES[metric]} of {len(jobs)} jobs"), nl=False)


def _draw_curves(jobs: Sequence[ComparedJob], metric: str) -> None:
    """Plot the overlaid curves, each with its letter; nothing if there are no points."""
    from ...rendering.curves import overlaid
    from ..output.curve_plot import plot
    from ..output.rich_tables import print_drawing

    size = get_terminal_size()
    letters = {f"{each.job.name} ({LOSSES[metric]})": each.letter for each in jobs}
    series = dict(zip(letters, (each.metrics.get(metric, ()) for each in jobs), strict=True))
    shown = overlaid(series, columns=size.columns)
    if shown is not None:
        marks = "".join(letters[curve.name] for curve in shown.curves)
        height = min(MAX_DRAWING_LINES, max(size.lines - len(jobs) - 6, 6))
        print_drawing(plot(shown, width=size.columns - 2, height=height, marks=marks))


def ranking(jobs: Sequence[ComparedJob]) -> list[ComparedJob]:
    """Return the jobs sorted by their best loss; jobs without metrics come last."""
    metric = "eval_loss" if any(each.best("eval_loss") for each in jobs) else "loss"
    return sorted(jobs, key=lambda each: best.value if (best := each.best(metric)) else math.inf)


def differences(jobs: Sequence[Job]) -> dict[str, list[str]]:
    """Return the settings that differ, by name: one value per job, a dash if unset."""
    given: dict[str, list[str]] = {"model": [job.model for job in jobs]}
    given["training data"] = [_asset(job.training_data) for job in jobs]
    given["validation data"] = [_asset(job.validation_data) for job in jobs]
    for name in sorted({name for job in jobs for name in job.hyperparameters}):
        given[name] = [job.hyperparameters.get(name, "-") for job in jobs]
    return {name: values for name, values in given.items() if len(set(values)) > 1}


def _asset(data: str) -> str:
    """Return name and version of a data asset, as far as its id contains them."""
    return data.rpartition("/data/")[2].replace("/versions/", ":") or "-"
