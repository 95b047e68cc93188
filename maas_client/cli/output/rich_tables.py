"""Tables, fields and progress bars on a terminal. Imported on use, because importing rich takes 100 ms."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from .column_fit import GAP, READABLE, fit_columns, wrap_words
from .progress import ProgressCallback

STYLES = {
    "Completed": "green",
    "Online": "green",
    "Succeeded": "green",
    "succeeded": "green",
    "ok": "green",
    "Failed": "bold red",
    "failed": "bold red",
    "NotResponding": "bold red",
    "refused": "bold red",
    "fatal": "bold red",
    "problem": "bold red",
    "Canceled": "yellow",
    "cancelled": "yellow",
    "Paused": "yellow",
    "paused": "yellow",
    "dropped": "yellow",
    "changed": "cyan",
    "warning": "",
    "Running": "cyan",
    "running": "cyan",
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


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, truncate: bool = True) -> Sequence[str]:
    """Print a table to stdout, and return the titles of the columns that the terminal is too narrow for.

    No word, number or id is broken: whole columns are left out, the last ones first, unless `truncate` is false.
    """
    console = _StdoutConsole()
    fit = fit_columns([titles, *rows], _available_width(console) if truncate else None)
    shown = len(fit.widths)
    _print_row(console, [Text(title, style="bold") for title in titles[:shown]], fit.widths)
    _print_line(console, Text(("-" if console.options.ascii_only else "─") * (sum(fit.widths) + GAP * (shown - 1))))
    for row in rows:
        _print_row(console, [styled(text) for text in row[:shown]], fit.widths)
    return titles[shown:]


def fits(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the terminal is wide enough for all columns of a table."""
    return fit_columns([titles, *rows], _available_width(_StdoutConsole())).hidden == 0


def terminal_width() -> int | None:
    """Return the width of the terminal, or that in COLUMNS; None without either."""
    return _available_width(_StdoutConsole())


def print_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Print names and values to stdout; a long value is wrapped between words only, so that ids can be copied."""
    console = _StdoutConsole()
    width, available = max((cell_len(name) for name, _ in fields), default=0), _available_width(console)
    for name, value in fields:
        lines = [value] if available is None else wrap_words(value, max(available - width - GAP, READABLE))
        for number, line in enumerate(lines):
            title = Text(name if number == 0 else "", style="bold")
            title.pad_right(width + GAP - cell_len(title.plain))
            _print_line(console, title + (styled(value) if len(lines) == 1 else Text(line)))


def _print_row(console: Console, cells: Sequence[Text], widths: Sequence[int]) -> None:
    """Print a row, with more than one line if a text is wrapped."""
    wrapped = [wrap_words(cell.plain, width) for cell, width in zip(cells, widths, strict=True)]
    for number in range(max(map(len, wrapped), default=0)):
        line = Text()
        for cell, lines, width in zip(cells, wrapped, widths, strict=True):
            part = Text(lines[number] if number < len(lines) else "", style=cell.style)
            part.pad_right(width - cell_len(part.plain) + GAP)
            line.append_text(part)
        line.rstrip()
        _print_line(console, line)


def _print_line(console: Console, line: Text) -> None:
    """Print a line as it is, even if it is longer than the terminal is wide."""
    console.print(line, soft_wrap=True)


def _available_width(console: Console) -> int | None:
    """Return the width of the terminal, or that in COLUMNS; None without either."""
    return console.width if console.is_terminal or os.environ.get("COLUMNS") else None


def print_drawing(drawing: Text) -> None:
    """Print a text plot to stdout."""
    _StdoutConsole().print(drawing)


class _StdoutConsole(Console):
    """A console that leaves the handling of a closed pipe to the root command."""

    def on_broken_pipe(self) -> None:
        """Raise the error instead of exiting."""
        raise BrokenPipeError


class _SpeedColumn(TransferSpeedColumn):
    """The rate of a transfer; nothing instead of a question mark while it is unknown, as for a small file."""

    def render(self, task: Task) -> Text:
        """Return the rate, if there is one."""
        return super().render(task) if task.finished_speed or task.speed else Text("")


@contextmanager
def progress_bar(label: str) -> Generator[ProgressCallback]:
    """Draw a progress bar on stderr within the block, once the first progress is reported."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        _SpeedColumn(),
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
