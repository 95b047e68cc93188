"""`maas jobs metrics`: a job's metrics as a table, data or image."""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ...core.metrics import LOSSES
from ...jobs.alarms import alarms
from ..app.exit_codes import Failed
from ..app.options import JOB, Command, output_option
from ..app.session import Session, pass_session

if TYPE_CHECKING:
    from ... import MetricPoint
    from ..output.printer import Printer

    Metrics = Mapping[str, Sequence[MetricPoint]]

LEADING_COLUMNS = ("epoch", "loss", "eval_loss", "learning_rate", "grad_norm")
"""Columns shown first, in this order."""


@click.command(
    cls=Command,
    help="""Show the metrics of a job.

    The table has one row per step. json maps each metric to its points; jsonl and csv have one line per point. svg
    and png are images of loss and validation loss; png requires matplotlib (the extra `plot`). Warns about
    a loss that is NaN, diverges, or rises only on the validation set.

    \b
    Example:
      maas jobs metrics ft-support
      maas jobs metrics ft-support --output svg > loss.svg
    """,
)
@click.argument("name", type=JOB)
@output_option("csv", "svg", "png", help="Output format; svg and png are images of the loss curves.")
@pass_session
def metrics(session: Session, name: str, output: str) -> None:
    """Show metrics."""
    if output == "png" and sys.stdout.isatty():
        raise Failed("cannot write a PNG to a terminal", code=2, hint="redirect to a file: … --output png > loss.png")
    with session.client() as maas:
        measured = maas.jobs.metrics(name)
    match output:
        case "svg" | "png":
            _draw(name, measured, output)
        case "csv":
            _write_csv(measured)
        case _:
            _show(session.printer, name, measured)
    for alarm in alarms(measured):
        session.printer.note(f"warning: {alarm}")


def _draw(name: str, measured: Metrics, output: str) -> None:
    """Write an image to stdout; raise Failed if there are no points."""

    losses = [point.value for metric in LOSSES for point in measured.get(metric, ())]
    if not any(map(math.isfinite, losses)):
        raise Failed(f"job {name!r} has not reported a{' numeric' if losses else ''} loss yet")
    if output == "png":
        from ...rendering.curve_png import curve_png

        click.echo(curve_png(measured, title=name), nl=False)
    else:
        from ...rendering.curve_svg import curve_svg

        click.echo(curve_svg(measured, title=name), nl=False)


def _write_csv(measured: Metrics) -> None:
    """Write a header and one line per point (RFC 4180 with LF line endings)."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["metric", "step", "value", "at"])
    for metric, points in measured.items():
        writer.writerows([metric, point.step, repr(point.value), point.at] for point in points)
    click.echo(written.getvalue(), nl=False)


def _show(printer: Printer, name: str, measured: Metrics) -> None:
    points = {metric: [_point(point) for point in series] for metric, series in measured.items()}
    if printer.output == "json":
        printer.document(points)
        return
    if printer.output == "jsonl":
        for metric, series in points.items():
            for point in series:
                printer.document({"metric": metric, **point})
        return
    if not measured:
        printer.note(f"job {name!r} has not reported any metrics yet")
        return
    single = {
        name: series[0].value for name, series in measured.items() if len(series) == 1 and name not in LEADING_COLUMNS
    }
    titles = [
        *(name for name in LEADING_COLUMNS if name in measured),
        *sorted(set(measured) - set(LEADING_COLUMNS) - set(single)),
    ]
    by_step: dict[int, dict[str, str]] = {}
    for metric in titles:
        for measure in measured[metric]:
            by_step.setdefault(measure.step, {})[metric] = f"{measure.value:.6g}"
    rows = [[str(step), *(by_step[step].get(metric, "-") for metric in titles)] for step in sorted(by_step)]
    printer.table(["step", *titles], rows)
    if single:
        printer.record({}, single)


def _point(point: MetricPoint) -> dict[str, object]:
    return {"step": point.step, "value": point.value, "at": point.at}
