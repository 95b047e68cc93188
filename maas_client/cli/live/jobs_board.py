"""The live view of several jobs: one line per job with a sparkline, followed by alarms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from ..output.durations import format_duration
from ..output.rich_tables import styled
from .job_panel import JobPanel, warning_style

WIDE_FROM = 90
"""Terminal width from which all columns are shown."""

TITLES = ("job", "status", "queued", "running", "left", "step", "epoch", "loss", "eval loss")
NARROW_TITLES = ("job", "status", "running", "step", "loss")

RESERVED_LINES = 5
"""Lines besides the jobs: the header, the count of hidden jobs, and the cursor."""


@dataclass(slots=True)
class JobsBoard:
    """Several jobs, one line each, running jobs first; a job with an alarm is marked."""

    panels: list[JobPanel]
    caption: str = ""

    def add(self, name: str) -> JobPanel:
        """Add a job that has not been created yet."""
        panel = JobPanel(name)
        self.panels.append(panel)
        return panel

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the current state, no larger than the terminal."""
        now, wide = datetime.now(UTC), options.max_width >= WIDE_FROM
        shown = sorted(self.panels, key=_order)
        warned = sum(bool(panel.warnings()) for panel in shown)
        # Jobs take precedence over alarms: if space is short, alarms get at most a third of the lines.
        silent = [panel.outage for panel in shown if panel.outage is not None]
        notes = [*([self.caption] if self.caption else []), *(f"! {outage.text(now)}" for outage in silent[:1])]
        available = max(options.size.height - RESERVED_LINES - len(notes), 2)
        warning_lines = min(warned, max(available - len(shown), available // 3))
        chosen = TITLES if wide else NARROW_TITLES
        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
        for index, title in enumerate(chosen):
            table.add_column(title, overflow="ellipsis", no_wrap=True, min_width=10 if index == 0 else None)
        if wide:
            table.add_column("", no_wrap=True)
        for panel in shown[: available - warning_lines]:
            values = _values(panel, now)
            row = [_name(panel), *(styled(values[title]) for title in chosen[1:])]
            table.add_row(*row, *([Text(panel.loss_sparkline(max(options.max_width - 102, 8)))] if wide else []))
        yield table
        if (missing := len(shown) - (available - warning_lines)) > 0:
            yield Text(f"… and {missing} more", style="dim")
        yield from _warnings(shown, warning_lines)
        for note in notes:
            yield Text(note, style="yellow", overflow="ellipsis", no_wrap=True)


def _order(panel: JobPanel) -> int:
    """Running jobs first, then those that have not been created, then those that have ended."""
    return 2 if panel.job.status.is_final else 0 if panel.job.name else 1


def _name(panel: JobPanel) -> Text:
    """Return a job's name, marked if it has an alarm."""
    name = Text(panel.name, overflow="ellipsis", no_wrap=True)
    if found := panel.warnings():
        name.append(" !", warning_style(found))
    return name


def _warnings(panels: Sequence[JobPanel], limit: int) -> Iterator[Text]:
    """Yield a line for each job with alarms, fatal alarms first."""
    found = [(panel.name, panel.warnings()) for panel in panels if panel.warnings()]
    found.sort(key=lambda one: not any(alarm.is_fatal for alarm in one[1]))
    for name, warnings in found[:limit]:
        text = f"! {name}: {'; '.join(map(str, warnings))}"
        yield Text(text, style=warning_style(warnings), overflow="ellipsis", no_wrap=True)


def _values(panel: JobPanel, now: datetime) -> dict[str, str]:
    queued, running = panel.durations(now)
    remaining_time, loss, eval_loss = (
        panel.remaining_time(now),
        panel.metrics.get("loss"),
        panel.metrics.get("eval_loss"),
    )
    return {
        "status": panel.job.status.value if panel.job.name else "not created",
        "queued": format_duration(queued) if queued is not None else "-",
        "running": format_duration(running) if running is not None else "-",
        "left": format_duration(remaining_time) if remaining_time is not None else "-",
        "step": str(loss[-1].step) if loss else "-",
        "epoch": panel.epoch() or "-",
        "loss": f"{loss[-1].value:.4g}" if loss else "-",
        "eval loss": f"{eval_loss[-1].value:.4g}" if eval_loss else "-",
    }
