"""The dataset check: one pass over the bytes, in constant memory, that produces a report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from ...catalog.model_facts import ModelFacts
from ...catalog.tuning_methods import TuningMethod
from ...core.surfaces import Surface
from ..rows import special_tokens as markers
from ..rows.excerpt import escape, escape_bytes
from ..rows.file_kinds import file_problem
from ..rows.lines import BOM, SURROGATE, LineFeeds, is_piece, is_utf16, lone_surrogate, read_row
from ..rows.schemas import Problem, Row, Task, schemas
from ..tokens.counter_choice import LazyModelCounter
from .fast_path import FastPath
from .findings import Counting
from .line_batch import LineBatch
from .reading import Reading
from .report import CheckReport, Role
from .row_shapes import ShapedRow
from .rule_sets import rule_set
from .schema_reading import SchemaReading
from .secret_scan import SecretScan
from .sequence_limit import SEQUENCE_LENGTHS, Counter, Limit
from .statistics import GrowingStatistics, Note

CHUNK = 256 * 1024
"""Bytes read, split into lines and checked at once; small enough to stay in the CPU cache."""

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes: about ten times a full context of 131,072 tokens. Longer lines are skipped and never held in memory."""

_LONGEST_LINES: Mapping[Surface, int] = {"azureml": LONGEST_LINE, "foundry": 8 * LONGEST_LINE}
"""Rows of Foundry may have images in them."""

_HEAD = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """Options of a check.

    Rows are checked for `task`, by default the task that most rows fit. `model` adds what its chat template
    omits, and which rows are truncated at `max_seq_length` tokens (by default the pipeline's limit, never more than the
    model's context), as counted by `counter` (by default the model's tokenizer if it is on this machine, else an
    estimate). A `validation` file may be short. `survey` adds statistics on the rows as a set, and likely secrets;
    `personal` also looks for personal data. Only the first `keep` findings of each rule are kept. Lines of more than
    `longest` bytes (by default 8 MiB, for Foundry 64 MiB) are skipped.

    The rules are those of `surface`. Foundry's rows are checked for `method`, by default the one that most rows fit,
    and for `foundry_model`, which may not see images; `task`, `model` and tokens are Azure ML's.
    """

    task: Task | None = None
    model: ModelFacts | None = None
    role: Role = "training"
    max_seq_length: int | None = None
    counter: Counter | None = None
    survey: bool = True
    personal: bool = True
    keep: int = 20
    longest: int | None = None
    surface: Surface = "azureml"
    method: TuningMethod | None = None
    foundry_model: str | None = None

    @property
    def longest_line(self) -> int:
        """Bytes of the longest line that is read."""
        return self.longest or _LONGEST_LINES[self.surface]

    def readings(self) -> list[Reading]:
        """Return a new reading for each schema that a file may follow."""
        if self.surface != "azureml":
            from .foundry_reading import readings_for

            return [*readings_for(self.method, model=self.foundry_model, keep=self.keep)]
        return [
            SchemaReading(schema, model=self.model, limit=self.limit(schema.task), keep=self.keep)
            for schema in schemas(self.task)
        ]

    def limit(self, task: Task) -> Limit | None:
        """Return the maximum sequence length for rows of a task; None without a model."""
        if self.model is None:
            return None
        tokens = min(self.max_seq_length or SEQUENCE_LENGTHS[task], self.model.context_tokens)
        return Limit(tokens, self.counter or LazyModelCounter(self.model, task=self.task))

    def check(self, file: BinaryIO) -> CheckReport:
        """Check an open file from its beginning, and leave it at its end."""
        checker = self.checker()
        file.seek(0)
        while data := file.read(CHUNK):
            checker.feed(data)
        return checker.finish()

    def checker(self, *, name: str | None = None, continues: bool = False) -> Checker:
        """Return a checker for one file, or for a part of it.

        `name` is the file's name, if its suffix is to be checked. `continues` means that the bytes are not the start of
        the file, where a byte-order mark would be recognised.
        """
        return Checker(self, name=name, continues=continues)


class Checker:
    """Reads a dataset in chunks of any size and reports what the service would do with it."""

    def __init__(
        self, checking: CheckOptions | None = None, *, name: str | None = None, continues: bool = False
    ) -> None:
        self._asked = asked = checking or CheckOptions()
        self._longest = asked.longest_line
        self._bytes = self._rows = self._pieces = self._clean_rows = 0
        self._offset = 0
        self._held, self._held_length = bytearray(), 0
        self._line_feeds = LineFeeds()
        self._at_start = self._is_unknown = not continues
        self._opening = ""
        self._common = Counting(keep=asked.keep)
        self._readings = asked.readings()
        self._followed: Reading | None = None
        self._fast_path: FastPath | None = None
        self._survey = GrowingStatistics(leaks=SecretScan(personal=asked.personal)) if asked.survey else None
        if name is not None and not name.endswith(".jsonl") and "suffix-not-jsonl" in rule_set(asked.surface).rules:
            problem = Problem("suffix-not-jsonl", "", escape(name), "the file's name does not end in .jsonl")
            self._common.note(problem, line=None, byte=None)

    def feed(self, data: bytes | memoryview) -> None:
        """Check the next bytes of the file; chunks may end anywhere within a line."""
        self._bytes += len(data)
        step = min(CHUNK, self._longest)  # so only a line kept from earlier chunks can be too long
        if len(data) <= step:
            self._read_piece(self._line_feeds.feed(bytes(data)))
            return
        for start in range(0, len(data), step):
            self._read_piece(self._line_feeds.feed(bytes(data[start : start + step])))

    def finish(self) -> CheckReport:
        """Return the report; the last line does not need a line break."""
        self._read_piece(self._line_feeds.finish())
        if self._held_length:
            self._end_held_line()
        if self._followed is not None:
            self._followed.add_clean(self._clean_rows)
        self._clean_rows = 0
        asked = self._asked
        return CheckReport(
            asked=asked.task,
            model=asked.foundry_model if asked.model is None else asked.model.name,
            role=asked.role,
            keep=asked.keep,
            bytes=self._bytes,
            rows=self._rows,
            opening=self._opening,
            pieces=self._pieces,
            common=self._common.tallies(),
            readings=tuple(reading.result() for reading in self._readings),
            survey=None if self._survey is None else self._survey.result(),
            surface=asked.surface,
            asked_method=asked.method,
        )

    def _read(self, piece: bytes) -> None:
        """Check the lines that end within a chunk, and keep the start of the one that does not."""
        lines = BytesIO(piece).readlines()  # three times as fast as split(), and keeps line ends
        rest = b"" if piece.endswith(b"\n") else lines.pop()
        if lines and self._held_length + len(lines[0]) > self._longest:
            self._hold(lines.pop(0))
            self._end_held_line()
        elif lines and self._held_length:
            lines[0] = bytes(self._held) + lines[0]
            self._held, self._held_length = bytearray(), 0
        if lines:
            self._read_lines(LineBatch(lines, piece))
        if rest:
            self._hold(rest)

    def _read_piece(self, piece: bytes) -> None:
        """Read bytes in which every line ends with a line feed; record where a carriage return stood for it."""
        line, counted = self._rows + 1, 0
        for place in self._line_feeds.places:
            line, counted = line + piece.count(b"\n", counted, place), place
            problem = Problem("lone-carriage-return", "", "\\r", "a carriage return without a line feed ends the line")
            self._common.note(problem, line=line, byte=self._offset + self._held_length + place)
        if piece:
            self._read(piece)

    def _hold(self, piece: bytes) -> None:
        """Keep the start of an incomplete line; of a line that is too long, only the first bytes."""
        self._held_length += len(piece)
        self._held += piece
        if self._held_length > self._longest + 1:
            del self._held[_HEAD:]

    def _end_held_line(self) -> None:
        line, length = bytes(self._held), self._held_length
        self._held, self._held_length = bytearray(), 0
        if length - line.endswith(b"\n") <= self._longest:
            self._read_lines(LineBatch([line]))
            return
        self._rows += 1
        head = self._start_file(line)
        if head is not None:
            self._drop_line(
                Problem("line-too-long", "", escape_bytes(head), f"the line has more than {self._longest} bytes")
            )
        self._offset += length

    def _read_lines(self, batch: LineBatch) -> None:
        """Check complete lines, one by one until the schema is known."""
        lines = batch.lines
        if self._survey is not None:
            self._survey.add(batch, note=self._recorder(lines))
        if batch.has(b"\r"):
            self._note_returns(lines)
        for index, line in enumerate(lines):
            if self._fast_path is not None:
                self._check_batch(self._fast_path, LineBatch(lines[index:]) if index else batch)
                return
            self._check_line(line)

    def _check_batch(self, fast_path: FastPath, batch: LineBatch) -> None:
        """Count clean rows in bulk; find the others and check them one by one."""
        lines = batch.lines
        if not self._is_suspicious(batch) and fast_path.all_clean(batch):
            size = sum(map(len, lines))
            if self._survey is not None:
                self._survey.add_rows(batch, line=self._rows + 1)
            if not self._clean_rows and self._followed is not None:
                first: Row = json.loads(lines[0])
                self._followed.add_types(first, line=self._rows + 1, byte=self._offset)
            if self._followed is not None:
                self._followed.add_size(size + (not lines[-1].endswith(b"\n")))
            self._clean_rows += len(lines)
            self._rows += len(lines)
            self._offset += size
            self._add_mismatches(len(lines))
        elif len(lines) == 1:
            self._check_line(lines[0])
        elif self._followed is not None and (rows := self._followed.shaped(batch)) is not None:
            self._check_shapes(self._followed, batch, rows)
        else:
            for half in batch.halves():
                self._check_batch(fast_path, half)

    def _check_shapes(self, followed: Reading, batch: LineBatch, rows: list[ShapedRow]) -> None:
        """Count the rows whose shape is known, and check the others one by one."""
        known: list[bytes] = []
        for line, row in zip(batch.lines, rows, strict=True):
            size = len(line) + (not line.endswith(b"\n"))
            if not self._may_have_more(line) and followed.add_shaped(row, line=self._rows + 1, size=size):
                known.append(line)
                self._rows += 1
                self._offset += len(line)
                continue
            self._add_known(known)
            known.clear()
            self._check_line(line)
            followed.remember(row, line=self._rows)
        self._add_known(known)

    def _add_known(self, lines: list[bytes]) -> None:
        """Add the rows that were counted last to what is known of the whole file."""
        if not lines:
            return
        if self._survey is not None:
            self._survey.add_rows(LineBatch(lines), line=self._rows + 1 - len(lines))
        self._add_mismatches(len(lines))

    def _add_mismatches(self, rows: int) -> None:
        """Count the last rows as mismatches under every schema but the one that the file follows."""
        for reading in self._readings:
            if reading is not self._followed:
                reading.add_mismatches(self._rows + 1 - rows, self._rows)

    def _may_have_more(self, line: bytes) -> bool:
        """Return whether a row may have a special token in its text, or be truncated."""
        is_long = self._asked.model is not None and self._followed is not None and self._followed.may_cut(len(line))
        return is_long or markers.HINT in line

    def _is_suspicious(self, batch: LineBatch) -> bool:
        """Return whether any of these rows may have a problem that the fast path cannot see."""
        followed = self._followed
        if followed is not None and self._asked.model is not None and followed.may_cut(max(map(len, batch.lines))):
            return True
        return batch.has(markers.HINT)

    def _recorder(self, lines: Sequence[bytes]) -> Note:
        """Return a callback that records a problem in one of the next lines."""

        passed = size = 0

        def note(index: int, problem: Problem) -> None:
            nonlocal passed, size
            if index < passed:
                passed = size = 0
            size += sum(map(len, lines[passed:index]))  # continue after the last problem: each line is measured once
            passed = index
            self._common.note(problem, line=self._rows + index + 1, byte=self._offset + size)

        return note

    def _note_returns(self, lines: Sequence[bytes]) -> None:
        """Count lines that end with a carriage return and keep a finding for the first."""
        found = [index for index, line in enumerate(lines) if line.endswith(b"\r\n")]
        for index in found[:1]:
            self._recorder(lines)(index, Problem("crlf", "", "\\r\\n", "the line ends with a carriage return"))
        for index in found[1:]:
            self._common.add("crlf", line=self._rows + index + 1)

    def _start_file(self, line: bytes) -> bytes | None:
        """Strip the byte-order mark from the first line and record the file's first character; None for UTF-16."""
        first, self._at_start = self._at_start, False
        if self._is_unknown and line.strip():
            self._is_unknown = False
            if (kind := file_problem(line)) is not None:
                self._common.note(kind, line=None, byte=None)
        if first and is_utf16(line):
            self._drop_line(Problem("utf16", "", escape_bytes(line), "the file starts like UTF-16, not UTF-8"))
            return None
        if first and line.startswith(BOM):
            self._common.note(
                Problem("bom", "", "\\ufeff", "the file starts with a byte-order mark"), line=self._rows, byte=0
            )
            line = line.removeprefix(BOM)
        if not self._opening:
            self._opening = escape_bytes(line.strip()[:1])
        return line

    def _check_line(self, line: bytes) -> None:
        """Check a line that is not known to be clean."""
        self._rows += 1
        bare = line.removesuffix(b"\n")
        opened = self._start_file(bare)
        if opened is not None:
            self._check_decoded(bare, opened)
        self._offset += len(line)

    def _check_decoded(self, line: bytes, opened: bytes) -> None:
        """Check a UTF-8 line without its byte-order mark."""
        row = read_row(opened.removesuffix(b"\r"))
        if isinstance(row, Problem):
            self._pieces += row.rule == "json-invalid" and is_piece(opened)
            self._drop_line(row, shift=len(line) - len(opened))
            return
        if self._survey is not None:
            self._survey.add_rows(LineBatch([opened]), line=self._rows)
        broken = lone_surrogate(row) if SURROGATE.search(line) else None
        self._judge(row, len(opened), broken)

    def _drop_line(self, problem: Problem, *, shift: int = 0) -> None:
        """Record a line that is not a row for any task."""
        self._common.note(problem, line=self._rows, byte=self._offset + shift + problem.at)

    def _judge(self, row: Row, size: int, broken: Problem | None) -> None:
        """Check a row of `size` bytes against every schema that the file may follow; `broken` is text in it."""
        for reading in self._readings:
            fits = reading.judge(row, line=self._rows, byte=self._offset, size=size, broken=broken)
            if fits and self._followed is None:
                self._followed = reading
        followed = self._followed
        if followed is not None and all(each.knows_mismatches for each in self._readings if each is not followed):
            # From here on a clean row only adds to counts: its findings under the other schemas are already kept.
            self._fast_path = followed.fast_path
