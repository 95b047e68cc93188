"""The live view of a job: status, clocks, steps and the curve of its loss, redrawn by rich on its own."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.panel import Panel as Frame
from rich.table import Table
from rich.text import Text

from ..job import Job
from .screen import styled

if TYPE_CHECKING:
    from .. import MetricPoint

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 48


@dataclass(slots=True)
class Panel:
    """What is known of a job so far; drawing it again moves its clocks."""

    name: str
    job: Job = field(default_factory=Job)
    started: datetime | None = None
    ended: datetime | None = None
    metrics: Mapping[str, Sequence[MetricPoint]] = field(default_factory=dict[str, "Sequence[MetricPoint]"])

    def ran(self, started: str, ended: str) -> None:
        """Take note of when the job began to train, and when it ended."""
        self.started, self.ended = moment(started), moment(ended)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it as it stands now."""
        del console, options
        grid = Table.grid(padding=(0, 2))
        for name, value in self._lines(datetime.now(UTC)):
            grid.add_row(Text(name, style="dim"), value)
        yield Frame(Group(grid), title=Text(self.name), title_align="left", expand=False)

    def _lines(self, now: datetime) -> Iterator[tuple[str, Text]]:
        yield "model", Text(self.job.model or "-")
        yield "status", styled(self.job.status.value)
        created, end = moment(self.job.created_at), self.ended or now
        if created is not None:
            yield "queued", Text(clock((self.started or end) - created))
        if self.started is not None:
            yield "running", Text(clock(end - self.started))
        if loss := self.metrics.get("loss"):
            epochs = self.job.hyperparameters.get("num_train_epochs")
            epoch = self.metrics.get("epoch")
            yield (
                "step",
                Text(f"{loss[-1].step}" + (f", epoch {epoch[-1].value:.2f} of {epochs or '?'}" if epoch else "")),
            )
            yield "loss", Text(f"{sparkline([point.value for point in loss])}  {loss[-1].value:.4g}")
        if check := self.metrics.get("eval_loss"):
            yield "eval loss", Text(f"{check[-1].value:.4g}")


@contextmanager
def panel(shown: Panel) -> Generator[None]:
    """Draw a view on stderr, and keep it fresh, while the block lasts."""
    with Live(shown, console=Console(stderr=True), refresh_per_second=4):
        yield


def moment(text: str) -> datetime | None:
    """Read the service's time stamp; None when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def clock(span: timedelta) -> str:
    """Write a span as hours, minutes and seconds; clocks that differ never make it negative."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def sparkline(values: Sequence[float], width: int = WIDTH) -> str:
    """Draw values as a row of bars, several to one where there are more than fit."""
    finite = [value for value in values if abs(value) < float("inf")]
    step = max(1, -(-len(finite) // width))
    groups = [finite[start : start + step] for start in range(0, len(finite), step)]
    means = [sum(group) / len(group) for group in groups]
    if not means:
        return ""
    low, span = min(means), (max(means) - min(means)) or 1.0
    return "".join(BARS[round((mean - low) / span * (len(BARS) - 1))] for mean in means)
