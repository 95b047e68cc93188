"""The live view of jobs: states, clocks, steps, curves of their losses and the last lines of a log."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.panel import Panel as Frame
from rich.table import Table
from rich.text import Text

from ..alarms import alarms
from ..curve import picture
from ..curve_text import LEAST_HEIGHT, LEAST_WIDTH
from ..job import Job
from ..training_pace import epochs_of, moment, time_left, tokens_per_second
from .logs import listening
from .moments import clock
from .plot import plot
from .screen import styled

if TYPE_CHECKING:
    from .. import MetricPoint

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

    def ran(self, started: str, ended: str) -> None:
        """Take note of when the job began to train, and when it ended."""
        self.started, self.ended = moment(started), moment(ended)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as it stands now, no larger than the terminal."""
        width, height = min(options.max_width, WIDEST), options.size.height - 1
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="ellipsis", no_wrap=True)
        lines = list(self.lines(datetime.now(UTC)))
        warnings = [str(alarm) for alarm in alarms(self.metrics)]
        log = self.log[-max(height - len(lines) - len(warnings) - LEAST_HEIGHT - 5, 0) :] if self.log else ()
        for name, value in lines:
            grid.add_row(Text(name, style="dim"), value)
        parts: list[RenderableType] = [grid]
        parts += [Text(f"! {warning}", style="bold red", overflow="fold") for warning in warnings]
        room = height - len(lines) - len(warnings) - len(log) - 5
        inner = width - 4
        if room >= LEAST_HEIGHT and inner >= LEAST_WIDTH and (shown := picture(self.metrics, columns=inner)):
            parts += ["", plot(shown, width=inner, height=min(room, TALLEST))]
        if log:
            parts += ["", *(Text(line, style="dim", overflow="ellipsis", no_wrap=True) for line in log)]
        yield Frame(Group(*parts), title=Text(self.name), title_align="left", expand=False, width=None)

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
            yield "loss", Text(f"{sparkline([point.value for point in loss])}  {loss[-1].value:.4g}")
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
        return max(left - max(now - at, timedelta()), timedelta())

    def epoch(self) -> str:
        """Say in which epoch the job is, and of how many."""
        measured, epochs = self.metrics.get("epoch", ()), epochs_of(self.job)
        return f"{measured[-1].value:.2f} of {'?' if epochs is None else f'{epochs:g}'}" if measured else ""


@dataclass(slots=True)
class Board:
    """Several jobs, a line for each; those that are under way come first."""

    panels: Sequence[Panel]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as it stands now, no larger than the terminal."""
        now = datetime.now(UTC)
        wide = options.max_width >= 90
        titles = ["job", "status", "queued", "running", "left", "step", "epoch", "loss", "eval loss"]
        chosen = titles if wide else ["job", "status", "running", "step", "loss"]
        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for index, title in enumerate(chosen):
            table.add_column(title, overflow="ellipsis", no_wrap=True, min_width=10 if index == 0 else None)
        if wide:
            table.add_column("", no_wrap=True)
        shown = sorted(self.panels, key=lambda panel: panel.job.status.is_final)
        room = max(options.size.height - 7 - sum(bool(alarms(panel.metrics)) for panel in shown), 1)
        for panel in shown[:room]:
            values = _values(panel, now)
            row = [styled(values[title]) for title in chosen]
            loss = [point.value for point in panel.metrics.get("loss", ())]
            table.add_row(*row, *([Text(sparkline(loss, max(options.max_width - 100, 8)))] if wide else []))
        yield table
        if len(shown) > room:
            yield Text(f"… and {len(shown) - room} more", style="dim")
        for panel in shown:
            for alarm in alarms(panel.metrics):
                yield Text(f"! {panel.name}: {alarm}", style="bold red", overflow="ellipsis", no_wrap=True)


def _values(panel: Panel, now: datetime) -> dict[str, str]:
    queued, running = panel.clocks(now)
    left, loss, check = panel.left(now), panel.metrics.get("loss"), panel.metrics.get("eval_loss")
    return {
        "job": panel.name,
        "status": panel.job.status.value,
        "queued": clock(queued) if queued is not None else "-",
        "running": clock(running) if running is not None else "-",
        "left": clock(left) if left is not None else "-",
        "step": str(loss[-1].step) if loss else "-",
        "epoch": panel.epoch() or "-",
        "loss": f"{loss[-1].value:.4g}" if loss else "-",
        "eval loss": f"{check[-1].value:.4g}" if check else "-",
    }


@contextmanager
def panel(shown: RenderableType) -> Generator[None]:
    """Draw a view on stderr, and keep it fresh, while the block lasts; what is logged meanwhile stands above it."""
    console = Console(stderr=True)

    def says(line: str) -> None:
        console.print(Text(line))

    with Live(shown, console=console, refresh_per_second=4, vertical_overflow="ellipsis"), listening(says):
        yield


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
