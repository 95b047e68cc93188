"""The live view of a job: its state, clocks, steps, the curves of its losses and the last lines of its log."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.panel import Panel as Frame
from rich.table import Table
from rich.text import Text

from ...core.timestamps import moment
from ...jobs.alarms import Alarm, alarms
from ...jobs.job import Job
from ...jobs.throughput import epochs_of, time_left, tokens_per_second
from ...rendering.curve_text import LEAST_HEIGHT, LEAST_WIDTH
from ...rendering.curves import Picture, picture
from ..app.logging import listening
from ..output.curve_plot import plot
from ..output.durations import clock
from ..output.rich_tables import styled
from .memo import Kept

if TYPE_CHECKING:
    from ... import MetricPoint

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 48
TALLEST = 14
"""Lines of a curve at most."""

WIDEST = 110
"""Characters of a view at most."""


@dataclass(slots=True)
class Panel:
    """What is known of a job so far; drawing it again moves its clocks."""

    name: str
    job: Job = field(default_factory=Job)
    started: datetime | None = None
    ended: datetime | None = None
    metrics: Mapping[str, Sequence[MetricPoint]] = field(default_factory=dict[str, "Sequence[MetricPoint]"])
    log: Sequence[str] = ()
    _warnings: Kept[tuple[Alarm, ...]] = field(default_factory=Kept["tuple[Alarm, ...]"])
    _spark: Kept[str] = field(default_factory=Kept[str])
    _geometry: Kept[tuple[Picture | None]] = field(default_factory=Kept["tuple[Picture | None]"])
    _curve: Kept[Text] = field(default_factory=Kept[Text])

    def ran(self, started: str, ended: str) -> None:
        """Take note of when the job began to train, and when it ended."""
        self.started, self.ended = moment(started), moment(ended)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as it stands now, no larger than the terminal."""
        inner = min(options.max_width, WIDEST) - 4
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="ellipsis", no_wrap=True)
        lines = list(self.lines(datetime.now(UTC)))
        for name, value in lines:
            grid.add_row(Text(name, style="dim"), value)
        warnings = [
            line
            for alarm in self.warnings()
            for line in Text(f"! {alarm}", style=warning_style([alarm])).wrap(console, inner)
        ]
        parts: list[RenderableType] = [grid, *warnings]
        room = options.size.height - 3 - len(lines) - len(warnings)  # but for the frame, and a line for the cursor
        curve, log = shares(room, len(self.log), is_curve=inner >= LEAST_WIDTH and self._picture(inner) is not None)
        if curve and (shown := self._picture(inner)) is not None:
            parts += ["", self._curve.get(partial(plot, shown, width=inner, height=curve), shown, inner, curve)]
        if log:
            shown_log = self.log[len(self.log) - log :]
            parts += ["", *(Text(line, style="dim", overflow="ellipsis", no_wrap=True) for line in shown_log)]
        yield Frame(Group(*parts), title=Text(self.name), title_align="left", expand=False)

    def warnings(self) -> tuple[Alarm, ...]:
        """Return what the curves warn of."""
        return self._warnings.get(partial(alarms, self.metrics), self.metrics)

    def spark(self, width: int = WIDTH) -> str:
        """Return the loss as a row of bars."""
        return self._spark.get(partial(_spark, self.metrics, width), self.metrics, width)

    def _picture(self, columns: int) -> Picture | None:
        return self._geometry.get(partial(_pictures, self.metrics, columns), self.metrics, columns)[0]

    def lines(self, now: datetime) -> Iterator[tuple[str, Text]]:
        """Yield what the view says, line by line, with its titles."""
        yield "model", Text(self.job.model or "-")
        yield "status", styled(self.job.status.value)
        queued, running = self.clocks(now)
        if queued is not None:
            yield "queued", Text(clock(queued))
        if running is not None:
            yield "running", Text(clock(running))
        if (left := self.left(now)) is not None:
            yield "left", Text(f"about {clock(left)}")
        if loss := self.metrics.get("loss"):
            yield "step", Text(f"{loss[-1].step}" + (f", epoch {self.epoch()}" if self.epoch() else ""))
        if (rate := tokens_per_second(self.job, self.metrics, running)) is not None:
            yield "tokens/s", Text(f"{rate:,.0f}")
        if loss:
            yield "loss", Text(f"{self.spark()}  {loss[-1].value:.4g}")
        if check := self.metrics.get("eval_loss"):
            yield "eval loss", Text(f"{check[-1].value:.4g}")

    def clocks(self, now: datetime) -> tuple[timedelta | None, timedelta | None]:
        """Return how long the job has queued, and how long it has run."""
        created, end = moment(self.job.created_at), self.ended or now
        queued = None if created is None else (self.started or end) - created
        return queued, None if self.started is None else end - self.started

    def left(self, now: datetime) -> timedelta | None:
        """Return how long the training will go on, as far as that can be told."""
        measured = self.metrics.get("epoch", ())
        left = None if self.job.status.is_final else time_left(self.job, self.metrics)
        if left is None or (at := moment(measured[-1].at)) is None:
            return None
        rest = left - max(now - at, timedelta())
        return rest if rest > timedelta() else None  # what it does after its last step cannot be told

    def epoch(self) -> str:
        """Say in which epoch the job is, and of how many."""
        measured, epochs = self.metrics.get("epoch", ()), epochs_of(self.job)
        return f"{measured[-1].value:.2f} of {'?' if epochs is None else f'{epochs:g}'}" if measured else ""


def shares(room: int, log: int, *, is_curve: bool) -> tuple[int, int]:
    """Return how many lines the curve and the log get, of so many that there are; above each stays an empty one."""
    beside = max(min(log, room - LEAST_HEIGHT - 2), 0)
    curve = room - 1 - (beside + 1 if beside else 0)
    if is_curve and curve >= LEAST_HEIGHT:
        return min(curve, TALLEST), beside
    return 0, max(min(log, room - 1), 0)


def warning_style(found: Sequence[Alarm]) -> str:
    """Return how what a curve warns of is coloured."""
    return "bold red" if any(alarm.is_fatal for alarm in found) else "yellow"


@contextmanager
def panel(shown: RenderableType) -> Generator[None]:
    """Draw a view on stderr, and keep it fresh, while the block lasts; what is logged meanwhile stands above it."""
    console = Console(stderr=True)

    def says(line: str) -> None:
        console.print(Text(line))

    with Live(shown, console=console, refresh_per_second=4, vertical_overflow="ellipsis"), listening(says):
        yield


def _pictures(metrics: Mapping[str, Sequence[MetricPoint]], columns: int) -> tuple[Picture | None]:
    """Return the picture, if there is one, in a value that is there in any case."""
    return (picture(metrics, columns=columns),)


def _spark(metrics: Mapping[str, Sequence[MetricPoint]], width: int) -> str:
    return sparkline([point.value for point in metrics.get("loss", ())], width)


def sparkline(values: Sequence[float], width: int = WIDTH) -> str:
    """Draw values as a row of bars, several to one where there are more than fit."""
    finite = [value for value in values if abs(value) < 1e300]
    step = max(1, -(-len(finite) // width))
    groups = [finite[start : start + step] for start in range(0, len(finite), step)]
    means = [sum(value / len(group) for value in group) for group in groups]
    if not means:
        return ""
    low, span = min(means), (max(means) - min(means)) or 1.0
    return "".join(BARS[round((mean - low) / span * (len(BARS) - 1))] for mean in means)
