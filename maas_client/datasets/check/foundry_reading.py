"""Counting the rows of a file for one method of fine-tuning on Azure AI Foundry."""

from __future__ import annotations

from collections import Counter

from ...catalog.foundry_lookup import base_of_tuned, known_offer
from ...catalog.tuning_methods import TuningMethod
from ..foundry_rows.row_problems import pictured, problems_in, turns_of
from ..foundry_rows.schemas import GRADED, SCHEMAS, SUPERVISED, mismatch, resembles, schemas_of
from ..rows.schemas import CHAT, Problem, Row, Schema
from .fast_path import FastPath, fast_path_for
from .findings import Counting
from .foundry_rule_set import FOUNDRY
from .line_batch import LineBatch
from .row_shapes import ShapedRow
from .task_reading import TaskReading

_COUNTED = frozenset({"system", "user", "assistant", "tool", "developer", "function"})


def readings_for(method: TuningMethod | None, *, model: str | None, keep: int) -> list[FoundryReading]:
    """Return a reading for each method that a file may be for."""
    offer = None if model is None else known_offer(base_of_tuned(model) or model)
    sees = offer is None or offer.vision
    return [FoundryReading(schema, sees=sees, keep=keep) for schema in schemas_of(method, model=model)]


class FoundryReading:
    """Counts rows and findings under one schema; `sees` says whether the model sees images."""

    def __init__(self, schema: Schema, *, sees: bool, keep: int) -> None:
        self.schema, self._sees, self._counting = schema, sees, Counting(keep=keep)
        self._kept = self._pictured = 0
        self._roles: Counter[str] = Counter()
        self._first: int | None = None
        self._of_others = "graded-row-answered" if schema is GRADED else "schema-mismatch"
        self.fast_path: FastPath | None = fast_path_for(CHAT, system=True) if schema is SUPERVISED else None

    @property
    def knows_mismatches(self) -> bool:
        """Whether a further clean row for supervised fine-tuning would only be counted, not kept as a finding."""
        return self._counting.full(self._of_others)

    def judge(
        self,
        row: Row,
        *,
        line: int,
        byte: int,
        size: int,  # noqa: ARG002 -- a Reading
        broken: Problem | None = None,
    ) -> bool:
        """Count a row and its problems; return whether it was written for the method.

        `broken` is text in the row that is no text. The `size` of a row does not matter here.
        """
        if not self.schema.fits(row):
            if self._counting.full("schema-mismatch") and any(schema.fits(row) for schema in SCHEMAS):
                self._counting.add("schema-mismatch", line=line)
                return False
            self._counting.note(mismatch(row, self.schema), line=line, byte=byte)
            return False
        belongs = resembles(row, self.schema)
        if belongs and self._first is None:
            self._first = line
        where = pictured(row, self.schema)
        problems = self._reported(row, where)
        is_valid = not any(FOUNDRY.loses_row(problem.rule) for problem in problems)
        if is_valid:
            self._kept += 1
            self._pictured += bool(where)
            self._roles.update(map(_counted, turns_of(row, self.schema)))
        for problem in problems if broken is None or not is_valid else [broken, *problems]:
            self._counting.note(problem, line=line, byte=byte)
        return belongs

    def _reported(self, row: Row, pictured_at: str) -> list[Problem]:
        """Return the problems of a row: of an invalid one only the first that makes it invalid."""
        problems: dict[str, Problem] = {}
        for problem in problems_in(row, self.schema):
            if FOUNDRY.loses_row(problem.rule):
                return [problem]
            by_name = problem.rule in {"chat-key-ignored", "column-ignored"}
            problems.setdefault(f"{problem.rule} {problem.found}" if by_name else problem.rule, problem)
        if pictured_at and not self._sees:
            message = "the row has an image, which the model cannot see"
            return [Problem("chat-images-unseen", pictured_at, "image_url", message)]
        return [*problems.values()]

    def add_types(self, row: Row, *, line: int, byte: int) -> None:
        """Do nothing: no column needs one type."""

    def add_size(self, size: int) -> None:
        """Do nothing: no column has to appear early."""

    def add_clean(self, rows: int) -> None:
        """Count clean rows."""
        self._kept += rows

    def add_mismatches(self, first: int, last: int) -> None:
        """Count lines whose rows are clean ones for supervised fine-tuning."""
        self._counting.add_range(self._of_others, first, last)

    def shaped(self, batch: LineBatch) -> list[ShapedRow] | None:  # noqa: ARG002 -- a Reading
        """Return None: every row is judged by itself."""
        return None

    def add_shaped(self, row: ShapedRow, *, line: int, size: int) -> bool:  # noqa: ARG002 -- a Reading
        """Return False: no shape is known."""
        return False

    def remember(self, row: ShapedRow, *, line: int) -> None:
        """Do nothing: no shape is remembered."""

    def may_cut(self, size: int) -> bool:  # noqa: ARG002 -- a Reading
        """Return False: the context of Foundry's models is not known here."""
        return False

    def result(self) -> TaskReading:
        """Return what has been counted so far."""
        roles = self._roles + (self.fast_path.roles if self.fast_path is not None else Counter[str]())
        ordered = tuple(sorted(roles.items()))
        return TaskReading(
            self.schema, self._kept, self._counting.tallies(), ordered, first=self._first, pictured=self._pictured
        )


def _counted(turn: Row) -> str:
    role = str(turn.get("role"))
    return role if role in _COUNTED else "other"
