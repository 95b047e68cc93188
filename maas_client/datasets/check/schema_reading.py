"""Counting the rows of a file under one schema."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import msgspec

from ...catalog.model_facts import ModelFacts
from ..rows.chat import judge_chat
from ..rows.column_types import GrowingColumnTypes
from ..rows.lines import SURROGATE
from ..rows.schemas import CHAT, Problem, Row, Schema, alias_problem, judge_text, mismatch, other_tool_problem
from .fast_path import fast_path_for
from .findings import Counting
from .line_batch import LineBatch
from .row_shapes import RowShape, ShapedRow, shaped_rows
from .rules import FILTERED, ends_job, loses_row
from .sequence_limit import Limit
from .task_reading import TaskReading

COUNTED_ROLES = frozenset({"system", "user", "assistant", "tool", "developer", "function"})
"""Roles counted by name; all others count as "other"."""

_MOST_SHAPES = 2000
_MOST_TOOLS = 256


@dataclass(slots=True)
class _KnownShape:
    """A shape of rows: their problems and their turns by role, and how many further rows have it."""

    problems: tuple[Problem, ...]
    roles: Counter[str]
    count: int = 0


class SchemaReading:
    """Counts rows and findings under one schema."""

    def __init__(self, schema: Schema, *, model: ModelFacts | None, limit: Limit | None, keep: int) -> None:
        self.schema, self._model, self._limit, self._counting = schema, model, limit, Counting(keep=keep)
        self._kept = 0
        self._roles: Counter[str] = Counter()
        self._types = GrowingColumnTypes()
        self._first: int | None = None
        self._loaded = 0
        self._shapes: dict[tuple[RowShape, bool], _KnownShape] = {}
        self._latest: tuple[int, _KnownShape | None] = 0, None
        self._tools: set[bytes] = set()
        self.fast_path = fast_path_for(schema, system=model is None or model.template.renders("system"))

    @property
    def knows_mismatches(self) -> bool:
        """Whether a further row without the columns would only be counted, not kept as a finding."""
        return self._counting.full("schema-mismatch")

    def judge(self, row: Row, *, line: int, byte: int, size: int, broken: Problem | None = None) -> bool:
        """Count a row of `size` bytes and its problems; return whether it has the schema's columns.

        `broken` is text in the row that the loader rejects; it does not load rows that the row filter drops.
        """
        self._latest = line, None
        if not self.schema.fits(row):
            problem = alias_problem(row, self.schema) or other_tool_problem(row, self.schema)
            if problem is None and self.knows_mismatches:
                self._counting.add("schema-mismatch", line=line)
            else:
                self._counting.note(problem or mismatch(row, self.schema), line=line, byte=byte)
            return False
        self._first = self._first or line
        problems = self._problems(row, size)
        if not any(problem.rule in FILTERED for problem in problems):
            self._types.add(row, line=line, byte=byte, loaded=self._loaded)
            self._loaded += size + 1
            problems = [broken, *problems] if broken is not None else problems
        for problem in problems:
            self._counting.note(problem, line=line, byte=byte)
        if not any(loses_row(problem.rule) for problem in problems):
            self._kept += 1
            roles = _roles(row) if self.schema is CHAT else Counter[str]()
            self._roles += roles
            if not any(ends_job(problem.rule) for problem in problems):
                self._latest = line, _KnownShape(tuple(problems), roles)
        return True

    def add_types(self, row: Row, *, line: int, byte: int) -> None:
        """Record the column types of a clean row; all clean rows have the same."""
        self._types.add(row, line=line, byte=byte, loaded=self._loaded)

    def add_size(self, size: int) -> None:
        """Count the bytes of clean rows, which are loaded."""
        self._loaded += size

    def add_clean(self, rows: int) -> None:
        """Count clean rows."""
        self._kept += rows

    def add_mismatches(self, first: int, last: int) -> None:
        """Count lines whose rows lack this schema's columns, as they follow another."""
        self._counting.add_range("schema-mismatch", first, last)

    def shaped(self, batch: LineBatch) -> list[ShapedRow] | None:
        """Return the shapes of rows, if all of them are chat rows of which some may be known."""
        return shaped_rows(batch) if self.schema is CHAT else None

    def add_shaped(self, row: ShapedRow, *, line: int, size: int) -> bool:
        """Count a row of `size` bytes whose shape is known and whose findings would not be kept; else return False."""
        known = self._shapes.get((row.shape, bool(row.tools)))
        if known is None or any(map(self._counting.keeps, known.problems)) or not self._knows_tools(row.tools):
            return False
        known.count += 1
        for problem in known.problems:
            self._counting.add(problem.rule, line=line)
        self._loaded += size
        return True

    def remember(self, row: ShapedRow, *, line: int) -> None:
        """Remember the shape of the row of a line, if that row was judged last and is kept."""
        judged, known = self._latest
        if judged == line and known is not None and len(self._shapes) < _MOST_SHAPES:
            self._shapes.setdefault((row.shape, bool(row.tools)), known)

    def _knows_tools(self, tools: bytes) -> bool:
        """Return whether tool definitions have no type that was not seen before."""
        if not tools or tools in self._tools:
            return True
        try:
            value = msgspec.json.decode(tools)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if not value or SURROGATE.search(tools) or not self._types.knows({"tools": value}):
            return False
        if len(self._tools) >= _MOST_TOOLS:
            self._tools.clear()
        self._tools.add(tools)
        return True

    def result(self) -> TaskReading:
        """Return what has been counted so far."""
        roles = self._roles + self.fast_path.roles
        for known in self._shapes.values():
            roles += Counter({role: turns * known.count for role, turns in known.roles.items()})
        kept = self._kept + sum(known.count for known in self._shapes.values())
        limit = None if self._limit is None else self._limit.tokens
        ordered = tuple(sorted(roles.items()))
        types = self._types.result()
        return TaskReading(
            self.schema, kept, self._counting.tallies(), ordered, limit, types, self._first, self._loaded
        )

    def may_cut(self, size: int) -> bool:
        """Return whether a row of `size` bytes may exceed the maximum sequence length."""
        return self._limit is not None and self._limit.may_exceed(size)

    def _problems(self, row: Row, size: int) -> list[Problem]:
        problems = judge_chat(row, self._model) if self.schema is CHAT else judge_text(row, self.schema, self._model)
        if self._limit is None or not self.may_cut(size) or any(loses_row(problem.rule) for problem in problems):
            return problems
        cut = self._limit.judge(row)
        if cut is None:
            return problems
        return [cut] if loses_row(cut.rule) else [*problems, cut]


def _roles(row: Row) -> Counter[str]:
    messages = row["messages"]
    named = (message["role"] for message in messages if isinstance(message, dict)) if isinstance(messages, list) else ()
    return Counter(str(role) if role in COUNTED_ROLES else "other" for role in named)
