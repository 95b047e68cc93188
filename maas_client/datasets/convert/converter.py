"""Converting source rows to chat rows that the service keeps; others are rejected or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice

from ...core.errors import InvalidInput
from ..check.fast_path import FastPath, fast_path_for
from ..check.line_batch import LineBatch
from ..check.rules import ends_job, loses_row
from ..json_recovery.pieces import LONGEST, UNREADABLE, write_row
from ..repair.loading import fill_content, join_parts, without_half_pairs
from ..rows.chat import judge_chat
from ..rows.excerpt import escape
from ..rows.lines import SURROGATE
from ..rows.schemas import CHAT, Row
from ..rows.shapes import REJECTED, reference_in
from .format import Format
from .format_detection import ROWS_EXAMINED, detect_format, requested_format
from .format_names import ON_BAD
from .result import BadRow, DatasetConversion, LineCounts
from .source import Numbered, Source
from .values import LeftOut, SourceRow, Unconvertible, shown

Write = Callable[[SourceRow, Format, list[str]], tuple[Row, bytes]]
"""Takes a source row, its format and a list that receives dropped keys; returns a row and its JSON line."""

_KEYS_COUNTED = 100
"""Dropped keys counted by name, at most; some data has as many names as rows."""

_OTHERS = "(others)"


class Converter:
    """Converts the rows of a source, once.

    `write` makes the rows of another service than Azure Machine Learning. `keep` is the number of bad rows listed.
    """

    def __init__(
        self,
        source: Source,
        *,
        source_format: str,
        columns: Mapping[str, str] | None,
        on_bad: str,
        write: Write | None = None,
        keep: int = 20,
    ) -> None:
        if on_bad not in ON_BAD:
            raise InvalidInput(f"on_bad is {on_bad!r}; it can be {' or '.join(ON_BAD)}")
        self._source, self._skips, self._keep = source, on_bad == "skip", keep
        self._format = requested_format(source_format, columns)
        if self._format is not None:
            _refuse_columns(self._format, source)
        self._quick = fast_path_for(CHAT, system=True)
        self._write = write
        self._read = self._written = self._rejected = 0
        self._used: dict[str, None] = {}
        self._dropped: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._lines_of: Counter[str] = Counter()
        self._multiline = self._doubtful = 0
        self._first_multiline: int | None = None
        self._first_doubtful: int | None = None
        self._bad: list[BadRow] = []

    @property
    def conversion(self) -> DatasetConversion:
        """The counts of the conversion so far."""
        return DatasetConversion(
            source_format="" if self._format is None else self._format.name,
            columns=tuple(self._used),
            rows_read=self._read,
            rows_written=self._written,
            rows_skipped=self._read - self._written - self._left_out.total(),
            rows_left_out=self._left_out.total(),
            left_out=dict(self._left_out),
            rejected_answers_left_out=self._rejected,
            dropped_keys=dict(self._dropped),
            bad=tuple(self._bad),
            unit=self._source.unit,
            encoding=self._source.encoding,
            lines=self._lines(),
        )

    def _lines(self) -> LineCounts | None:
        """Count the lines of a table."""
        if self._source.lines is None:
            return None
        read, header, blank = self._source.lines()
        return LineCounts(
            read=read,
            header=header,
            blank=blank,
            written=self._lines_of["written"],
            left_out=self._lines_of["left out"],
            skipped=self._lines_of["skipped"],
            multiline_rows=self._multiline,
            first_multiline=self._first_multiline,
            doubtful_rows=self._doubtful,
            first_doubtful=self._first_doubtful,
        )

    def __iter__(self) -> Iterator[tuple[Row, bytes]]:
        """Yield each chat row and its JSON line.

        Raises InvalidInput for a row that cannot be converted unless such rows are skipped, if the format is ambiguous,
        and at the end if there were no rows.
        """
        first = list(islice(self._source.rows, ROWS_EXAMINED))
        if not first:
            raise InvalidInput(f"{self._source.name}: there are no rows")
        chosen = self._format = self._format or self._detect_format(first)
        for each in chain(first, self._source.rows):
            self._read += 1
            dropped: list[str] = []
            try:
                if self._write is None:
                    row, line = _convert(each, chosen, dropped, self._quick)
                else:
                    row, line = self._write(_of_format(each, chosen), chosen, dropped)
            except Unconvertible as error:
                self._lines_of["skipped"] += each.lines
                self._note_bad(each.number, str(error))
            except LeftOut as mark:
                self._lines_of["left out"] += each.lines
                self._left_out[str(mark)] += 1
            else:
                self._written += 1
                is_left_out = not any(column in row for column in REJECTED)
                self._rejected += is_left_out and any((each.row or {}).get(name) is not None for name in REJECTED)
                self._note_lines(each)
                self._used |= dict.fromkeys(chosen.used(each.row or {}))
                self._count(dropped)
                yield row, line
        if not self._written:
            raise InvalidInput(f"{self._source.name}: no row can be converted: {self._why_none()}")

    def _why_none(self) -> str:
        """Explain why no row was written."""
        listed = _listed(self._bad, self._source.unit)
        if not self._left_out:
            return listed
        found = (
            f"{self._left_out.total()} of {self._read} are marked as not to be learned ({', '.join(self._left_out)})"
        )
        return f"{found}; {listed}" if listed else found

    def _detect_format(self, first: Sequence[Numbered]) -> Format:
        name, unit = self._source.name, self._source.unit
        rows = [each.row for each in first if each.row is not None]
        if not rows:
            bad = [BadRow(each.number, each.reason) for each in first]
            raise InvalidInput(f"{name}: the first rows cannot be read: {_listed(bad, unit)}")
        return detect_format(rows, source=name)

    def _note_lines(self, row: Numbered) -> None:
        self._lines_of["written"] += row.lines
        if row.lines > 1:
            self._multiline += 1
            self._first_multiline = self._first_multiline or row.number
        if row.doubtful:
            self._doubtful += 1
            self._first_doubtful = self._first_doubtful or row.number

    def _note_bad(self, number: int, reason: str) -> None:
        bad = BadRow(number, reason)
        if not self._skips:
            raise InvalidInput(
                f"{self._source.name}: {_listed([bad], self._source.unit)}. Such rows can be skipped "
                "with `--skip-bad` (on_bad='skip')."
            )
        if len(self._bad) < self._keep:
            self._bad.append(bad)

    def _count(self, dropped: Sequence[str]) -> None:
        for key in dropped:
            known = key in self._dropped or len(self._dropped) < _KEYS_COUNTED
            self._dropped[key if known else _OTHERS] += 1


def _of_format(each: Numbered, chosen: Format) -> SourceRow:
    """Return a source row of the format; raise Unconvertible for any other, LeftOut if it must not be learned."""
    if each.row is None:
        raise Unconvertible(each.reason)
    chosen.leave_out_marked(each.row)
    chosen.require(each.row)
    return each.row


def _convert(each: Numbered, chosen: Format, dropped: list[str], fast_path: FastPath) -> tuple[Row, bytes]:
    """Return the chat row of a source row, and its JSON line.

    Raises Unconvertible if the service would drop it, or end a job at it; LeftOut if it must not be learned.
    """
    given = _of_format(each, chosen)
    dropped += map(escape, chosen.unused(given))
    try:
        row = chosen.convert(given, dropped)
    except RecursionError as error:
        raise Unconvertible("the row is nested too deeply") from error
    line = _written(row)
    if fast_path.all_clean(LineBatch([line])):
        return row, line
    row = _loadable(row, line)
    bad = next(
        (problem for problem in judge_chat(row, None) if loses_row(problem.rule) or ends_job(problem.rule)), None
    )
    if bad is not None:
        column = reference_in(given) if bad.rule in {"chat-too-short", "chat-no-assistant"} else None
        more = "" if column is None else f"; {escape(column)} is for a grader, as in reinforcement fine-tuning (RFT)"
        raise Unconvertible(f"{bad.message}{more}")
    _refuse_parts(row)
    return row, _written(row)


def _refuse_parts(row: Row) -> None:
    """Raise Unconvertible for a turn whose content is not text, though its role may not be rendered."""
    messages = row["messages"]
    for number, turn in enumerate(messages if isinstance(messages, list) else [], start=1):
        if isinstance(turn, dict) and not isinstance(turn.get("content"), str):
            raise Unconvertible(f"the content of message {number} is {shown(turn.get('content'))}, not text")


def _written(row: Row) -> bytes:
    try:
        line = write_row(row) + b"\n"
    except UNREADABLE as error:
        raise Unconvertible(f"the row cannot be written as JSON: {escape(str(error))}") from error
    if len(line) > LONGEST + 1:
        raise Unconvertible(f"the row has {len(line) - 1} bytes; the limit is {LONGEST}")
    return line


def _loadable(row: Row, line: bytes) -> Row:
    """Return a row with what would end a job repaired, where nothing is lost by it."""
    messages = row["messages"]
    if isinstance(messages, list):
        row = {**row, "messages": fill_content(join_parts(messages)[0])[0]}
    return without_half_pairs(row) if SURROGATE.search(line) else row


def _refuse_columns(chosen: Format, source: Source) -> None:
    """Raise InvalidInput if the source is known to lack a mapped column."""
    missing = [column for column in chosen.columns if source.columns is not None and column not in source.columns]
    if missing:
        there = ", ".join(map(escape, source.columns or ()))
        raise InvalidInput(
            f"{source.name}: there is no column {' and '.join(map(escape, missing))}; the columns are {there}"
        )


def _listed(bad: Sequence[BadRow], unit: str) -> str:
    """Describe the first few bad rows in one line."""
    return "; ".join(f"{unit} {each.number}: {each.reason}" for each in bad[:3])
