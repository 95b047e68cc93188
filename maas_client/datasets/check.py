"""The check: one pass over the bytes of a data set, in constant memory, into a report."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path

from pydantic_core import from_json

from ..model_facts import ModelFacts
from .excerpt import Json, escape, escape_bytes
from .findings import Counting
from .lines import BOM, is_piece, is_utf16, lone_surrogate, not_an_object, read_row
from .reading import OpenReading
from .report import Report, Role
from .rows import Problem, Row, Task, schemas

CHUNK = 256 * 1024
"""Bytes that are read, and split into lines, at a time."""

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes. Some ten times what fills a context of 131,072 tokens; a longer line is skipped and never held whole."""

_HEAD = 512


class Checker:
    """Reads a data set in chunks of any size and reports what the service would do with it.

    Rows are read for `task`, or for the task that the first fitting row was written for. `model` adds what its chat
    template leaves out. A `validation` file may be short. Of every rule the first `keep` findings are kept. `name`
    is the file's name, if its suffix is to be judged. `continues` says that these bytes are not the beginning of the
    file: a byte-order mark is none there. Lines of more than `longest` bytes are skipped.
    """

    def __init__(
        self,
        *,
        task: Task | None = None,
        model: ModelFacts | None = None,
        role: Role = "training",
        keep: int = 20,
        name: str | None = None,
        continues: bool = False,
        longest: int = LONGEST_LINE,
    ) -> None:
        self._task: Task | None = task
        self._role: Role = role
        self._model, self._keep, self._longest = model, keep, longest
        self._bytes = self._rows = self._pieces = self._clean_rows = 0
        self._offset = 0
        self._held, self._held_length = bytearray(), 0
        self._at_start = not continues
        self._opening = ""
        self._common = Counting(keep=keep)
        self._readings = [OpenReading(schema, model=model, keep=keep) for schema in schemas(task)]
        self._followed: OpenReading | None = None
        self._clean: Callable[[Json], bool] | None = None
        if name is not None and not name.endswith(".jsonl"):
            problem = Problem("suffix-not-jsonl", "", escape(name), "the file's name does not end in .jsonl")
            self._common.note(problem, line=None, byte=None)

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the file; lines may be cut anywhere."""
        self._bytes += len(data)
        step = min(CHUNK, self._longest)  # so that only a held line can be too long
        for start in range(0, len(data), step):
            lines = data[start : start + step].split(b"\n")
            rest = lines.pop()
            if lines and self._held_length:
                self._hold(lines[0])
                self._end_held_line()
                del lines[0]
            self._read_lines(lines)
            if rest:
                self._hold(rest)

    def finish(self) -> Report:
        """Return the report. The last line need not end with a line break."""
        if self._held_length:
            self._end_held_line()
        for reading in self._readings:
            reading.add_clean(self._clean_rows, mine=reading is self._followed)
        self._clean_rows = 0
        return Report(
            asked=self._task,
            model=None if self._model is None else self._model.name,
            role=self._role,
            keep=self._keep,
            bytes=self._bytes,
            rows=self._rows,
            opening=self._opening,
            pieces=self._pieces,
            common=self._common.tallies(),
            readings=tuple(reading.result() for reading in self._readings),
            followed=None if self._followed is None else self._followed.schema,
        )

    def _hold(self, piece: bytes) -> None:
        """Keep the beginning of a line whose end has not come; of a line that is too long, keep only its head."""
        self._held_length += len(piece)
        self._held += piece
        if self._held_length > self._longest:
            del self._held[_HEAD:]

    def _end_held_line(self) -> None:
        line, length = bytes(self._held), self._held_length
        self._held, self._held_length = bytearray(), 0
        if length <= self._longest:
            self._read_lines([line])
            return
        self._rows += 1
        head = self._open(line)
        if head is not None:
            self._lose(Problem("line-too-long", "", escape_bytes(head), f"the line has {length} bytes"))
        self._offset += length + 1

    def _read_lines(self, lines: list[bytes]) -> None:
        """Read whole lines. A clean row costs one parse and one look; whatever else comes is explained elsewhere."""
        clean = self._clean
        for line in lines:
            self._rows += 1
            if clean is None:
                self._explain(line)
                clean = self._clean
            else:
                try:
                    row: Json = from_json(line)
                except ValueError:
                    self._explain(line)
                else:
                    if clean(row):
                        self._clean_rows += 1
                    elif isinstance(row, dict):
                        self._judge(row)
                    else:
                        self._lose(not_an_object(row))
            self._offset += len(line) + 1

    def _open(self, line: bytes) -> bytes | None:
        """Take the byte-order mark off the file's first line, and note what opens the file; None if it is UTF-16."""
        first, self._at_start = self._at_start, False
        if first and is_utf16(line):
            self._lose(Problem("utf16", "", escape_bytes(line), "the file begins like UTF-16, not UTF-8"))
            return None
        if first and line.startswith(BOM):
            self._common.note(
                Problem("bom", "", "\\ufeff", "the file begins with a byte-order mark"), line=self._rows, byte=0
            )
            line = line.removeprefix(BOM)
        if not self._opening:
            self._opening = escape_bytes(line.strip()[:1])
        return line

    def _explain(self, line: bytes) -> None:
        """Read a line that is not known to be clean."""
        opened = self._open(line)
        if opened is None:
            return
        row = read_row(opened.removesuffix(b"\r"))
        if isinstance(row, Problem):
            self._pieces += row.rule == "json-invalid" and is_piece(opened)
            self._lose(row, shift=len(line) - len(opened))
            return
        broken = lone_surrogate(row)
        if broken is not None:
            self._common.note(broken, line=self._rows, byte=self._offset)
        self._judge(row)

    def _lose(self, problem: Problem, *, shift: int = 0) -> None:
        """Note that a line is no row at all, whatever the task."""
        self._common.note(problem, line=self._rows, byte=self._offset + shift + problem.at)

    def _judge(self, row: Row) -> None:
        """Judge a row under every schema that the file may follow."""
        for reading in self._readings:
            if reading.judge(row, line=self._rows, byte=self._offset) and self._followed is None:
                self._followed = reading
        followed = self._followed
        if followed is not None and all(each.knows_mismatches for each in self._readings if each is not followed):
            # From here a clean row only adds to counts: the findings about it under the others are kept already.
            self._clean = followed.clean


def check_file(
    path: str | PathLike[str],
    *,
    task: Task | None = None,
    model: ModelFacts | None = None,
    role: Role = "training",
    keep: int = 20,
) -> Report:
    """Check a file on disk as `Checker` does, its name included; OSError if it cannot be read."""
    name = Path(path).name
    checker = Checker(task=task, model=model, role=role, keep=keep, name=name)
    with Path(path).open("rb", buffering=0) as file:
        while data := file.read(CHUNK):
            checker.feed(data)
    return checker.finish()
