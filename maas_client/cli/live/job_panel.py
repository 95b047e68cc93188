"""The live view of a job: status, durations, steps, loss curves and the end of its log."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
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

from ...core.timestamps import parse_timestamp
from ...jobs.alarms import Alarm, alarms
from ...jobs.job import Job
from ...jobs.throughput import epochs_of, time_left, tokens_per_second
from ...rendering.curve_text import LEAST_HEIGHT, LEAST_WIDTH
from ...rendering.curves import Picture, picture
from ..app.logging import redirect_log
from ..output.curve_plot import plot
from ..output.durations import format_duration
from ..output.rich_tables import styled
from .memo import Memo
from .outage_text import ShownOutage

if TYPE_CHECKING:
    from ... import MetricPoint
    from ...jobs.step import JobStep

SPARKLINE_LEVELS = "▁▂▃▄▅▆▇█"
SPARKLINE_WIDTH = 48
MAX_CURVE_LINES = 14
"""Maximum height of the curve, in lines."""

MAX_OUTAGE_LINES = 3
"""Maximum lines for the reason why there is no answer."""

MAX_WIDTH = 110
"""Maximum width of the view, in characters."""


@dataclass(slots=True)
class JobPanel:
    """The current state of a job; durations are computed each time it is drawn."""

    name: str
    job: Job = field(default_factory=Job)
    started: datetime | None = None
    ended: datetime | None = None
    stage: str = ""
    metrics: Mapping[str, Sequence[MetricPoint]] = field(default_factory=dict[str, "Sequence[MetricPoint]"])
    log: Sequence[str] = ()
    steps: Sequence[JobStep] = ()
    outage: ShownOutage | None = None
    _alarms_memo: Memo[tuple[Alarm, ...]] = field(default_factory=Memo["tuple[Alarm, ...]"])
    _loss_memo: Memo[str] = field(default_factory=Memo[str])
    _picture_memo: Memo[tuple[Picture | None]] = field(default_factory=Memo["tuple[Picture | None]"])
    _curve_memo: Memo[Text] = field(default_factory=Memo[Text])

    def set_run_times(self, started: str, ended: str, stage: str = "") -> None:
        """Set when the job started training, when it ended, and the stage that it is in, if the service says."""
        self.started, self.ended, self.stage = parse_timestamp(started), parse_timestamp(ended), stage

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the current state, no larger than the terminal."""
        width_inside = min(options.max_width, MAX_WIDTH) - 4
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="ellipsis", no_wrap=True)
        now = datetime.now(UTC)
        lines = list(self.lines(now))
        for name, value in lines:
            grid.add_row(Text(name, style="dim"), value)
        warnings = [
            line
            for alarm in self.warnings()
            for line in Text(f"! {alarm}", style=warning_style([alarm])).wrap(console, width_inside)
        ]
        if self.outage is not None:
            warnings += Text(f"! {self.outage.text(now)}", style="yellow").wrap(console, width_inside)[
                :MAX_OUTAGE_LINES
            ]
        parts: list[RenderableType] = [grid, *warnings]
        available = options.size.height - 3 - len(lines) - len(warnings)  # minus the frame and a line for the cursor
        curve, log = divide_lines(
            available, len(self.log), is_curve=width_inside >= LEAST_WIDTH and self._picture(width_inside) is not None
        )
        if curve and (shown := self._picture(width_inside)) is not None:
            parts += [
                "",
                self._curve_memo.get(
                    partial(plot, shown, width=width_inside, height=curve), shown, width_inside, curve
                ),
            ]
        if log:
            tail = self.log[len(self.log) - log :]
            parts += ["", *(Text(line, style="dim", overflow="ellipsis", no_wrap=True) for line in tail)]
        yield Frame(Group(*parts), title=Text(self.name), title_align="left", expand=False)

    def warnings(self) -> tuple[Alarm, ...]:
        """Return the alarms raised by the metrics."""
        return self._alarms_memo.get(partial(alarms, self.metrics), self.metrics)

    def loss_sparkline(self, width: int = SPARKLINE_WIDTH) -> str:
        """Return the loss as a sparkline, or the reward of a job that measures no loss."""
        return self._loss_memo.get(partial(_loss_memo, self.metrics, width), self.metrics, width)

    def _picture(self, columns: int) -> Picture | None:
        return self._picture_memo.get(partial(_curve_picture, self.metrics, columns), self.metrics, columns)[0]

    def lines(self, now: datetime) -> Iterator[tuple[str, Text]]:
        """Yield the lines of the view as (title, value)."""
        yield "model", Text(self.job.model or "-")
        yield "status", styled(self.job.status.value)
        if self.stage and not self.job.status.is_final:
            yield "stage", Text(self.stage)
        for step in self.steps:
            yield f"  {step.name}", _step_line(step, now)
        queued, running = self.durations(now)
        if queued is not None:
            yield "queued", Text(format_duration(queued))
        if running is not None:
            yield "running", Text(format_duration(running))
        if (remaining_time := self.remaining_time(now)) is not None:
            yield "left", Text(f"about {format_duration(remaining_time)}")
        loss, reward = self.metrics.get("loss"), self.metrics.get("reward")
        if measured := loss or reward:
            yield "step", Text(f"{measured[-1].step}" + (f", epoch {self.epoch()}" if self.epoch() else ""))
        if (rate := tokens_per_second(self.job, self.metrics, running)) is not None:
            yield "tokens/s", Text(f"{rate:,.0f}")
        if loss:
            yield "loss", Text(f"{self.loss_sparkline()}  {loss[-1].value:.4g}")
        if eval_loss := self.metrics.get("eval_loss"):
            yield "eval loss", Text(f"{eval_loss[-1].value:.4g}")
        if reward:
            yield "reward", Text(("" if loss else f"{self.loss_sparkline()}  ") + f"{reward[-1].value:.4g}")
        if eval_reward := self.metrics.get("eval_reward") or self.metrics.get("full_eval_reward"):
            yield "eval reward", Text(f"{eval_reward[-1].value:.4g}")

    def durations(self, now: datetime) -> tuple[timedelta | None, timedelta | None]:
        """Return how long the job was queued and how long it has been running."""
        created, end = parse_timestamp(self.job.created_at), self.ended or now
        queued = None if created is None else (self.started or end) - created
        return queued, None if self.started is None else end - self.started

    def remaining_time(self, now: datetime) -> timedelta | None:
        """Return the estimated remaining training time, if known."""
        measured = self.metrics.get("epoch", ())
        remaining_time = None if self.job.status.is_final else time_left(self.job, self.metrics)
        if remaining_time is None or (at := parse_timestamp(measured[-1].at)) is None:
            return None
        rest = remaining_time - max(now - at, timedelta())
        return rest if rest > timedelta() else None  # the time after the last step is not known

    def epoch(self) -> str:
        """Return the current epoch and the number of epochs as text."""
        measured, epochs = self.metrics.get("epoch", ()), epochs_of(self.job)
        return f"{measured[-1].value:.2f} of {'?' if epochs is None else f'{epochs:g}'}" if measured else ""


def _step_line(step: JobStep, now: datetime) -> Text:
    """Return a step's status, and how long it has run."""
    line = styled(step.status.value)
    if step.is_reused:
        return line + Text("  reused")
    ran = None if step.start is None else (step.end or now) - step.start
    return line if ran is None or step.status.is_waiting else line + Text(f"  {format_duration(ran)}")


def divide_lines(available: int, log: int, *, is_curve: bool) -> tuple[int, int]:
    """Divide the available lines between curve and log, each preceded by an empty line."""
    log_lines = max(min(log, available - LEAST_HEIGHT - 2), 0)
    curve = available - 1 - (log_lines + 1 if log_lines else 0)
    if is_curve and curve >= LEAST_HEIGHT:
        return min(curve, MAX_CURVE_LINES), log_lines
    return 0, max(min(log, available - 1), 0)


def warning_style(found: Sequence[Alarm]) -> str:
    """Return the style in which alarms are shown."""
    return "bold red" if any(alarm.is_fatal for alarm in found) else "yellow"


@contextmanager
def live_view(shown: RenderableType) -> Generator[Callable[[str], None]]:
    """Draw a live view on stderr and refresh it within the block.

    Log lines are printed above it; what is yielded prints a line there, too.
    """
    console = Console(stderr=True)

    def print_line(line: str) -> None:
        console.print(Text(line))

    with Live(shown, console=console, refresh_per_second=4, vertical_overflow="ellipsis"), redirect_log(print_line):
        yield print_line


def _curve_picture(metrics: Mapping[str, Sequence[MetricPoint]], columns: int) -> tuple[Picture | None]:
    """Return the picture, or None, in a tuple: a memo needs a value that is not None."""
    return (picture(metrics, columns=columns),)


def _loss_memo(metrics: Mapping[str, Sequence[MetricPoint]], width: int) -> str:
    return sparkline([point.value for point in metrics.get("loss") or metrics.get("reward", ())], width)


def sparkline(values: Sequence[float], width: int = SPARKLINE_WIDTH) -> str:
    """Return values as a row of bars, averaging several per bar where more than `width`."""
    finite = [value for value in values if abs(value) < 1e300]
    step = max(1, -(-len(finite) // width))
    groups = [finite[start : start + step] for start in range(0, len(finite), step)]
    means = [sum(value / len(group) for value in group) for group in groups]
    if not means:
        return ""
    low, span = min(means), (max(means) - min(means)) or 1.0
    return "".join(SPARKLINE_LEVELS[round((mean - low) / span * (len(SPARKLINE_LEVELS) - 1))] for mean in means)
