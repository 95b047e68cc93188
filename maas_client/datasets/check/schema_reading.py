"""Counting the rows of a file under one schema."""

from __future__ import annotations

from collections import Counter

from ...catalog.model_facts import ModelFacts
from ..rows.chat import judge_chat
from ..rows.column_types import GrowingColumnTypes
from ..rows.schemas import CHAT, Problem, Row, Schema, alias_problem, judge_text, mismatch
from .fast_path import fast_path_for
from .findings import Counting
from .report import TaskReading
from .rules import FILTERED, loses_row
from .sequence_limit import Limit

COUNTED_ROLES = frozenset({"system", "user", "assistant", "tool", "developer", "function"})
"""Roles counted by name; all others count as "other"."""


class SchemaReading:
    """Counts rows and findings under one schema."""

    def __init__(self, schema: Schema, *, model: ModelFacts | None, limit: Limit | None, keep: int) -> None:
        self.schema, self._model, self._limit, self._counting = schema, model, limit, Counting(keep=keep)
        self._kept = 0
        self._roles: Counter[str] = Counter()
        self._types = GrowingColumnTypes()
        self._first: int | None = None
        self._loaded = 0
        self.fast_path = fast_path_for(schema, system=model is None or model.template.renders("system"))

    @property
    def knows_mismatches(self) -> bool:
        """Whether a further row without the columns would only be counted, not kept as a finding."""
        return self._counting.full("schema-mismatch")

    def judge(self, row: Row, *, line: int, byte: int, size: int, broken: Problem | None = None) -> bool:
        """Count a row of `size` bytes and its problems; return whether it has the schema's columns.

        `broken` is text in the row that the loader rejects; it does not load rows that the row filter drops.
        """
        if not self.schema.fits(row):
            problem = alias_problem(row, self.schema)
            if problem is None and self.knows_mismatches:
                self._counting.add("schema-mismatch", 1)
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
            self._count_roles(row)
        return True

    def add_types(self, row: Row, *, line: int, byte: int) -> None:
        """Record the column types of a clean row; all clean rows have the same."""
        self._types.add(row, line=line, byte=byte, loaded=self._loaded)

    def add_size(self, size: int) -> None:
        """Count the bytes of clean rows, which are loaded."""
        self._loaded += size

    def add_clean(self, rows: int, *, mine: bool) -> None:
        """Count clean rows of the schema that the file follows; under any other schema they lack its columns."""
        if mine:
            self._kept += rows
        elif rows:
            self._counting.add("schema-mismatch", rows)

    def result(self) -> TaskReading:
        """Return what has been counted so far."""
        roles = self._roles + self.fast_path.roles
        limit = None if self._limit is None else self._limit.tokens
        ordered = tuple(sorted(roles.items()))
        types = self._types.result()
        return TaskReading(
            self.schema, self._kept, self._counting.tallies(), ordered, limit, types, self._first, self._loaded
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

    def _count_roles(self, row: Row) -> None:
        messages = row["messages"] if self.schema is CHAT else []
        for message in messages if isinstance(messages, list) else []:
            role = str(message["role"]) if isinstance(message, dict) else ""
            self._roles[role if role in COUNTED_ROLES else "other"] += 1
