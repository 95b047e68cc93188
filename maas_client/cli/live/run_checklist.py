"""The live view of `maas run`: the steps with their durations, upload progress and loss curve."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ...jobs.alarms import alarms
from ...jobs.job import Job
from ...workflow.steps import STEPS, Step, StepUpdate
from ..app.exit_codes import INTERRUPTED, Failed
from ..output.durations import format_duration
from ..output.printer import format_size
from .job_panel import sparkline

if TYPE_CHECKING:
    from ... import MetricPoint, TransferProgress

CURVE_WIDTH = 24
"""Width of the loss sparkline, in characters."""

LATEST_NOTES = 3
"""Number of notes shown while the run is in progress."""

_BAR_WIDTH = 24
_DURATION_WIDTH = len("100:00:00")


@dataclass(slots=True)
class StepLine:
    """The displayed state of a step."""

    text: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    already_done: bool = False
    failed: bool = False


@dataclass(slots=True)
class Checklist:
    """The state of all steps; durations are computed each time it is drawn."""

    steps: Sequence[Step]
    lines: dict[Step, StepLine] = field(default_factory=lambda: {step: StepLine() for step in STEPS})
    job: Job = field(default_factory=Job)
    metrics: Mapping[str, Sequence[MetricPoint]] = field(default_factory=dict[str, "Sequence[MetricPoint]"])
    progress: TransferProgress | None = None
    notes: list[str] = field(default_factory=list[str])
    finished: bool = False

    def on_step(self, update: StepUpdate) -> None:
        """Update a step."""
        line, now = self.lines[update.step], datetime.now(UTC)
        line.text = update.text
        if update.state == "began":
            line.started = now
        if update.state == "done":
            line.ended, line.already_done, self.progress = now, update.already, None
        self.job = update.job or self.job

    def mark_failed(self) -> None:
        """Mark the current step as failed."""
        for line in self.lines.values():
            if line.started is not None and line.ended is None:
                line.ended, line.failed = datetime.now(UTC), True

    def on_progress(self, progress: TransferProgress) -> None:
        """Update the upload progress."""
        self.progress = progress

    def add_note(self, text: str) -> None:
        """Add a note below the checklist."""
        self.notes.append(text)

    @property
    def is_training(self) -> bool:
        """Whether the job is training, so that new metrics may be available."""
        line = self.lines["train"]
        return line.started is not None and line.ended is None and not self.job.status.is_waiting

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the current state, one line per step."""
        del console, options
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(width=1)
        grid.add_column(width=max(map(len, STEPS)))
        grid.add_column(width=_DURATION_WIDTH, justify="right", no_wrap=True)
        grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        now = datetime.now(UTC)
        for step in self.steps:
            line = self.lines[step]
            elapsed = format_duration((line.ended or now) - line.started) if line.started else ""
            grid.add_row(_mark(line), Text(step), Text(elapsed, style="dim"), self._status(step, line))
        yield grid
        for alarm in alarms(self.metrics):
            yield Text(f"! {alarm}", style="bold red")
        for each in self.notes if self.finished else self.notes[-LATEST_NOTES:]:
            yield Text(each, style="yellow")

    def _status(self, step: Step, line: StepLine) -> Text | Table:
        under_way = line.started is not None and line.ended is None
        if step == "upload" and under_way and self.progress is not None:
            return _transfer_progress(line.text, self.progress)
        if step == "train" and under_way and (loss := self.metrics.get("loss")):
            curve = sparkline([point.value for point in loss], CURVE_WIDTH)
            eval_text = f", eval loss {eval_loss[-1].value:.4g}" if (eval_loss := self.metrics.get("eval_loss")) else ""
            return Text(f"{line.text}, step {loss[-1].step}, loss {curve} {loss[-1].value:.4g}{eval_text}")
        return Text(" ".join(line.text.split()) + (" (already done)" if line.already_done else ""))


def _mark(line: StepLine) -> Text:
    if line.failed:
        return Text("✗", style="bold red")
    if line.ended is not None:
        return Text("✓", style="green")
    return Text("▸", style="cyan") if line.started is not None else Text("·", style="dim")


def _transfer_progress(name: str, progress: TransferProgress) -> Table:
    """Draw the progress of a file, which is read (hashed) before it is sent."""
    done = progress.read or progress.done
    share = done * 100 // max(progress.total, 1)
    row = Table.grid(padding=(0, 1))
    text = f"{'reading' if progress.read else 'sent'} {format_size(done)} of {format_size(progress.total)} ({share} %)"
    row.add_row(Text(name), ProgressBar(total=max(progress.total, 1), completed=done, width=_BAR_WIDTH), Text(text))
    return row


@contextmanager
def live_checklist(shown: Checklist) -> Generator[None]:
    """Draw the checklist on stderr and refresh it within the block."""
    with Live(shown, console=Console(stderr=True), refresh_per_second=4):
        try:
            yield
        except Failed as failed:
            if failed.code != INTERRUPTED:
                shown.mark_failed()
            raise
        finally:
            shown.finished = True
