"""Tables, fields and progress bars on a terminal. Imported on use, because importing rich takes 100 ms."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from .progress import ProgressCallback

STYLES = {
    "Completed": "green",
    "Online": "green",
    "Succeeded": "green",
    "ok": "green",
    "Failed": "bold red",
    "NotResponding": "bold red",
    "refused": "bold red",
    "fatal": "bold red",
    "problem": "bold red",
    "Canceled": "yellow",
    "Paused": "yellow",
    "dropped": "yellow",
    "changed": "cyan",
    "warning": "",
    "Running": "cyan",
    "Finalizing": "cyan",
    "Creating": "cyan",
}
"""Styles of status words."""


def styled(text: str) -> Text:
    """Return text, never interpreted as markup, in the style of its status if it is one."""
    return Text(text, style=STYLES.get(text, ""))


def print_styled(parts: Sequence[tuple[str, str]]) -> None:
    """Print a line of texts in their styles, or in those of their status words."""
    _StdoutConsole().print(Text.assemble(*((text, STYLES.get(style, style)) for text, style in parts)), soft_wrap=True)


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table to stdout; the first column is never truncated."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for index, title in enumerate(titles):
        table.add_column(title, overflow="fold", no_wrap=index == 0)
    for row in rows:
        table.add_row(*(styled(text) for text in row))
    _StdoutConsole().print(table)


def print_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Print names and values to stdout."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in fields:
        grid.add_row(Text(name, style="bold"), styled(value))
    _StdoutConsole().print(grid)


def print_drawing(drawing: Text) -> None:
    """Print a text plot to stdout."""
    _StdoutConsole().print(drawing)


class _StdoutConsole(Console):
    """A console that leaves the handling of a closed pipe to the root command."""

    def on_broken_pipe(self) -> None:
        """Raise the error instead of exiting."""
        raise BrokenPipeError


@contextmanager
def progress_bar(label: str) -> Generator[ProgressCallback]:
    """Draw a progress bar on stderr within the block, once the first progress is reported."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(label, total=None, visible=False)
        last_doing = ""

        def advance(done: int, total: int, doing: str = "") -> None:
            nonlocal last_doing
            if doing != last_doing:
                last_doing = doing
                progress.reset(task)  # the rate of the previous phase does not apply
            described = f"{doing} {label}".lstrip()
            progress.update(task, description=described, completed=done, total=total, visible=True)

        yield advance
