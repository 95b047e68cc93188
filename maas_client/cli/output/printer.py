"""Output: data to stdout as a table, plain text or JSON; everything else to stderr."""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, TypeVar

import click

from ...core.text import printable
from .list_fields import chosen_columns, chosen_document
from .progress import ProgressCallback
from .streams import can_write, write_note

if TYPE_CHECKING:
    from ...transfers.progress import TransferProgress

T = TypeVar("T")
Output = Literal["auto", "table", "json", "jsonl"]
Columns = Mapping[str, Callable[[T], object]]
"""Column title to a function that returns the cell value."""


SHOW_ALL = "--output json"
"""What shows the columns that a terminal is too narrow for, unless the command has --no-truncate."""

PROGRESS_LINE_INTERVAL = timedelta(seconds=30)

_UNSAFE_IN_JSON = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that JSON need not escape but that control a terminal, change text direction or cannot be encoded."""


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints data to stdout in the selected format, and notes to stderr."""

    output: Output = "auto"
    quiet: bool = False
    live: bool = True
    fields: tuple[str, ...] = ()
    no_truncate: bool = False

    @property
    def is_json(self) -> bool:
        """Whether stdout contains only JSON."""
        return self.output in {"json", "jsonl"}

    @property
    def is_live(self) -> bool:
        """Whether a live view can be drawn."""
        return (
            self.live
            and not self.quiet
            and not self.is_json
            and _supports_drawing(sys.stdout)
            and _supports_drawing(sys.stderr)
        )

    def note(self, text: str) -> None:
        """Print a message to stderr."""
        if not self.quiet:
            write_note(printable(text))

    def line(self, text: str) -> None:
        """Print a line of data."""
        click.echo(printable(text))

    @property
    def width(self) -> int | None:
        """The width that lines have to fit; None where no terminal shows them."""
        if not self._draws_tables:
            return None
        from .rich_tables import terminal_width

        return terminal_width()

    def paragraph(self, start: str, text: str) -> None:
        """Print a text after its start; on a terminal it is wrapped between words, and aligned with its first line."""
        width = self.width
        if width is None:
            self.line(f"{start}{text}")
            return
        from .column_fit import READABLE, wrap_words

        for number, line in enumerate(wrap_words(printable(text), max(width - len(start), READABLE))):
            self.line(f"{' ' * len(start) if number else start}{line}")

    def styled_line(self, *parts: tuple[str, str]) -> None:
        """Print a line of (text, style or status word) parts, in colour on a terminal that allows it."""
        if self.output in {"auto", "table"} and _supports_drawing(sys.stdout):
            from .rich_tables import print_styled

            print_styled([(printable(text), style) for text, style in parts])
        else:
            self.line("".join(text for text, _ in parts))

    def document(self, value: object) -> None:
        """Print one JSON value, indented unless the format is jsonl."""
        click.echo(_json(value, indent=None if self.output == "jsonl" else 2))

    def documents(self, values: Sequence[object], *, single: bool) -> None:
        """Print the JSON value of a command with one argument, or the values of one with several: a list, or lines."""
        if single:
            for value in values:
                self.document(value)
        elif self.output == "jsonl":
            for value in values:
                click.echo(_json(value))
        else:
            self.document(list(values))

    def rows(
        self,
        items: Iterable[T],
        columns: Columns[T],
        document: Callable[[T], object],
        *,
        whole: bool = False,
        show_all: str = SHOW_ALL,
    ) -> None:
        """Print a list: each item's document as JSON, or its columns as a table (see `table`)."""
        if self.output == "jsonl":
            for item in items:
                click.echo(_json(document(item)))
        elif self.output == "json":
            self.document([document(item) for item in items])
        else:
            cells = [[format_cell(get(item)) for get in columns.values()] for item in items]
            self.table(list(columns), cells, whole=whole, show_all=show_all)

    def record(self, document: Mapping[str, Any], fields: Mapping[str, object]) -> None:
        """Print one object: its document as JSON, or its non-empty fields."""
        if self.is_json:
            self.document(document)
            return
        shown = [(name, format_cell(value)) for name, value in fields.items() if value not in (None, "", (), {}, [])]
        if self._draws_tables:
            from .rich_tables import print_fields

            print_fields(shown)
            return
        width = max((len(name) for name, _ in shown), default=0)
        for name, value in shown:
            click.echo(f"{name.replace(' ', '_'):<{width}}  {value}")

    def listing(
        self,
        items: Iterable[T],
        columns: Columns[T],
        document: Callable[[T], Mapping[str, object]],
        more: Columns[T] | None = None,
    ) -> None:
        """Print the list of a list command: whole, only its --fields, or with --quiet only its first column.

        `more` are the columns that are shown only if --fields names them.
        """
        chosen = chosen_columns(self.fields, columns, more or {})
        if self.fields:
            self.rows(
                items, chosen, lambda item: chosen_document(chosen, item, document(item)), show_all="--no-truncate"
            )
        elif self.quiet and not self.is_json:
            identify = next(iter(columns.values()))
            for item in items:
                self.line(format_cell(identify(item)))
        else:
            self.rows(items, columns, document, show_all="--no-truncate")

    def table(
        self,
        titles: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        whole: bool = False,
        show_all: str = SHOW_ALL,
    ) -> None:
        """Print a table; without a terminal as columns aligned with spaces, after a header line.

        A narrow terminal gets the first columns and a note that names the others; if `whole`, one record per row.
        """
        if self._draws_tables:
            from .rich_tables import fits, print_fields, print_table

            if whole and not self.no_truncate and not fits(titles, rows):
                for row in rows:
                    print_fields([(title, cell) for title, cell in zip(titles, row, strict=True) if cell != "-"])
                    self.line("")
                return
            hidden = print_table(titles, rows, truncate=not self.no_truncate)
            if hidden:
                self.note(f"too narrow for {', '.join(hidden)}: {show_all} shows all columns")
            return
        lines = [[title.upper().replace(" ", "_") for title in titles], *rows]
        widths = [max(len(line[index]) for line in lines) for index in range(len(titles))]
        for line in lines:
            click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())

    @contextmanager
    def progress(self, label: str) -> Generator[ProgressCallback]:
        """Show transfer progress: a bar on a terminal, otherwise a line every 30 seconds."""
        if self.live and not self.quiet and _supports_drawing(sys.stderr):
            from .rich_tables import progress_bar

            with progress_bar(printable(label)) as advance:
                yield advance
        else:
            yield ProgressLines(label, self.note)

    @property
    def _draws_tables(self) -> bool:
        return self.output == "table" or (self.output == "auto" and _supports_drawing(sys.stdout))


class ProgressLines:
    """Prints transfer progress as a line at intervals."""

    def __init__(
        self, label: str, note: Callable[[str], None], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._label, self._note, self._now = label, note, now
        self._last_line_at = now()
        self._last_done, self._doing = 0, ""

    def __call__(self, done: int, total: int, doing: str = "") -> None:
        """Update progress; print it with the transfer rate if the interval has passed."""
        now_ = self._now()
        if doing != self._doing:
            self._doing, self._last_done = doing, 0
        elapsed = now_ - self._last_line_at
        if elapsed < PROGRESS_LINE_INTERVAL:
            return
        rate = (done - self._last_done) / elapsed.total_seconds()
        left = f", {timedelta(seconds=round((total - done) / rate))} left" if rate > 0 and done < total else ""
        share = done * 100 // max(total, 1)
        what = f"{doing} {self._label}".lstrip()
        self._note(
            f"{what}: {format_size(done)} of {format_size(total)} ({share} %), {format_size(round(rate))}/s{left}"
        )
        self._last_line_at, self._last_done = now_, done


def show_upload_progress(advance: ProgressCallback, progress: TransferProgress) -> None:
    """Show the progress of an upload, which first reads (hashes) its file."""
    if progress.read:
        advance(progress.read, progress.total, "reading")
    else:
        advance(progress.done, progress.total)


def format_cell(value: object) -> str:
    """Format a value as one line without control characters; a dash if it is empty."""
    if is_mapping(value):
        value = ", ".join(f"{key}={item}" for key, item in value.items())
    elif is_sequence(value):
        value = ", ".join(str(item) for item in value)
    elif isinstance(value, float):
        value = f"{value:.6g}"
    return " ".join(printable(str(value)).split()) if value not in (None, "") else "-"


def format_size(count: int) -> str:
    """Format a number of bytes with a binary unit."""
    number, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB"]
    while number >= 1024 and len(units) > 1:
        number /= 1024
        units.pop(0)
    return f"{number:.1f} {units[0]}" if units[0] != "B" else f"{count} B"


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Return whether a value is a mapping."""
    return isinstance(value, Mapping)


def is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """Return whether a value is a list or a tuple."""
    return isinstance(value, list | tuple)


def _supports_drawing(stream: Any) -> bool:
    """Return whether a stream is a terminal that allows drawing; NO_COLOR takes the colours only."""
    return bool(stream and stream.isatty()) and os.environ.get("TERM") != "dumb"


def _json(value: object, indent: int | None = None) -> str:
    finite = _finite(value)
    written = json.dumps(finite, indent=indent, ensure_ascii=False, default=str, allow_nan=False)
    if not can_write(written):
        written = json.dumps(finite, indent=indent, default=str, allow_nan=False)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _finite(value: object) -> object:
    """Replace NaN and infinity, as in the loss of a diverged run, with null."""
    if is_mapping(value):
        return {key: _finite(item) for key, item in value.items()}
    if is_sequence(value):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
